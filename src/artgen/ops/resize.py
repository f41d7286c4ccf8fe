"""Resizing of pictures and maps, without aliasing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from artgen.ops.arrays import Array, fit, resized

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["fit", "resample", "resize", "shortened", "taps"]

Pixels = TypeVar("Pixels", "Tensor", "Array")
MARGIN = 4  # samples of the coarser size by which a wrapping picture is padded


def resample(
    tensor: Tensor, size: tuple[int, int], mode: str = "bicubic", *, wraps: bool = False
) -> Tensor:
    """A tensor (1, C, h, w) resized to (1, C, H, W), without aliasing.

    One that wraps round still does so afterwards: beyond each edge lies the opposite one.
    """
    if tensor.shape[-2:] == size:
        return tensor
    from torch.nn.functional import interpolate

    if wraps:
        for axis in (2, 3):
            tensor = _resample_round(tensor, size[axis - 2], axis, mode)
        return tensor
    return interpolate(tensor, size, mode=mode, antialias=True, align_corners=False)


def taps(length: int, target: int, start: int, stop: int) -> tuple[int, Tensor]:
    """A part of a reduction by `resample`, along one axis, as a matrix.

    Bicubic, widened by the factor of the reduction (Keys, Cubic Convolution Interpolation for
    Digital Image Processing, 1981, with a = -1/2).

    Args:
        length: samples before.
        target: samples afterwards, no more than that.
        start, stop: the first and last + 1 of those that are wanted.

    Returns:
        The first sample that is needed, and the weights (stop - start, n), in float64, of the n
        from there on.
    """
    import torch

    scale = length / target
    centres = (torch.arange(start, stop, dtype=torch.float64) + 0.5) * scale
    begins = (centres - 2 * scale + 0.5).long().clamp(min=0)
    ends = (centres + 2 * scale + 0.5).long().clamp(max=length)
    first = int(begins[0])
    places = torch.arange(first, int(ends[-1]))
    x = ((places + 0.5 - centres[:, None]) / scale).abs()
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = torch.where(x < 1, near, far * (x < 2))
    weights *= (places >= begins[:, None]) & (places < ends[:, None])
    needed = weights.any(0).nonzero()
    first, weights = first + int(needed[0]), weights[:, int(needed[0]) : int(needed[-1]) + 1]
    return first, weights / weights.sum(1, keepdim=True)


def shortened(picture: Tensor, side: int) -> Tensor:
    """A picture (1, 3, h, w) resized so that its short side has `side` px, in [0, 1]."""
    factor = side / min(picture.shape[-2:])
    height, width = (max(round(length * factor), 1) for length in picture.shape[-2:])
    return resample(picture, (height, width)).clamp(0, 1)


def _resample_round(tensor: Tensor, length: int, axis: int, mode: str) -> Tensor:
    """Resamples one axis of a wrapping tensor (1, C, h, w), padded circularly at both ends.

    The padding is a whole number of samples at both sizes: otherwise the grid would be shifted.
    """
    import torch
    from torch.nn.functional import interpolate

    before = tensor.shape[axis]
    shared = math.gcd(before, length)
    steps = -(-MARGIN * shared // min(before, length))
    margin, cut = steps * before // shared, steps * length // shared
    places = torch.arange(-margin, before + margin, device=tensor.device) % before
    size = list(tensor.shape[-2:])
    size[axis - 2] = length + 2 * cut
    longer = tensor.index_select(axis, places)
    made = interpolate(longer, size, mode=mode, antialias=True, align_corners=False)
    return made.narrow(axis, cut, length)


def resize(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture or its alpha (1, C, h, w) resized to (1, C, H, W), antialiased, in [0, 1]."""
    if tuple(picture.shape[-2:]) == tuple(size):
        return picture
    if isinstance(picture, np.ndarray):
        return resized(picture, size)
    return resample(picture, size).clamp(0, 1)  # bicubic overshoots at edges
