"""Decoding of Radiance HDR (.hdr, RGBE): linear light with an exponent for each pixel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

import imagecodecs
import numpy as np

from artgen.errors import PictureError
from artgen.images.decoded import Decoded, Head, check_pixels

__all__ = ["decode", "head"]

_MOST = 1 << 16  # bytes of a header
_SIZE = re.compile(rb"\n\s*\n?-Y (\d{1,9}) \+X (\d{1,9})\n")
_EXPOSURE = re.compile(rb"\nEXPOSURE=\s*([0-9.eE+-]+)")


def _header(file: BinaryIO, path: Path) -> tuple[int, int, bytes]:
    """(H, W), and the bytes of the header."""
    file.seek(0)
    first = file.read(_MOST)
    found = _SIZE.search(first)
    if found is None or b"xyze" in first[: found.start()]:
        raise PictureError(
            f"{path} is a Radiance picture of a kind that artgen cannot read.",
            "Save it with RGB colours and rows from the top.",
        )
    return int(found[1]), int(found[2]), first[: found.end()]


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open Radiance file."""
    height, width, _ = _header(file, path)
    return Head((height, width))


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The picture of an open file; arguments and errors as of `decoding.decode`."""
    height, width, header = _header(file, path)
    check_pixels(path, width, height, max_pixels)
    file.seek(len(header))
    plain = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width)
    light = np.asarray(imagecodecs.rgbe_decode(plain + file.read()), np.float32)
    if light.shape != (height, width, 3):
        raise ValueError("another size than in the header")
    for told in _EXPOSURE.findall(header):  # by which the file's numbers were multiplied
        light /= max(float(told), 1e-12)
    return Decoded(light, "rgb", None)
