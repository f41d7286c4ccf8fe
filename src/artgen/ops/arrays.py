"""Pictures as NumPy arrays, for what needs no torch: samples, resizing, colour.

A picture is (1, 3, H, W) in float32 here too. `samples.py`, `resize.py` and `color.py` do the same
for tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "fit", "luma", "of_samples", "on_mean", "recoloured", "resized"]

Array = NDArray[np.float32]
LUMA = (0.299, 0.587, 0.114)  # Y of YIQ (NTSC 1953; ITU-R BT.601), of values as they are stored
# Least divisor, where one may be 0. All other divisors are far larger: energies
# of features, ranges of colours (an 8-bit step squared is 1.5e-5).
TINY = 1e-8
STRIP = 256  # rows that are worked on at once
CUBIC = -0.5  # the slope of the cubic kernel (Keys 1981), as of torch's and Pillow's
REACH = 2  # samples, of the same
BLOCK = 16  # positions whose sums are made by one product


def of_samples(samples: NDArray[Any]) -> Array:
    """Samples (H, W) or (H, W, C), uint8 or uint16, as float32 (1, C, H, W) in [0, 1].

    Floats stay what they are.
    """
    planes = np.moveaxis(samples if samples.ndim == 3 else samples[..., None], 2, 0)
    scaled = np.ascontiguousarray(planes, dtype=np.float32)
    if samples.dtype.kind != "f":
        scaled /= np.iinfo(samples.dtype).max
    return scaled[None]


def fit(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """The size (H, W) with this long side and the same aspect ratio, at least 1 px each way."""
    height, width = size
    longest = max(size)
    return (
        max(1, round(height * long_side / longest)),
        max(1, round(width * long_side / longest)),
    )


def luma(picture: Array) -> Array:
    """Y of YIQ, (1, 1, H, W), of a picture (1, 3, H, W)."""
    weights = np.array(LUMA, np.float32).reshape(1, 3, 1, 1)
    grey: Array = (picture * weights).sum(1, keepdims=True)
    return grey


def recoloured(picture: Array, photo: Array) -> Array:
    """The picture's luma Y with the photo's chroma I and Q: the twin of color.recoloured."""
    grey = luma(picture)
    chroma = photo - luma(photo)
    room = np.where(chroma > 0, 1 - grey, grey) / np.maximum(np.abs(chroma), TINY)
    share = room.min(1, keepdims=True).clip(0, 1)
    found: Array = np.clip(grey + share * chroma, 0, 1)
    return found


def on_mean(picture: Array, alpha: Array) -> Array:
    """A picture (1, 3, H, W) laid on its own mean colour, weighted by alpha (1, 1, H, W).

    The picture itself is changed, in strips: one of hundreds of megapixels takes no more memory.
    """
    strips = [slice(row, row + STRIP) for row in range(0, picture.shape[2], STRIP)]
    seen = sum(
        (picture[:, :, one] * alpha[:, :, one]).sum((2, 3), dtype=np.float64) for one in strips
    )
    cover = alpha.sum(dtype=np.float64)
    # Nothing is visible: white.
    mean = (seen / cover if cover else np.ones((1, 3))).astype(np.float32)[..., None, None]
    for one in strips:
        part = mean + alpha[:, :, one] * (picture[:, :, one] - mean)
        np.clip(part, 0, 1, out=picture[:, :, one])
    return picture


def resized(picture: Array, size: tuple[int, int]) -> Array:
    """A picture or its alpha (1, C, h, w) resized to (1, C, H, W), antialiased, in [0, 1].

    Bicubic, with a kernel as wide as the samples of the coarser side are apart.
    """
    if picture.shape[-2:] == tuple(size):
        return picture
    made = picture[0]
    for axis in (0, 1):
        if made.shape[axis + 1] != size[axis]:
            made = _resampled(made, size[axis], axis)
    whole: Array = np.clip(made, 0, 1)[None]
    return whole


def _resampled(planes: Array, length: int, axis: int) -> Array:
    """Planes (C, h, w) resampled along rows (axis 0) or columns (1) to a length."""
    before = planes.shape[axis + 1]
    scale = before / length
    wide = max(scale, 1.0)
    shape = (planes.shape[0], length, planes.shape[2]) if axis == 0 else (*planes.shape[:2], length)
    found = np.empty(shape, np.float32)
    for first in range(0, length, BLOCK):
        last = min(first + BLOCK, length)
        centres = (np.arange(first, last) + 0.5) * scale
        low = max(int(centres[0] - REACH * wide + 0.5), 0)
        high = min(int(centres[-1] + REACH * wide + 0.5), before)
        weights = _cubic((np.arange(low, high) + 0.5 - centres[:, None]) / wide)
        weights /= weights.sum(1, keepdims=True)
        near = weights.astype(np.float32)
        if axis == 0:
            found[:, first:last] = near @ planes[:, low:high]
        else:
            found[..., first:last] = planes[..., low:high] @ near.T
    return found


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic kernel."""
    x = np.abs(x)
    near = ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * CUBIC
    return np.where(x < 1, near, np.where(x < REACH, far, 0.0))
