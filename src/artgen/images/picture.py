"""A finished picture with its recipe: shown in notebooks, saved, and handed to other libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artgen.core.defaults import QUALITY
from artgen.core.events import FileSet
from artgen.core.files import write_folder
from artgen.images.writing import encode_png, save
from artgen.ops.samples import to_bytes

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Picture"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as artgen's functions take and return it.

    Attributes:
        tensor: (1, 3, H, W), float32 RGB in [0, 1], sRGB, on the CPU.
        recipe: how it was made, as TOML; empty if that is not known.
        others: further pictures of the same run by name, (1, 3, H, W), or with alpha (1, 4, H, W);
            a texture's maps are data, (1, 1 to 4, H, W).
        alpha: (1, 1, H, W) in [0, 1] of a picture with transparency, None of any other.
        pages: HTML pages of the same run by name; none of most.
        files: a set of files for a folder beside the picture, such as a texture's for an engine.
    """

    tensor: Tensor
    recipe: str = ""
    others: Mapping[str, Tensor] = field(default_factory=dict)
    alpha: Tensor | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    files: FileSet | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as Pillow and `size=` have it."""
        return self.tensor.shape[-1], self.tensor.shape[-2]

    def numpy(self) -> NDArray[np.uint8]:
        """The pixels, (H, W, 3), RGB in 0 to 255; (H, W, 4) with alpha."""
        planes = [self.tensor] if self.alpha is None else [self.tensor, self.alpha]
        return np.concatenate([to_bytes(one) for one in planes], 2)

    def pil(self) -> Image.Image:
        """The picture as Pillow's, in mode RGB, or RGBA with alpha."""
        return Image.fromarray(self.numpy())

    def save(self, path: str | Path, *, bits: int = 8, quality: int = QUALITY) -> None:
        """Write a file in the format of its extension, with the recipe in its metadata.

        A set of files goes into a folder beside it: out.png and out-gltf/.

        Args:
            path: .png, .jpg, .webp, .avif, .tif, .jxl, .tga or .exr.
            bits: 8 or 16 for each channel; 16 in PNG, TIFF, JPEG XL and EXR only.
            quality: 1 to 100, of JPEG, WebP, AVIF and JPEG XL.

        Raises:
            PictureError, UsageError: if it cannot be written.
        """
        recipe = self.recipe or None
        save(self.tensor, path, alpha=self.alpha, recipe=recipe, bits=bits, quality=quality)
        if self.files is not None:
            place = Path(path)
            folder = place.with_name(f"{place.stem}-{self.files.folder}")
            write_folder(folder, self.files.files(place.stem))

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return encode_png(self.tensor, alpha=self.alpha)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        width, height = self.size
        return f"<artgen.Picture of {width} x {height} px>"
