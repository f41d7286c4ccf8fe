"""Measures the lattice that a network's strides leave in flat places of a picture.

    python benchmarks/lattice.py PHOTO PAINTED [PHOTO PAINTED ...]

Places are windows of 64 px in which the photo is flat: its deviation in 8 x 8 px is below 2/255, in
the median. Of the painted picture in all of them the power spectrum is summed; the *lattice* is the
mean power where both frequencies are multiples of 1/8 of a cycle a pixel, over the mean power of
their neighbourhoods, 2 to 3 bins away. It is about 1 where nothing recurs every 2, 4 or 8 px.
"""

from __future__ import annotations

import argparse
import math
import statistics
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images
from artgen.ops.resize import resize

__all__ = ["lattice"]

WINDOW, STEP, CELL = 64, 16, 8  # px
FLAT = 2 / 255
FEWEST = 8  # windows: the power of fewer is chance
EVERY = WINDOW // 8  # bins from one frequency of the lattice to the next
NEAR, FAR = 2, 3  # bins: a window's own spectrum is narrower


def _windows(picture: Tensor) -> Tensor:
    """(1, C, H, W) as windows (N, C, 64, 64), one every 16 px."""
    cut = picture.unfold(2, WINDOW, STEP).unfold(3, WINDOW, STEP)
    return cut[0].flatten(1, 2).transpose(0, 1)


def _flat(photo: Tensor) -> Tensor:
    """Which windows are flat, (N,)."""
    grey = _windows(photo.mean(1, keepdim=True))
    cells = F.unfold(grey, CELL, stride=CELL)  # (N, 64, cells)
    return cells.std(1).median(1).values < FLAT


def _spectrum(windows: Tensor) -> Tensor:
    """Mean power (64, 64) of grey windows (N, 64, 64), less their means, with Hann's window."""
    hann = torch.hann_window(WINDOW, periodic=True)
    still = windows - windows.mean((1, 2), keepdim=True)
    return torch.fft.fft2(still * hann[:, None] * hann).abs().square().mean(0)


def lattice(picture: Tensor, photo: Tensor) -> float | None:
    """The lattice of a picture (1, 3, H, W) where the photo, of its size, is flat; see above.

    None where the photo has next to no flat place.
    """
    flat = _flat(photo)
    if int(flat.sum()) < FEWEST:
        return None
    power = _spectrum(_windows(picture.mean(1, keepdim=True))[flat, 0])
    bins = torch.arange(WINDOW)
    bins = torch.minimum(bins, WINDOW - bins)
    off = torch.minimum(bins % EVERY, EVERY - bins % EVERY)  # bins to the next multiple
    apart = torch.maximum(off[:, None], off[None])
    low = torch.maximum(bins[:, None], bins[None]) < EVERY - FAR  # the picture's own large forms
    on = (apart == 0) & ~low
    around = (apart >= NEAR) & (apart <= FAR) & ~low
    return float(power[on].mean() / power[around].mean())


def main() -> None:
    """Prints a line for each pair, and the median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", type=Path, nargs="+")
    files = parser.parse_args().files
    found = []
    for photo, painted in list(pairwise(files))[::2]:
        made = images.load(painted).picture
        value = lattice(made, resize(images.load(photo).picture, tuple(made.shape[-2:])))
        print(f"{painted.name:40} " + ("flat nowhere" if value is None else f"{value:.3f}"))
        found += [] if value is None else [value]
    print(f"median {statistics.median(found) if found else math.nan:.3f}")


if __name__ == "__main__":
    main()
