"""A picture made tileable by cross-fading its opposite edges."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.reductions import full_mean

__all__ = ["seamless"]

FADED = 8  # a picture's side over the width of the strip that is cross-faded
STEP = 2.0  # difference at a seam over that of neighbours, up to which there is none
FLAT = 1e-3  # least difference of neighbours: a quarter of an 8-bit step


@torch.no_grad()
def seamless(picture: Tensor) -> Tensor:
    """A picture (1, C, H, W) made tileable, an eighth shorter along each axis on which it was not.

    The strip at one edge is cross-faded with the strip at the opposite edge, which is cut off. An
    axis that is seamless already stays as it is: cross-fading would double its forms.
    """
    for axis in (2, 3):
        if _seam(picture, axis) > STEP:
            picture = _faded(picture, axis)
    return picture


def _seam(picture: Tensor, axis: int) -> float:
    """Mean difference of opposite edges, over the mean difference of neighbours along the axis."""
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
