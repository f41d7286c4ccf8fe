"""Movements of a picture as a whole: shifts, and turns with a change of scale."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["jitter", "shift", "turn", "wobble"]


def jitter(most: int, generator: torch.Generator) -> tuple[int, int]:
    """A shift (rows, columns), each from -most to most pixels."""
    down, right = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    return down, right


def shift(picture: Tensor, by: tuple[int, int], *, wraps: bool = False) -> Tensor:
    """A picture (1, C, H, W) moved down and right.

    What comes in is what left at the other side, if it wraps round (google/deepdream rolls every
    picture, and so dreams of the seam); otherwise its own mirror image.
    """
    for axis, length in zip((2, 3), by, strict=True):
        if length:
            places = _places(picture.shape[axis], length, wraps)
            picture = picture.index_select(axis, places.to(picture.device))
    return picture


def wobble(most: float, generator: torch.Generator) -> float:
    """A number from -most to most."""
    return most * (2 * float(torch.rand((), generator=generator, dtype=torch.float64)) - 1)


def turn(picture: Tensor, degrees: float, factor: float, mode: str = "bilinear") -> Tensor:
    """A picture (1, C, H, W) turned about its middle, against the clock, and `factor` as large.

    Its size stays; what comes in at the edges is its mirror image.
    """
    height, width = picture.shape[-2:]
    angle = math.radians(degrees)
    cos, sin = math.cos(angle) / factor, math.sin(angle) / factor
    # In units of half the picture's sides, as affine_grid counts.
    rows = [[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]]
    grid = F.affine_grid(picture.new_tensor(rows)[None], list(picture.shape), align_corners=False)
    return F.grid_sample(picture, grid, mode, "reflection", align_corners=False)


def _places(length: int, by: int, wraps: bool) -> Tensor:
    """Where each position comes from, once moved by so many."""
    places = (torch.arange(length) - by) % (length if wraps else 2 * length)
    return torch.where(places < length, places, 2 * length - 1 - places)
