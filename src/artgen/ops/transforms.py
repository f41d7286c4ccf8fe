"""Geometric transforms of a picture: shift, rotation, zoom."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["RandomTransforms", "jitter", "shift", "turned"]


def jitter(most: int, generator: torch.Generator) -> tuple[int, int]:
    """A random shift (rows, columns), each from -most to most pixels."""
    down, right = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    return down, right


def shift(picture: Tensor, by: tuple[int, int], *, wraps: bool = False) -> Tensor:
    """A picture (1, C, H, W) shifted down and right by (rows, columns) px.

    If it wraps round, what leaves at one edge enters at the opposite one (google/deepdream rolls
    every picture, and so dreams of the seam); otherwise it is continued by its mirror image.
    """
    for axis, length in zip((2, 3), by, strict=True):
        if length:
            places = _places(picture.shape[axis], length, wraps)
            picture = picture.index_select(axis, places.to(picture.device))
    return picture


def turned(picture: Tensor, degrees: float, zoom: float, mode: str = "bilinear") -> Tensor:
    """A picture (1, C, H, W) rotated anticlockwise about its centre and enlarged `zoom` times.

    It is continued by its mirror image beyond its border.
    """
    angle = math.radians(degrees)
    across, up = math.cos(angle) / zoom, math.sin(angle) / zoom
    ratio = picture.shape[-2] / picture.shape[-1]  # affine_grid's axes both run from -1 to 1
    matrix = picture.new_tensor([[across, -up * ratio, 0], [up / ratio, across, 0]])
    grid = F.affine_grid(matrix[None], list(picture.shape), align_corners=False)
    return F.grid_sample(picture, grid, mode, "reflection", align_corners=False)


@dataclass(frozen=True)
class RandomTransforms:
    """Random transforms before each evaluation, so that what is optimised is robust to them.

    Olah, Mordvintsev & Schubert 2017: what survives such transforms is no high-frequency noise.

    Attributes:
        jitter: largest shift in pixels, up, down, left and right.
        zoom: largest share by which it grows or shrinks.
        rotate: largest angle in degrees, to either side.
    """

    jitter: int = 0
    zoom: float = 0.0
    rotate: float = 0.0

    def draw(self, generator: torch.Generator) -> Callable[[Tensor], Tensor]:
        """Draws one transform of pictures (1, C, H, W) to the same shape; shifts wrap round."""
        by = jitter(self.jitter, generator)
        dice = (2 * torch.rand(2, generator=generator) - 1).tolist()
        degrees, zoom = self.rotate * dice[0], 1 + self.zoom * dice[1]

        def moved(picture: Tensor) -> Tensor:
            picture = shift(picture, by, wraps=True)
            return turned(picture, degrees, zoom) if self.rotate or self.zoom else picture

        return moved


def _places(length: int, by: int, wraps: bool) -> Tensor:
    """Source index (length,) of each position after a shift."""
    places = (torch.arange(length) - by) % (length if wraps else 2 * length)
    return torch.where(places < length, places, 2 * length - 1 - places)
