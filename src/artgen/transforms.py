"""Movements of a picture as a whole: jitter, by rolling or with a mirror at every edge."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["jitter", "pull_back", "shift"]


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


def pull_back(gradient: Tensor, by: tuple[int, int], *, wraps: bool = False) -> Tensor:
    """The gradient with respect to what `shift` moved, from that with respect to what it made."""
    for axis, length in zip((2, 3), by, strict=True):
        if length:
            places = _places(gradient.shape[axis], length, wraps).to(gradient.device)
            gradient = torch.zeros_like(gradient).index_add_(axis, places, gradient)
    return gradient


def _places(length: int, by: int, wraps: bool) -> Tensor:
    """Where each position comes from, once moved by so many."""
    places = (torch.arange(length) - by) % (length if wraps else 2 * length)
    return torch.where(places < length, places, 2 * length - 1 - places)
