"""Seconds of one L-BFGS iteration, ours against the plain loop, in pairs; the ratio counts.

    python benchmarks/bench_speed.py
    python benchmarks/bench_speed.py --net slim --size 512 --pairs 7 --device cuda

An iteration is one evaluation of loss and gradient and one move, for both. Same network, same
terms (Gram losses at five layers, content at one, variation), same picture. Random weights will do.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from machine import machine, seeded
from reference import PlainLoop, content_loss, gram_loss
from torch import Tensor

from artgen.core.events import Step
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import style_moments, style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime

CONTENT, VARIATION = 0.08, 4.0


def ours(extractor: FeatureExtractor, photo: Tensor, painting: Tensor) -> Iterator[Step]:
    """Our loop, endless."""
    style, content = (extractor.role(role).layers for role in ("style", "content"))
    targets = style_moments(extractor, [painting], [1.0], tuple(style))
    pulls = [
        style_term(targets, style, "gram", 1.0),
        content_term(extractor, photo, content, CONTENT),
        variation_term(VARIATION),
    ]
    size = (photo.shape[-2], photo.shape[-1])
    events = optimise(
        Pixels(photo), extractor, [Scale(size, 10**6)], lambda *_: pulls, Stepper("lbfgs")
    )
    return (event for event in events if isinstance(event, Step))


def plain(extractor: FeatureExtractor, photo: Tensor, painting: Tensor) -> PlainLoop:
    """The tutorial's loop on the same network with the same losses."""
    style, content = (extractor.role(role).layers for role in ("style", "content"))
    losses: dict[str, list[Callable[[Tensor], Tensor]]] = {}
    with torch.no_grad():
        wanted, kept = extractor(painting, style), extractor(photo, content)
    for layer, weight in style.items():
        share = weight / sum(style.values())
        losses.setdefault(layer, []).append(gram_loss(wanted[layer].contiguous(), share))
    for layer, weight in content.items():
        share = CONTENT * weight / sum(content.values())
        losses.setdefault(layer, []).append(content_loss(kept[layer].contiguous(), share))
    chain = extractor.spec.build()
    chain.load_state_dict(extractor.chain.state_dict())
    chain.to(photo.device, memory_format=torch.contiguous_format).requires_grad_(False).eval()
    return PlainLoop(chain, extractor.mean, extractor.std, losses, photo, VARIATION)


def seconds(step: Callable[[], object], device: torch.device, count: int) -> float:
    """Of one of `count` steps."""
    began = time.perf_counter()
    for _ in range(count):
        step()
    if device.type != "cpu":
        torch.accelerator.synchronize()
    return (time.perf_counter() - began) / count


def compare(network: str, size: int, pairs: int, count: int, device: str, precision: str) -> str:
    """One line: the medians of both, and of the ratio within pairs."""
    runtime = Runtime(device, precision)
    exact = FeatureExtractor(seeded(network), padding="zero").to(runtime.torch_device)
    quick = FeatureExtractor(seeded(network), padding="zero").to(runtime.torch_device)
    quick.half_precision(runtime.dtype)
    generator = torch.Generator().manual_seed(0)
    photo, painting = (
        torch.rand(1, 3, 3 * size // 4, size, generator=generator).to(runtime.torch_device)
        for _ in range(2)
    )
    run, loop = ours(quick, photo, painting), plain(exact, photo, painting)
    for step in (lambda: next(run), loop.step):  # the first ones set things up
        seconds(step, runtime.torch_device, 2)
    found = []
    for _ in range(pairs):
        a = seconds(lambda: next(run), runtime.torch_device, count)
        b = seconds(loop.step, runtime.torch_device, count)
        found.append((a, b, a / b))
    mine, theirs, ratio = (statistics.median(column) for column in zip(*found, strict=True))
    spread = f"{min(r for *_, r in found):.2f} to {max(r for *_, r in found):.2f}"
    return (
        f"{network:12} {size:5} px  {runtime.precision_name:9} ours {mine:7.3f} s"
        f"  plain {theirs:7.3f} s  ratio {ratio:.2f} ({spread})"
    )


def main() -> None:
    """Prints the machine, and one line for each network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", action="append", help="slim and vgg19 if not given")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--count", type=int, default=2, help="iterations of each in a pair")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    print(machine())
    for network in options.net or ["slim", "vgg19"]:
        line = compare(
            network,
            options.size,
            options.pairs,
            options.count,
            options.device,
            options.precision,
        )
        print(line, flush=True)


if __name__ == "__main__":
    main()
