"""Whole runs: seconds until our total loss is that of the plain loop after 500 L-BFGS iterations.

    python benchmarks/bench_settle.py

Same network (slim), terms, weights, photo and painting (our own), 512 px, float32, both from the
photo. Ours goes from coarse to fine and is there once its total loss at the full size is no higher
than the plain loop's last one, and its content loss neither.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from bench_speed import CONTENT, VARIATION, plain
from machine import machine
from torch import Tensor

from artgen import images
from artgen.core.events import Step
from artgen.losses.content import content_term
from artgen.losses.evaluate import evaluate
from artgen.losses.regularization import variation_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import all_networks
from artgen.ops.resize import fit, resample
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale, pyramid
from artgen.optim.stepper import Stepper

ROOT = Path(__file__).parents[1]


def pulls(extractor: FeatureExtractor, photo: Tensor, painting: Tensor) -> list[Term]:
    """The three terms; the painting as large as the photo."""
    style, content = (extractor.role(role).layers for role in ("style", "content"))
    targets = style_moments(extractor, [painting], [1.0], tuple(style))
    return [
        style_term(targets, style, "gram", 1.0),
        content_term(extractor, photo, content, CONTENT),
        variation_term(VARIATION),
    ]


def judged(extractor: FeatureExtractor, made: Sequence[Term], picture: Tensor) -> Tensor:
    """Total and content loss of a picture in [0, 1]."""
    losses, total, _ = evaluate(picture.clamp(0, 1), extractor, made)
    return torch.stack([total, losses["content"]])


def theirs(
    extractor: FeatureExtractor, photo: Tensor, painting: Tensor, count: int
) -> tuple[float, Tensor]:
    """Seconds of the plain loop, and the losses of what it made."""
    loop = plain(extractor, photo, painting)
    began = time.perf_counter()
    for _ in range(count):
        loop.step()
    took = time.perf_counter() - began
    made = pulls(extractor, photo, painting)
    return took, judged(extractor, made, loop.picture.detach())


def ours(
    extractor: FeatureExtractor, photo: Tensor, painting: Tensor, wanted: Tensor, count: int
) -> tuple[float | None, Tensor, int]:
    """Seconds until the losses are no higher than those wanted, the last losses, the iteration."""
    size = (photo.shape[-2], photo.shape[-1])

    def at(scale: Scale, tile: int | None, _: Tensor) -> list[Term]:
        small = (resample(picture, scale.size).clamp(0, 1) for picture in (photo, painting))
        return pulls(extractor, *small)

    began = time.perf_counter()
    events = optimise(
        Pixels(resample(photo, pyramid(size, count)[0].size).clamp(0, 1)),
        extractor,
        pyramid(size, count),
        at,
        Stepper("lbfgs"),
    )
    found = torch.full((2,), torch.inf)
    for step in events:
        if isinstance(step, Step) and step.scale == size:
            content = step.losses["content"]
            found = torch.stack([torch.stack(list(step.losses.values())).sum(), content])
            if bool((found <= wanted).all()):
                return time.perf_counter() - began, found, step.index
    return None, found, count


def main() -> None:
    """Prints both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path, default=ROOT / "examples" / "frog.jpg")
    parser.add_argument("--painting", type=Path, default=ROOT / "styles" / "starry.jpg")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--plain-iterations", type=int, default=500)
    parser.add_argument("--iterations", type=int, default=250)
    options = parser.parse_args()
    extractor = FeatureExtractor(all_networks().get("slim"), padding="zero")
    photo = images.load(options.photo).picture
    size = fit((photo.shape[-2], photo.shape[-1]), options.size)
    photo = resample(photo, size).clamp(0, 1).contiguous()
    painting = resample(images.load(options.painting).picture, size).clamp(0, 1).contiguous()
    print(machine())
    count = options.plain_iterations
    slow, wanted = theirs(extractor, photo, painting, count)
    print(
        f"plain  {slow:7.1f} s, {count} iterations: loss {wanted[0]:.4f}, content {wanted[1]:.4f}"
    )
    quick, found, index = ours(extractor, photo, painting, wanted, options.iterations)
    if quick is None:
        print(f"ours   not there after {index} iterations: {found[0]:.4f}, {found[1]:.4f}")
        return
    print(f"ours   {quick:7.1f} s, {index} iterations: loss {found[0]:.4f}, content {found[1]:.4f}")
    print(f"ratio  {quick / slow:.3f}")


if __name__ == "__main__":
    main()
