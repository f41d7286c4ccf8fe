"""Decoding of what Pillow knows; imagecodecs decodes what Pillow has no mode for, or is slow at."""

from __future__ import annotations

import os
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import ExifTags, Image

from artgen.core.defaults import MAX_PIXELS
from artgen.errors import PictureError
from artgen.images.color_profile import ROWS, Samples, Space
from artgen.images.decoded import Decoded, Head, check_pixels, split
from artgen.images.formats import HEAD, Format, sniff
from artgen.images.hdr import hdr_of_png
from artgen.images.metadata import (
    KEYWORD,
    clean_exif,
    exif_of,
    from_xmp,
    recipe_in_exif,
    tga_recipe,
)

__all__ = ["ANIMATED", "decode", "head", "opened_by_pillow", "quiet"]

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # formats whose frames follow each other in time
STDERR = 2  # its descriptor
_PNG = b"\x89PNG\r\n\x1a\n"
_SIZ, _DEPTH = b"\xff\x4f\xff\x51", 42  # JPEG 2000's first markers; where the depth stands
_ICC_BOX = b"colr\x02"  # of JPEG 2000
_BC6H = {b"\x5f\0\0\0", b"\x60\0\0\0"}  # of DXGI


class _SilencedThreads:
    """How many threads are in quiet(), and the settings that the last one restores."""

    lock = threading.Lock()
    inside = 0
    limit: int | None = None
    stderr = -1  # a copy of its descriptor
    caught = warnings.catch_warnings()


def _stderr_to_nothing() -> int:
    """Sends the process's stderr to nowhere; returns a copy of its descriptor, -1 for none."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # it is closed
        return -1
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, STDERR)
    os.close(nothing)
    return kept


@contextmanager
def quiet() -> Iterator[None]:
    """Turns off Pillow's warnings, and its own limit of pixels: artgen has --max-pixels.

    What libtiff, libjpeg and LibRaw write to stderr by themselves, past Python, is thrown away. All
    these are settings of the whole process, so they are changed while any thread is inside.
    """
    with _SilencedThreads.lock:
        _SilencedThreads.inside += 1
        if _SilencedThreads.inside == 1:
            _SilencedThreads.limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            _SilencedThreads.caught = warnings.catch_warnings()
            _SilencedThreads.caught.__enter__()
            warnings.simplefilter("ignore")
            _SilencedThreads.stderr = _stderr_to_nothing()
    try:
        yield
    finally:
        with _SilencedThreads.lock:
            _SilencedThreads.inside -= 1
            if _SilencedThreads.inside == 0:
                if _SilencedThreads.stderr >= 0:
                    os.dup2(_SilencedThreads.stderr, STDERR)
                    os.close(_SilencedThreads.stderr)
                _SilencedThreads.caught.__exit__(None, None, None)
                Image.MAX_IMAGE_PIXELS = _SilencedThreads.limit


def opened_by_pillow(file: BinaryIO, found: Format) -> Image.Image:
    """The header, read only by the decoder of the format that was recognised."""
    return Image.open(file, formats=[found.name])


def _found(file: BinaryIO, path: Path) -> Format:
    found = sniff(file.read(HEAD), path)
    file.seek(0)
    assert found is not None
    return found


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open file that Pillow knows."""
    found = _found(file, path)
    if found.name == "ICO":
        _check_icon(file, path, MAX_PIXELS)
    with opened_by_pillow(file, found) as image:
        moving = found.name in ANIMATED and bool(getattr(image, "is_animated", False))
        orientation = exif_of(image).get(ExifTags.Base.Orientation, 1)
        size = (image.height, image.width)
        return Head(size, orientation, _recipe(image, file), moving)


