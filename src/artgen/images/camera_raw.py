"""Decoding of camera raw by rawpy, an extra: developed with the camera's own white balance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from artgen.errors import PictureError
from artgen.images.decoded import Decoded, Head, check_pixels

__all__ = ["decode", "head"]


@contextmanager
def _opened(file: BinaryIO, path: Path) -> Iterator[Any]:
    """The header of an open file."""
    try:
        rawpy = import_module("rawpy")
    except ImportError as error:
        raise PictureError(
            f"{path} is a camera raw picture, and rawpy, which reads those, is missing.",
            "Install it: pip install rawpy",
        ) from error
    raw = rawpy.RawPy()
    try:
        file.seek(0)
        raw.open_buffer(file)
        yield raw
    finally:
        raw.close()


def _check_end(file: BinaryIO) -> None:
    """Refuses a file that is cut short, of which LibRaw makes a picture, and prints a line."""
    file.seek(0)
    size = file.seek(0, 2)
    file.seek(0)
    import tifffile

    with suppress(tifffile.TiffFileError), tifffile.TiffFile(file) as tiff:
        for page in tiff.pages:
            assert isinstance(page, tifffile.TiffPage)
            for one in (page, *(page.pages or ())):
                ends = map(int.__add__, one.dataoffsets, one.databytecounts)
                if max(ends, default=0) > size:
                    raise ValueError("cut short")


def head(file: BinaryIO, path: Path) -> Head:
    """Size as developed, and so upright."""
    with _opened(file, path) as raw:
        height, width = raw.sizes.height, raw.sizes.width
        return Head((width, height) if raw.sizes.flip in (5, 6) else (height, width))


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The developed picture, upright; arguments and errors as of `decoding.decode`."""
    with _opened(file, path) as raw:
        check_pixels(path, raw.sizes.raw_width, raw.sizes.raw_height, max_pixels)
        _check_end(file)
        raw.unpack()
        samples = raw.postprocess(output_bps=16, use_camera_wb=True, gamma=(2.4, 12.92))
        return Decoded(np.asarray(samples), "rgb", None)
