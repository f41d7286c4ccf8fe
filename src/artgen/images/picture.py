"""A finished picture with its recipe: shown in notebooks, saved, and handed to other libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from artgen.core.defaults import QUALITY
from artgen.images.writing import encode_png, save
from artgen.ops.samples import to_bytes

__all__ = ["Picture"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as artgen's functions take and return it.

    Attributes:
        tensor: (1, 3, H, W), float32 RGB in [0, 1], sRGB, on the CPU.
        recipe: how it was made, as TOML; empty if that is not known.
        others: further pictures of the same run by name, such as a texture's maps.
    """

    tensor: Tensor
    recipe: str = ""
    others: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as Pillow and `size=` have it."""
        return self.tensor.shape[-1], self.tensor.shape[-2]

    def numpy(self) -> NDArray[np.uint8]:
        """The pixels, (H, W, 3), RGB in 0 to 255."""
        return to_bytes(self.tensor)

    def pil(self) -> Image.Image:
        """The picture as Pillow's, in mode RGB."""
        return Image.fromarray(self.numpy())

    def save(self, path: str | Path, *, bits: int = 8, quality: int = QUALITY) -> None:
        """Write a file in the format of its extension, with the recipe in its metadata.

        Args:
            path: .png, .jpg, .webp, .avif or .tif.
            bits: 8 or 16 for each channel; 16 in PNG and TIFF only.
            quality: 1 to 100, of JPEG, WebP and AVIF.

        Raises:
            PictureError, UsageError: if it cannot be written.
        """
        save(self.tensor, path, recipe=self.recipe or None, bits=bits, quality=quality)

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return encode_png(self.tensor)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        width, height = self.size
        return f"<artgen.Picture of {width} x {height} px>"
