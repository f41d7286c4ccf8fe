"""A picture made to go on at its opposite edges, by fading one edge into the other."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.reductions import full_mean

__all__ = ["seamless"]

FADED = 8  # a picture's side over the strip in which one edge fades into the other
STEP = 2.0  # how many times a seam may differ more than neighbours do, and still be none
FLAT = 1e-3  # difference of neighbours, a quarter of an 8-bit step, below which there is no picture


@torch.no_grad()
def seamless(picture: Tensor) -> Tensor:
    """A picture (1, C, H, W) whose opposite edges fit, an eighth shorter where they did not.

    The strip at an edge becomes a mixture of itself and of the one at the opposite edge, which is
    cut off. What is seamless already stays as it is: fading would double its forms.
    """
    for axis in (2, 3):
        if _seam(picture, axis) > STEP:
            picture = _faded(picture, axis)
    return picture


def _seam(picture: Tensor, axis: int) -> float:
    """How much an edge differs from the opposite one, in differences of neighbours."""
    length = picture.shape[axis]
    edge = full_mean((picture.narrow(axis, 0, 1) - picture.narrow(axis, length - 1, 1)).abs())
    usual = full_mean(picture.diff(dim=axis).abs()) if length > 1 else edge
    return float(edge / usual.clamp(min=FLAT))


def _faded(picture: Tensor, axis: int) -> Tensor:
    length = picture.shape[axis]
    strip = length // FADED
    head, tail = picture.narrow(axis, 0, strip), picture.narrow(axis, length - strip, strip)
    share = (torch.arange(strip, device=picture.device) + 0.5) / max(strip, 1)
    share = share.view([-1 if dim == axis else 1 for dim in range(4)])
    middle = picture.narrow(axis, strip, length - 2 * strip)
    return torch.cat([tail.lerp(head, share), middle], axis)
