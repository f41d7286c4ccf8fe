"""Conversion between tensors (1, C, H, W) and the samples (H, W, C) of files and libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["to_bytes", "to_floats", "to_samples", "to_tensor"]


def to_tensor(samples: NDArray[Any]) -> Tensor:
    """Samples (H, W) or (H, W, C), uint8 or uint16, to float32 (1, C, H, W) in [0, 1].

    Floats stay what they are.
    """
    planes = np.moveaxis(samples if samples.ndim == 3 else samples[..., None], 2, 0)
    scaled = np.ascontiguousarray(planes, dtype=np.float32)
    if samples.dtype.kind != "f":
        scaled /= np.iinfo(samples.dtype).max
    return torch.from_numpy(scaled)[None]


def to_samples(picture: Tensor, bits: int = 8) -> NDArray[Any]:
    """(1, C, H, W) in [0, 1] to the nearest samples (H, W, C) of 8 or 16 bits; NaN is black."""
    planes = to_floats(picture) * (2**bits - 1)
    samples: NDArray[Any] = np.rint(planes).astype(np.uint8 if bits == 8 else np.uint16)
    return samples


def to_floats(picture: Tensor) -> NDArray[np.float32]:
    """(1, C, H, W) in [0, 1] to float32 samples (H, W, C); NaN is black."""
    if picture.ndim != 4 or picture.shape[0] != 1:
        raise ValueError(f"a picture is (1, C, H, W), not {tuple(picture.shape)}")
    # float32, for bfloat16 has no 8 bits of mantissa, and numpy has no bfloat16.
    clean = picture.detach().to("cpu", torch.float32).nan_to_num(0).clamp(0, 1)
    planes: NDArray[np.float32] = clean[0].permute(1, 2, 0).contiguous().numpy()
    return planes


def to_bytes(picture: Tensor) -> NDArray[np.uint8]:
    """A picture (1, C, H, W) in [0, 1] as uint8 samples (H, W, C)."""
    return to_samples(picture)
