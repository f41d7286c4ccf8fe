"""Decoding of PGM, PPM and PFM at their full depth; bitmaps, and those in text, by Pillow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from artgen.images import by_pillow
from artgen.images.color_profile import Samples
from artgen.images.decoded import Decoded, Head, check_pixels

__all__ = ["decode", "head"]

_MOST = 1 << 12  # bytes of a header with its comments
_GAP = rb"(?:\s+|#[^\n]*\n)+"
_HEADER = re.compile(rb"(P[56fF])%b(\d{1,9})%b(\d{1,9})%b([0-9.+-]{1,20})\s" % ((_GAP,) * 3))


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open file."""
    file.seek(0)
    found = _HEADER.match(file.read(_MOST))
    file.seek(0)
    return Head((int(found[3]), int(found[2]))) if found else by_pillow.head(file, path)


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The first picture of an open file; arguments and errors as of `decoding.decode`."""
    file.seek(0)
    found = _HEADER.match(file.read(_MOST))
    file.seek(0)
    if found is None:
        return by_pillow.decode(file, path, max_pixels)
    kind, width, height, last = found.groups()
    check_pixels(path, int(width), int(height), max_pixels)
    channels = 3 if kind in (b"P6", b"PF") else 1
    file.seek(found.end())
    shape = (int(height), int(width), channels)
    samples = _floats(file, shape, last) if kind in (b"Pf", b"PF") else _levels(file, shape, last)
    return Decoded(samples, "rgb" if channels == 3 else "gray", None)


def _levels(file: BinaryIO, shape: tuple[int, ...], last: bytes) -> Samples:
    top = int(last)
    if not 0 < top < 65536:
        raise ValueError("the largest value")
    samples = _read(file, shape, ">u2" if top > 255 else "u1")
    if top in (255, 65535):
        return samples
    most = 65535 if top > 255 else 255
    widened = (np.minimum(samples, top).astype(np.uint32) * most + top // 2) // top
    return widened.astype(np.uint16 if top > 255 else np.uint8)


def _floats(file: BinaryIO, shape: tuple[int, ...], scale: bytes) -> Samples:
    """PFM's rows, which begin at the bottom; a scale below 0 says little-endian."""
    return _read(file, shape, "<f4" if float(scale) < 0 else ">f4")[::-1]


def _read(file: BinaryIO, shape: tuple[int, ...], kind: str) -> Samples:
    dtype = np.dtype(kind)
    data = file.read(int(np.prod(shape)) * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))
