"""Conversion between pictures (1, C, H, W) and the samples (H, W, C) of files and libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from artgen.ops.arrays import STRIP, Array, of_samples

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["to_bytes", "to_floats", "to_samples", "to_tensor"]


def to_tensor(samples: NDArray[Any]) -> Tensor:
    """Samples (H, W) or (H, W, C), uint8 or uint16, to float32 (1, C, H, W) in [0, 1].

    Floats stay what they are.
    """
    import torch

    return torch.from_numpy(of_samples(samples))


def to_samples(picture: Tensor | Array, bits: int = 8) -> NDArray[Any]:
    """(1, C, H, W) in [0, 1] to the nearest samples (H, W, C) of 8 or 16 bits; NaN is black."""
    channels, height, width = picture.shape[1:]
    samples: NDArray[Any] = np.empty(
        (height, width, channels), np.uint8 if bits == 8 else np.uint16
    )
    for row in range(0, height, STRIP):
        strip = to_floats(picture[:, :, row : row + STRIP])
        strip *= 2**bits - 1
        samples[row : row + STRIP] = np.rint(strip, out=strip)
    return samples


def to_floats(picture: Tensor | Array) -> Array:
    """(1, C, H, W) in [0, 1] to float32 samples (H, W, C); NaN is black."""
    if picture.ndim != 4 or picture.shape[0] != 1:
        raise ValueError(f"a picture is (1, C, H, W), not {tuple(picture.shape)}")
    if not isinstance(picture, np.ndarray):
        # float32, for bfloat16 has no 8 bits of mantissa, and numpy has no bfloat16.
        picture = picture.detach().float().cpu().numpy()
    clean = np.fmin(np.fmax(picture[0], 0), 1)  # of a number and NaN they return the number
    planes: Array = np.ascontiguousarray(np.moveaxis(clean, 0, 2), dtype=np.float32)
    return planes


def to_bytes(picture: Tensor | Array) -> NDArray[np.uint8]:
    """A picture (1, C, H, W) in [0, 1] as uint8 samples (H, W, C)."""
    return to_samples(picture)
