"""Pictures made for tests, so that each test knows the colours it must find."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.errors import PictureError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# A wider green than sRGB's, as on phones (Display P3's primaries).
P3 = imagecodecs.cms_profile(
    "rgb",
    whitepoint=(0.3127, 0.329, 1.0),
    primaries=(0.68, 0.32, 1, 0.265, 0.69, 1, 0.15, 0.06, 1),
    gamma=2.2,
)
# sRGB with red and blue swapped: nobody can mistake whether it was applied.
SWAPPED = imagecodecs.cms_profile(
    "rgb",
    whitepoint=(0.3127, 0.329, 1.0),
    primaries=(0.15, 0.06, 1, 0.3, 0.6, 1, 0.64, 0.33, 1),
    gamma=2.2,
)


def colour(picture: Tensor, y: int = 0, x: int = 0) -> list[float]:
    """One pixel, in levels of 255."""
    return [round(value, 1) for value in (picture[0, :, y, x] * 255).tolist()]


def write(path: Path, samples: NDArray[np.generic], **options: object) -> Path:
    """A 16-bit (or other) TIFF or PNG."""
    if path.suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(samples))
    else:
        tifffile.imwrite(path, samples, metadata=None, **options)  # type: ignore[arg-type]
    return path


def with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return png[:33] + chunk + png[33:]


def quadrants(height: int = 24, width: int = 40) -> Image.Image:
    """Red, green over blue, white: each way of turning and mirroring looks different."""
    image = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for at, fill in (
        ((0, 0), RED),
        ((half[0], 0), GREEN),
        ((0, half[1]), BLUE),
        (half, WHITE),
    ):
        image.paste(fill, (*at, at[0] + half[0], at[1] + half[1]))
    return image


def tensor_of(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)[None] / 255


def refused(path: Path, **options: int) -> PictureError:
    """The error, which must be one sentence with a hint, and of load() and no other."""
    with pytest.raises(PictureError) as caught:
        images.load(path, **options)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert str(path) in caught.value.message
    return caught.value
