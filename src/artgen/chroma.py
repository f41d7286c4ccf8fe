"""Luma and chroma: a picture in the colours of another, place by place."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["luma", "recoloured"]

LUMA = (0.299, 0.587, 0.114)  # Y of YIQ (NTSC 1953; ITU-R BT.601), of values as they are stored


def luma(picture: Tensor) -> Tensor:
    """Y of YIQ, (1, 1, H, W), of a picture (1, 3, H, W)."""
    weights = picture.new_tensor(LUMA).view(1, 3, 1, 1)
    return (picture * weights).sum(1, keepdim=True)


@torch.no_grad()
def recoloured(picture: Tensor, photo: Tensor) -> Tensor:
    """The picture's luma Y with the photo's chroma I and Q, both (1, 3, H, W), in the gamut.

    As in Gatys et al. 2017, Controlling Perceptual Factors, section 5.2 (luminance-only transfer).
    Where a colour so bright or dark is none, it is greyed until it is one: hue and luma stay.
    """
    grey = luma(picture)
    chroma = photo - luma(photo)  # I and Q in RGB: the difference from the grey of the same luma
    room = torch.where(chroma > 0, 1 - grey, grey) / chroma.abs().clamp(min=1e-6)
    share = room.amin(1, keepdim=True).clamp(0, 1)
    return (grey + share * chroma).clamp(0, 1)
