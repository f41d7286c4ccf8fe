"""Seconds of one L-BFGS iteration, ours against the plain loop, in pairs; the ratio counts.

    python benchmarks/bench_speed.py
    python benchmarks/bench_speed.py --net slim --size 512 --pairs 7 --device cuda

An iteration is one evaluation of loss and gradient and one move, for both. Same network, same
terms (Gram losses at five layers, content at one, variation), same picture. Random weights will do.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from machine import finished, machine, seeded
from reference import PlainLoop, content_loss, gram_loss
from torch import Tensor

from artgen.core.events import Step
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import style_moments, style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.style import Style

CONTENT, VARIATION = Style.content_weight, Style.tv_weight


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
    finished(device)
    began = time.perf_counter()
    for _ in range(count):
        step()
    finished(device)
    return (time.perf_counter() - began) / count


@dataclass(frozen=True)
class Compared:
    """Seconds of an iteration, ours and the plain loop's, in pairs."""

    pairs: Sequence[tuple[float, float]]

    def __str__(self) -> str:
        mine, theirs = (statistics.median(column) for column in zip(*self.pairs, strict=True))
        ratios = [a / b for a, b in self.pairs]
        digits = max(3, 2 - math.floor(math.log10(mine)))  # three of them count
        return (
            f"ours {mine:.{digits}f} s, plain {theirs:.{digits}f} s: "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


@dataclass(frozen=True)
class Race:
    """Our loop and the plain one, at the same picture on the same device."""

    ours: Callable[[], object]
    plain: Callable[[], object]
    device: torch.device

    @classmethod
    def of(cls, spec: NetworkSpec, file: Path | None, size: int, runtime: Runtime) -> Race:
        """Both with the same network, on noise `size` px long, and set up by two steps."""
        exact, quick = (
            FeatureExtractor(spec, padding="zero", file=file).to(runtime.torch_device)
            for _ in range(2)
        )
        quick.half_precision(runtime.dtype)
        generator = torch.Generator().manual_seed(0)
        photo, painting = (
            torch.rand(1, 3, 3 * size // 4, size, generator=generator).to(runtime.torch_device)
            for _ in range(2)
        )
        run, loop = ours(quick, photo, painting), plain(exact, photo, painting)
        race = cls(lambda: next(run), loop.step, runtime.torch_device)
        race.pair(2)
        return race

    def pair(self, count: int) -> tuple[float, float]:
        """Seconds of one of `count` steps, ours and the plain loop's."""
        mine = seconds(self.ours, self.device, count)
        return mine, seconds(self.plain, self.device, count)

    def run(self, pairs: int, count: int, until: float = math.inf) -> Compared:
        """So many pairs, fewer where time.perf_counter() comes to `until`; one at least."""
        found = [self.pair(count)]
        while len(found) < pairs and time.perf_counter() < until:
            found.append(self.pair(count))
        return Compared(found)


def compare(network: str, size: int, pairs: int, count: int, device: str, precision: str) -> str:
    """One line: the medians of both, and of the ratio within pairs."""
    runtime = Runtime(device, precision)
    found = Race.of(seeded(network), None, size, runtime).run(pairs, count)
    return f"{network:12} {size:5} px  {runtime.precision_name:9} {found}"


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
