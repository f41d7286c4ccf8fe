"""Colour transfer: chroma position by position, or mean and covariance of all colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from artgen.ops import arrays
from artgen.ops.arrays import LUMA, TINY
from artgen.ops.resize import Pixels

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["from_light", "luma", "matched", "recoloured", "to_light"]

LACKING = 1e-3  # singular values below this share of the largest are 0


def to_light(picture: Tensor) -> Tensor:
    """Values (1, 3, H, W) in sRGB as linear light (IEC 61966-2-1)."""
    import torch

    return torch.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)


def from_light(light: Tensor) -> Tensor:
    """Linear light (1, 3, H, W) as values in sRGB, in [0, 1]."""
    import torch

    curve = 1.055 * light.clamp(min=TINY) ** (1 / 2.4) - 0.055
    return torch.where(light <= 0.0031308, light * 12.92, curve).clamp(0, 1)


def luma(picture: Tensor) -> Tensor:
    """Y of YIQ, (1, 1, H, W), of a picture (1, 3, H, W)."""
    weights = picture.new_tensor(LUMA).view(1, 3, 1, 1)
    return (picture * weights).sum(1, keepdim=True)


def recoloured(picture: Pixels, photo: Pixels) -> Pixels:
    """The picture's luma Y with the photo's chroma I and Q; all (1, 3, H, W) in [0, 1].

    As in Gatys et al. 2017, Controlling Perceptual Factors, section 5.2 (luminance-only transfer).
    Colours outside [0, 1] are desaturated until they lie inside; hue and luma stay.
    """
    if isinstance(picture, np.ndarray):
        return arrays.recoloured(picture, photo)
    import torch

    picture, photo = picture.detach(), photo.detach()
    grey = luma(picture)
    chroma = photo - luma(photo)  # I and Q in RGB: the difference from the grey of the same luma
    room = torch.where(chroma > 0, 1 - grey, grey) / chroma.abs().clamp(min=TINY)
    share = room.amin(1, keepdim=True).clamp(0, 1)
    return (grey + share * chroma).clamp(0, 1)


def matched(picture: Tensor, sample: Tensor) -> Tensor:
    """A picture (1, 3, H, W) with the mean and covariance of the colours of a sample (1, 3, h, w).

    Gatys et al. 2017, Controlling Perceptual Factors, section 5.1, with the covariances' symmetric
    root (their "image analogies" choice): the linear map that changes colours least. In sRGB.
    """
    from artgen.ops.reductions import pinv

    picture, sample = picture.detach(), sample.detach()
    colours = picture[0].flatten(1).double()  # (3, H*W)
    (mean, root), (wanted, wanted_root) = (_palette(one) for one in (picture, sample))
    # Few colours make a singular covariance: directions without variance get none.
    turned = wanted_root @ pinv(root, LACKING)
    found = turned @ (colours - mean[:, None]) + wanted[:, None]
    moved: Tensor = found.view(picture.shape).to(picture).clamp(0, 1)
    return moved


def _palette(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and the symmetric root (3, 3) of the covariance of a picture's colours."""
    import torch

    from artgen.ops.numerics import square_root

    colours = picture[0].flatten(1).double()
    mean = colours.mean(1)
    return mean, square_root(colours @ colours.T / colours.shape[1] - torch.outer(mean, mean))