def _recipe(image: Image.Image, file: BinaryIO) -> str | None:
    if image.format == "PNG" and KEYWORD in image.info:
        return str(image.info[KEYWORD])
    if image.format == "GIF":
        comment = image.info.get("comment", b"").decode("utf-8", "replace")
        return comment.partition(f"{KEYWORD}:")[2] or None
    if image.format == "TGA":
        return tga_recipe(file)
    packet = image.info.get("xmp")
    found = from_xmp(packet) if isinstance(packet, bytes) else None
    return recipe_in_exif(exif_of(image)) if found is None else found


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The first picture of an open file; arguments and errors as of `decoding.decode`."""
    found = _found(file, path)
    if found.name == "ICO":
        _check_icon(file, path, max_pixels)
    with opened_by_pillow(file, found) as image:
        check_pixels(path, *image.size, max_pixels)
        if shrink:
            image.draft(None, (shrink, shrink))  # JPEG decodes to a half, quarter or eighth
        place = file.tell()  # from which Pillow goes on
        own = _OWN[found.name](file) if found.name in _OWN else None
        if own is None:
            file.seek(place)
            image.load()
        exif = exif_of(image)
        # Read after load(): Pillow turns a TIFF upright by itself.
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        profile = image.info.get("icc_profile")
        if found.name == "JPEG2000":
            profile = _profile_of_jp2(file)
        samples, space, alpha = split(own) if own is not None else _from_pillow(image, path)
        if found.name == "PSD" and alpha is not None and space == "rgb":
            samples = _without_white(samples, alpha)
        hdr = hdr_of_png(file) if found.name == "PNG" else None
        moving = found.name in ANIMATED and bool(getattr(image, "is_animated", False))
        kept = clean_exif(exif)
        return Decoded(samples, space, alpha, profile, kept, orientation, hdr, moving)


def _check_icon(file: BinaryIO, path: Path, max_pixels: int) -> None:
    """Refuses an icon by the headers of the pictures inside: Pillow decodes them at opening."""
    data = file.read()
    file.seek(0)
    for entry in range(6, min(6 + 16 * int.from_bytes(data[4:6], "little"), len(data)), 16):
        start = int.from_bytes(data[entry + 12 : entry + 16], "little")
        inner = data[start : start + 24]
        if inner.startswith(_PNG):
            width, height = int.from_bytes(inner[16:20], "big"), int.from_bytes(inner[20:], "big")
        else:
            width, height = (int.from_bytes(inner[at : at + 4], "little") for at in (4, 8))
        check_pixels(path, width, height, max_pixels)


def _deep_png(file: BinaryIO) -> Samples | None:
    file.seek(0)
    if file.read(25)[24:] != b"\x10":  # the header's bit depth
        return None
    file.seek(0)
    samples: Samples = imagecodecs.png_decode(file.read())
    return samples


def _deep_jp2(file: BinaryIO) -> Samples | None:
    """JPEG 2000 of more than 8 bits, widened to 16."""
    file.seek(0)
    data = file.read()
    start = data.find(_SIZ)
    bits = data[start + _DEPTH] + 1 if 0 <= start < len(data) - _DEPTH else 8
    if not 8 < bits <= 16:  # the highest bit stands for a sign
        return None
    samples: Samples = imagecodecs.jpeg2k_decode(data)
    widened = samples.astype(np.uint32) * 65535 // (2**bits - 1)
    deep: Samples = np.minimum(widened, 65535).astype(np.uint16)
    return deep


def _profile_of_jp2(file: BinaryIO) -> bytes | None:
    """The ICC profile in JPEG 2000's header, which Pillow does not read."""
    file.seek(0)
    before, found, after = file.read(1 << 20).partition(_ICC_BOX)
    if not found or _SIZ in before:
        return None
    length = int.from_bytes(before[-4:], "big") - 8  # of the box, without its own head
    return after[2 : length - 1] or None


def _half_dds(file: BinaryIO) -> Samples | None:
    """DDS in BC6H, which is linear light; Pillow would cut it to 8 bits without a curve."""
    file.seek(0)
    data = file.read()
    if data[84:88] != b"DX10" or data[128:132] not in _BC6H:
        return None
    height, width = struct.unpack_from("<2I", data, 12)
    # Asked for less than whole blocks, imagecodecs 2026.3.6 puts pixels in wrong places.
    whole = struct.pack("<2I", *(length + -length % 4 for length in (height, width)))
    samples = np.asarray(imagecodecs.dds_decode(data[:12] + whole + data[20:]), np.float32)
    return samples[:height, :width]


def _qoi(file: BinaryIO) -> Samples:
    file.seek(0)
    samples: Samples = imagecodecs.qoi_decode(file.read())  # Pillow's decoder is all Python
    return samples


_OWN: dict[str, Callable[[BinaryIO], Samples | None]] = {
    "PNG": _deep_png,
    "JPEG2000": _deep_jp2,
    "DDS": _half_dds,
    "QOI": _qoi,
}


def _without_white(samples: Samples, alpha: Samples) -> Samples:
    """The merged picture of a PSD, which Photoshop lays on white: its colours before that.

    Where a place is darker than white makes it, another program has written it and has not.
    """
    result = np.empty(samples.shape, np.uint8)
    for row in range(0, len(samples), ROWS):
        over = alpha[row : row + ROWS]
        cover = np.maximum(over, 1).astype(np.float32)[..., None] / 255
        own = (samples[row : row + ROWS] - 255 * (1 - cover)) / cover
        if (own * cover)[over > 0].min(initial=0) < -2:
            return samples
        result[row : row + ROWS] = np.clip(np.rint(own), 0, 255)
    return result


def _from_pillow(image: Image.Image, path: Path) -> tuple[Samples, Space, Samples | None]:
    if image.mode in ("I", "F", "LAB", "HSV"):
        raise PictureError(
            f"{path} has samples of the kind {image.mode}, which artgen cannot read.",
            "Convert it to RGB with 8 or 16 bits a channel.",
        )
    if image.mode == "CMYK":
        return np.asarray(image), "cmyk", None
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        straight = image.convert("LA") if image.mode == "La" else image
        samples = np.asarray(straight if straight.mode == "RGBA" else straight.convert("RGBA"))
        return samples[..., : 1 if grey else 3], "gray" if grey else "rgb", samples[..., 3]
    mode = "L" if grey else "RGB"
    samples = np.asarray(image if image.mode == mode else image.convert(mode))
    return samples, "gray" if grey else "rgb", None
