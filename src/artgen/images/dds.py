"""DDS files in BC7, with all their smaller sizes, as engines and graphics cards take them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from artgen.images.bc7 import encode_bc7
from artgen.ops.samples import to_bytes

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["encode_dds"]

# Header flags, and what the file is, by Microsoft's Programming Guide for DDS.
_FLAGS = 0x1 | 0x2 | 0x4 | 0x1000 | 0x20000 | 0x80000  # sizes, format, mipmaps, bytes of the first
_FOURCC, _TEXTURE, _MIPMAPS = 0x4, 0x1000, 0x8 | 0x400000
_BC7, _BC7_SRGB = 98, 99  # of DXGI
_FLAT = 3  # D3D10_RESOURCE_DIMENSION_TEXTURE2D
_BLOCK = 16  # bytes of 4 x 4 pixels


def encode_dds(levels: Sequence[Tensor], *, srgb: bool) -> bytes:
    """A DDS file of BC7 blocks.

    Args:
        levels: (1, 3 or 4, H, W) in [0, 1], each half as large as the one before.
        srgb: whether the numbers are colours in sRGB, and no data.
    """
    height, width = levels[0].shape[-2:]
    first = -(-height // 4) * -(-width // 4) * _BLOCK
    pixel_format = struct.pack("<II4s20x", 32, _FOURCC, b"DX10")
    head = struct.pack("<7I44x", 124, _FLAGS, height, width, first, 0, len(levels))
    caps = struct.pack("<I16x", _TEXTURE | (_MIPMAPS if len(levels) > 1 else 0))
    dx10 = struct.pack("<5I", _BC7_SRGB if srgb else _BC7, _FLAT, 0, 1, 0)
    blocks = [encode_bc7(to_bytes(level)) for level in levels]
    return b"".join([b"DDS ", head, pixel_format, caps, dx10, *blocks])
