"""Orientation: along what angle the lines of a picture run, from its structure tensor.

Bigün & Granlund, Optimal Orientation Detection of Linear Symmetry, ICCV 1987: squared gradients as
complex numbers, averaged, so that opposite gradients agree and those at right angles cancel.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.color import luma
from artgen.ops.numerics import TINY
from artgen.ops.reductions import full_sum
from artgen.ops.resize import resample, shortened

__all__ = ["coherence", "direction", "doubled_angles", "flow_of"]

WIDER, WEAKER = 5, 0.125  # Gaussians, each twice as wide, by which a flow goes on between lines
COARSE = 256  # px of the shorter side
FIRST = 64  # of the shorter side is the first one's deviation


def coherence(picture: Tensor) -> float:
    """How much the lines of a picture (1, 3, H, W) have one direction: 0 for none, 1 for all."""
    squared = _squared(picture)
    total = torch.stack([full_sum(one) for one in squared[0]]).norm()
    return float(total / full_sum(squared.norm(dim=1)).clamp(min=TINY))


def direction(picture: Tensor) -> float:
    """Twice the angle of most lines of a picture (1, 3, H, W), in radians."""
    across, down = (-float(full_sum(one)) for one in _squared(picture)[0])
    return math.atan2(down, across)


def flow_of(picture: Tensor) -> Tensor:
    """Cosine and sine (1, 2, H, W) of twice the angle of the lines about each place.

    Where there are none, of those further away. It is computed at no more than COARSE px.
    """
    size = picture.shape[-2], picture.shape[-1]
    squared = -_squared(shortened(picture, min(COARSE, *size)))
    deviation, total = max(min(squared.shape[-2:]) / FIRST, 1.0), torch.zeros_like(squared)
    for step in range(WIDER):
        total = total + WEAKER**step * _blurred(squared, deviation * 2**step)
    found: Tensor = resample(total, size)
    length: Tensor = found.norm(dim=1, keepdim=True)
    return found / length.clamp(min=TINY)


def doubled_angles(picture: Tensor, deviation: float) -> Tensor:
    """The cosine and sine (1, 2, H, W) of twice the angle of a picture's lines, times coherence.

    Angles are from the x axis to the y axis, which points down.

    Args:
        picture: (1, 3, H, W).
        deviation: of the Gaussian over which gradients are averaged, in px.
    """
    squared = _squared(picture)
    several = torch.cat([-squared, squared.norm(dim=1, keepdim=True)], 1)
    several = _blurred(several, deviation)
    return several[:, :2] / several[:, 2:].clamp(min=TINY)


def _squared(picture: Tensor) -> Tensor:
    """Squares (1, 2, H, W) of the gradients as complex numbers: twice the angle."""
    grey = F.pad(luma(picture), (1, 1, 1, 1), mode="replicate")
    down = grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]
    across = grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2]
    return torch.cat([across.square() - down.square(), 2 * across * down], 1)


def _blurred(maps: Tensor, deviation: float) -> Tensor:
    """Maps (1, C, H, W) under a Gaussian, continued by their edges."""
    reach = max(round(3 * deviation), 1)
    x = torch.arange(-reach, reach + 1).to(maps)
    kernel = torch.exp(-0.5 * (x / deviation).square())
    kernel = (kernel / kernel.sum()).view(1, 1, -1).repeat(maps.shape[1], 1, 1)
    maps = F.pad(maps, (reach,) * 4, mode="replicate")
    maps = F.conv2d(maps, kernel[:, :, :, None], groups=maps.shape[1])
    return F.conv2d(maps, kernel[:, :, None, :], groups=maps.shape[1])
