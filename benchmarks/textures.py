"""Judges textures by networks that did not make them, and counts what is copied.

    python benchmarks/textures.py --weights DIR --samples DIR
    python benchmarks/textures.py --weights DIR --size 256 --set loss=gram --out sheet.png

`--weights` is a folder with the judges: VGG-19 as far as conv3_1 and SqueezeNet 1.1, as
training/slim's teachers. `style` is the distance of a texture's Gram matrices from the sample's,
the mean over VGG-19's relu1_1, 2_1, 3_1 and SqueezeNet's 7 and 10, on a scale on which a random
half of the sample is 0 and noise of its colours is 1. `copied` is the share of the texture's
patches of 32 px with more than median contrast that correlate above 0.95 with any patch of the
sample, each channel about its own mean: a texture, not a quilt, has at most 1 %. `alike` is the
share of patches of the sample's own left half that are to be found so in its right half. `far` is
texture_sheet.py's: how much of the autocorrelation at 16 to 96 px is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from machine import machine
from style_sheet import _value
from texture_sheet import DRAWN, far, make
from torch import Tensor

from artgen import images
from artgen.techniques.texture import palette
from artgen.techniques.texture.palette import Palette

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "training" / "slim"))
from teachers import Teachers  # noqa: E402

JUDGES = ("vgg19/relu1_1", "vgg19/relu2_1", "vgg19/relu3_1", "squeezenet/7", "squeezenet/10")
CROPS, HALF = 4, 0.7  # random pieces of a sample, and their sides over its own: half its area
PATCH, STEP, ALIKE = 32, 16, 0.95


class Judge:
    """The distance of a picture from a sample, layer by layer."""

    def __init__(self, weights: Path, sample: Tensor) -> None:
        self.teachers = Teachers(weights)
        self.goal = self._grams(sample)
        generator = torch.Generator().manual_seed(0)
        crops = [self._distances(crop(sample, generator)) for _ in range(CROPS)]
        self.near = [statistics.mean(layer) for layer in zip(*crops, strict=True)]
        size = (sample.shape[-2], sample.shape[-1])
        noise = palette.noise(size, Palette.of([sample], [1.0]), generator)
        self.noise = self._distances(noise)

    def score(self, picture: Tensor) -> float:
        """0 for a piece of the sample, 1 for noise of its colours."""
        layers = zip(self._distances(picture), self.near, self.noise, strict=True)
        return statistics.mean((here - near) / (noise - near) for here, near, noise in layers)

    def _grams(self, picture: Tensor) -> list[Tensor]:
        seen = self.teachers(picture)
        rows = [seen[layer][0].flatten(1) for layer in JUDGES]
        return [x @ x.T / x.shape[1] for x in rows]

    def _distances(self, picture: Tensor) -> list[float]:
        several = zip(self._grams(picture), self.goal, strict=True)
        return [float((here - goal).norm() / goal.norm()) for here, goal in several]


def crop(sample: Tensor, generator: torch.Generator) -> Tensor:
    """A random piece of half the area."""
    height, width = (round(HALF * side) for side in sample.shape[-2:])
    top, left = (
        int(torch.randint(side - piece + 1, (), generator=generator))
        for side, piece in zip(sample.shape[-2:], (height, width), strict=True)
    )
    return sample[..., top : top + height, left : left + width]


def copied(picture: Tensor, sample: Tensor) -> float:
    """The share of patches that are to be found in the sample.

    Correlations are of the deviations from each channel's own mean, summed over the channels, as
    OpenCV's TM_CCOEFF_NORMED has them: else any two patches of one blue would be the same patch.
    """
    patches = F.unfold(picture, PATCH, stride=STEP)[0].T.reshape(-1, 3, PATCH, PATCH)
    patches = patches - patches.mean((2, 3), keepdim=True)
    contrast = patches.flatten(1).norm(dim=1)
    kernels = patches[contrast > contrast.median()]
    kernels = kernels / kernels.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    sums, squares = (F.avg_pool2d(x.double(), PATCH, 1) for x in (sample, sample.square()))
    energy = (squares - sums.square()).clamp(min=1e-9).sum(1, keepdim=True).sqrt() * PATCH
    size, (rows, columns) = sample.shape[-2:], energy.shape[-2:]
    seen, found = torch.fft.rfft2(sample.double()), []
    for some in kernels.double().split(32):
        products = (seen * torch.fft.rfft2(some, size).conj()).sum(1)
        correlations = torch.fft.irfft2(products, size)[:, :rows, :columns] / energy[:, 0]
        found.append(correlations.amax((1, 2)))
    return float((torch.cat(found) > ALIKE).float().mean())


def alike(sample: Tensor) -> float:
    """The share of patches of its left half that are to be found in its right half."""
    left, right = sample.tensor_split(2, 3)
    return copied(left, right)


def main() -> None:
    """Prints a line for each sample, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--samples", type=Path, help="a folder of pictures, beside those drawn")
    parser.add_argument("--only", default="", help="names, with commas")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--out", type=Path, help="a sheet of samples and textures")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    changes = {"size": str(given.size)}
    changes |= {name: _value(text) for name, _, text in (x.partition("=") for x in given.set)}
    samples = {name: draw() for name, draw in DRAWN.items()}
    for path in sorted(given.samples.iterdir()) if given.samples else []:
        samples[path.stem] = images.load(path).picture
    print(machine())
    rows = []
    for name, sample in samples.items():
        if given.only and name not in given.only.split(","):
            continue
        made, seconds = make(sample, changes)
        score = Judge(given.weights, sample).score(made)
        print(
            f"{name:14} style {score:6.3f}  copied {100 * copied(made, sample):5.1f} %  "
            f"alike {100 * alike(sample):5.1f} %  "
            f"far {far(sample, made):.2f}  {seconds:6.1f} s",
            flush=True,
        )
        seen = sample[..., : given.size, : given.size]
        room = (0, given.size - seen.shape[3], 0, given.size - seen.shape[2])
        rows.append(torch.cat([F.pad(seen, room, value=1.0), made], 3))
        if given.out:
            images.save(torch.cat(rows, 2), given.out)


if __name__ == "__main__":
    main()
