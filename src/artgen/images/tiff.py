"""Decoding of TIFF by tifffile: any depth, integers and floats; rare kinds by Pillow."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import ExifTags

from artgen.errors import PictureError
from artgen.images import by_pillow
from artgen.images.color_profile import Samples, Space, white
from artgen.images.decoded import Decoded, Head, check_pixels
from artgen.images.metadata import clean_exif, exif_of_tiff, from_xmp

if TYPE_CHECKING:
    import tifffile

__all__ = ["decode", "head"]

# Without any handler, logging itself would print tifffile's warnings.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_SPACES: dict[int, Space] = {0: "gray", 1: "gray", 2: "rgb", 5: "cmyk"}
_PREMULTIPLIED, _STRAIGHT = 1, 2  # kinds of extra samples
_PLAIN, _FLOAT, _UNDEFINED = 1, 3, 4  # sample formats; undefined is the plain kind
_XMP = 700


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open TIFF file."""
    import tifffile

    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        turned, packet = page.tags.get(ExifTags.Base.Orientation), page.tags.get(_XMP)
        recipe = from_xmp(packet.value) if packet and isinstance(packet.value, bytes) else None
        size = (page.imagelength, page.imagewidth)
        return Head(size, int(turned.value) if turned else 1, recipe)


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The first page of an open TIFF file; arguments and errors as of `decoding.decode`."""
    import tifffile

    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        channels = page.samplesperpixel
        check_pixels(path, page.imagewidth, page.imagelength, max_pixels, channels)
        bits, floats = page.bitspersample, page.sampleformat == _FLOAT
        if (bits > 32 and not floats) or page.sampleformat not in (_PLAIN, _FLOAT, _UNDEFINED):
            raise PictureError(
                f"{path} has {bits}-bit samples of a kind that artgen cannot read.",
                "Convert it to 8 or 16 bits a channel without a sign, or to floats.",
            )
        # Checked before decoding: Pillow's decoder would print to stderr.
        segments = zip(page.dataoffsets, page.databytecounts, strict=True)
        if max(offset + count for offset, count in segments) > tiff.filehandle.size:
            raise ValueError("cut short")
        if bits >= 8 and page.photometric in _SPACES and not (floats and page.photometric == 5):
            samples, space, alpha, multiplied = _of_page(page)
            tag = page.tags.get(ExifTags.Base.Orientation)
            orientation = int(tag.value) if tag else 1
            exif = clean_exif(exif_of_tiff(file))
            told = (page.iccprofile, exif, orientation)
            return Decoded(samples, space, alpha, *told, multiplied=multiplied)
    if bits > 8:
        raise PictureError(
            f"{path} has {bits}-bit colours that are neither grey, RGB nor CMYK.",
            "Convert it to RGB.",
        )
    file.seek(0)
    return by_pillow.decode(file, path, max_pixels)  # palettes, YCbCr, black and white


def _of_page(page: tifffile.TiffPage) -> tuple[Samples, Space, Samples | None, bool]:
    """Samples, colour space, alpha, and whether colours are multiplied by it."""
    space = _SPACES[page.photometric]
    samples = page.asarray()
    if page.axes.startswith("S"):  # channels first
        samples = np.moveaxis(samples, 0, -1)
    samples = samples.reshape(page.imagelength, page.imagewidth, -1)
    if samples.dtype.kind == "f":
        samples = samples.astype(np.float32)
    elif page.bitspersample not in (8, 16):
        top = 2**page.bitspersample - 1
        samples = (samples.astype(np.uint64) * 65535 // top).astype(np.uint16)
    colours = {"gray": 1, "rgb": 3, "cmyk": 4}[space]
    kind = int(page.extrasamples[0]) if page.extrasamples else 0
    alpha = samples[..., colours] if kind in (_PREMULTIPLIED, _STRAIGHT) else None
    samples = samples[..., :colours]
    if page.photometric == 0:  # white is zero
        samples = white(samples) - samples
    return samples, space, alpha, kind == _PREMULTIPLIED
