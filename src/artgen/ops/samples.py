"""Between tensors and samples, and between sizes: nothing here knows of files."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["fit", "resize", "to_bytes", "to_samples", "to_tensor"]


def fit(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """The size (H, W) with this longer side and the same aspect, nowhere under one pixel."""
    height, width = size
    longest = max(size)
    return (
        max(1, round(height * long_side / longest)),
        max(1, round(width * long_side / longest)),
    )


def resize(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture or an alpha channel (1, C, H, W) at another size (H, W), antialiased, in [0, 1]."""
    if tuple(picture.shape[-2:]) == tuple(size):
        return picture
    scaled = F.interpolate(picture, size, mode="bicubic", antialias=True, align_corners=False)
    return scaled.clamp(0, 1)  # bicubic overshoots at edges


def to_tensor(samples: NDArray[Any]) -> Tensor:
    """Samples (H, W) or (H, W, C), uint8 or uint16, to float32 (1, C, H, W) in [0, 1]."""
    planes = np.moveaxis(samples.reshape(*samples.shape[:2], -1), 2, 0)
    scaled = np.ascontiguousarray(planes, dtype=np.float32)
    scaled /= np.iinfo(samples.dtype).max
    return torch.from_numpy(scaled)[None]


def to_samples(picture: Tensor, bits: int = 8) -> NDArray[Any]:
    """(1, C, H, W) to the nearest samples (H, W, C); what is no number becomes black."""
    if picture.ndim != 4 or picture.shape[0] != 1:
        raise ValueError(f"a picture is (1, C, H, W), not {tuple(picture.shape)}")
    top = 2**bits - 1
    # float32, for bfloat16 has no 8 bits of mantissa, and numpy has no bfloat16.
    clean = picture.detach().to("cpu", torch.float32).nan_to_num(0).clamp(0, 1)
    planes = clean[0].mul(top).round_().permute(1, 2, 0).contiguous().numpy()
    samples: NDArray[Any] = planes.astype(np.uint8 if bits == 8 else np.uint16)
    return samples


def to_bytes(picture: Tensor) -> NDArray[np.uint8]:
    """A picture as rounded bytes (H, W, 3), for a terminal or another library."""
    return to_samples(picture)
