"""Colour transfer: chroma position by position, or mean and covariance of all colours."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.numerics import TINY, square_root
from artgen.ops.reductions import pinv

__all__ = ["luma", "matched", "recoloured"]

LUMA = (0.299, 0.587, 0.114)  # Y of YIQ (NTSC 1953; ITU-R BT.601), of values as they are stored
STRIP = 256  # rows that are worked on at once
LACKING = 1e-3  # singular values below this share of the largest are 0


def on_mean(picture: Tensor, alpha: Tensor) -> Tensor:
    """A picture (1, 3, H, W) laid on its own mean colour, weighted by alpha (1, 1, H, W).

    The picture itself is changed, in strips: one of hundreds of megapixels takes no more memory.
    """
    strips = list(zip(torch.split(picture, STRIP, 2), torch.split(alpha, STRIP, 2), strict=True))
    # One buffer for all strips: memory allocated for each would be given back in pieces.
    buffer = alpha.new_empty((1, 4, STRIP, alpha.shape[3]), dtype=torch.float64)
    total = buffer.new_zeros((1, 4, 1, 1))
    for one, part in strips:
        here = buffer[:, :, : part.shape[2]]
        torch.mul(one, part, out=here[:, :3])
        here[:, 3:].copy_(part)
        total += here.sum((2, 3), keepdim=True)
    mean = (total[:, :3] / total[:, 3:]).nan_to_num(1).float()  # nothing is visible: white
    for one, part in strips:
        torch.lerp(mean.expand_as(one), one, part, out=one).clamp_(0, 1)
    return picture


def luma(picture: Tensor) -> Tensor:
    """Y of YIQ, (1, 1, H, W), of a picture (1, 3, H, W)."""
    weights = picture.new_tensor(LUMA).view(1, 3, 1, 1)
    return (picture * weights).sum(1, keepdim=True)


@torch.no_grad()
def recoloured(picture: Tensor, photo: Tensor) -> Tensor:
    """The picture's luma Y with the photo's chroma I and Q; all (1, 3, H, W) in [0, 1].

    As in Gatys et al. 2017, Controlling Perceptual Factors, section 5.2 (luminance-only transfer).
    Colours outside [0, 1] are desaturated until they lie inside; hue and luma stay.
    """
    grey = luma(picture)
    chroma = photo - luma(photo)  # I and Q in RGB: the difference from the grey of the same luma
    room = torch.where(chroma > 0, 1 - grey, grey) / chroma.abs().clamp(min=TINY)
    share = room.amin(1, keepdim=True).clamp(0, 1)
    return (grey + share * chroma).clamp(0, 1)


@torch.no_grad()
def matched(picture: Tensor, sample: Tensor) -> Tensor:
    """A picture (1, 3, H, W) with the mean and covariance of the colours of a sample (1, 3, h, w).

    Gatys et al. 2017, Controlling Perceptual Factors, section 5.1, with the covariances' symmetric
    root (their "image analogies" choice): the linear map that changes colours least. In sRGB.
    """
    colours = picture[0].flatten(1).double()  # (3, H*W)
    (mean, root), (wanted, wanted_root) = (_palette(one) for one in (picture, sample))
    # Few colours make a singular covariance: directions without variance get none.
    turned = wanted_root @ pinv(root, LACKING)
    found = turned @ (colours - mean[:, None]) + wanted[:, None]
    moved: Tensor = found.view(picture.shape).to(picture).clamp(0, 1)
    return moved


def _palette(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and the symmetric root (3, 3) of the covariance of a picture's colours."""
    colours = picture[0].flatten(1).double()
    mean = colours.mean(1)
    return mean, square_root(colours @ colours.T / colours.shape[1] - torch.outer(mean, mean))
