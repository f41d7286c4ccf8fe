"""Decoding: a file's bytes to samples at their full depth, after a check of its header.

Pillow decodes what has 8 bits, imagecodecs PNG with 16, tifffile TIFF.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, features

from artgen.errors import PictureError
from artgen.images.color_profile import Samples, Space, white
from artgen.images.formats import HEAD, Format, readable, sniff
from artgen.images.hdr import hdr_of_png
from artgen.images.metadata import clean_exif, exif_of, exif_of_tiff

__all__ = [
    "ANIMATED",
    "Decoded",
    "check_pixels",
    "decode",
    "opened_by_pillow",
    "quiet",
    "recognise",
]

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # formats whose frames follow each other in time

STDERR = 2  # its descriptor
# Without any handler, logging itself would print tifffile's warnings.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Decoded:
    """Samples as the file has them, not rotated upright yet and not in sRGB."""

    samples: Samples  # (H, W) or (H, W, C)
    space: Space
    alpha: Samples | None  # (H, W)
    profile: bytes | None
    exif: bytes | None  # as clean_exif() leaves it
    orientation: int
    hdr: tuple[int, int] | None = None  # primaries and transfer by H.273, of PQ and HLG
    animated: bool = False  # and this is the first frame

    @property
    def deep(self) -> bool:
        return self.samples.dtype != np.uint8


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

    What libtiff and libjpeg write to stderr by themselves, past Python, is thrown away. All these
    are settings of the whole process, so they are changed while any thread is inside.
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


def recognise(file: BinaryIO, path: Path) -> Format:
    """The format of an open file, by its first bytes."""
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise PictureError(f"{path} is empty.", "Copy or download it again.")
    found = sniff(head)
    if found is None:
        raise PictureError(
            f"{path} is not a picture that artgen can read.", f"It reads {readable()}."
        )
    if found.name == "HEIF":
        try:
            import_module("pillow_heif").register_heif_opener()
        except ImportError as error:
            raise PictureError(
                f"{path} is a HEIC picture, and pillow-heif, which reads those, is missing.",
                "Install it: pip install pillow-heif",
            ) from error
    if found.name == "AVIF" and not features.check("avif"):
        raise PictureError(
            f"{path} is an AVIF picture, and this Pillow was built without AVIF.",
            "Install Pillow from its wheel: pip install --force-reinstall pillow",
        )
    return found


def opened_by_pillow(file: BinaryIO, found: Format) -> Image.Image:
    """The header, read only by the decoder of the format that was recognised."""
    return Image.open(file, formats=[found.name])


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """Decodes the first picture of an open file.

    Args:
        file: open at its beginning.
        path: for messages.
        max_pixels: limit of height times width.
        shrink: pixels a side; the picture may be decoded smaller, but no smaller than this.

    Raises:
        PictureError: for a file that cannot be decoded, or has too many pixels.
    """
    found = recognise(file, path)
    try:
        with quiet():
            if found.name == "TIFF":
                return _decode_tiff(file, found, path, max_pixels)
            return _decode(file, found, path, max_pixels, shrink)
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError(
            f"{path} is too large for this machine's memory.", "Make it smaller first."
        ) from error
    except Exception as error:  # decoders raise a dozen kinds of error at a damaged file
        raise PictureError(
            f"{path} cannot be decoded: its {found.name} data is damaged or cut short"
            f"{', or of an unusual kind' if found.name == 'TIFF' else ''}.",
            "Copy or download it again, or export it anew.",
        ) from error


def check_pixels(path: Path, width: int, height: int, max_pixels: int) -> None:
    pixels = width * height
    if pixels > max_pixels:
        raise PictureError(
            f"{path} has {width} x {height} = {pixels / 1e6:.0f} megapixels, "
            f"and the limit is {max_pixels / 1e6:g}.",
            f"Make it smaller, or allow it: --max-pixels {pixels}",
        )


def _decode(
    file: BinaryIO, found: Format, path: Path, max_pixels: int, shrink: int | None
) -> Decoded:
    with opened_by_pillow(file, found) as image:
        check_pixels(path, *image.size, max_pixels)
        if shrink:
            image.draft(None, (shrink, shrink))  # JPEG decodes to a half, quarter or eighth
        image.load()
        exif = exif_of(image)
        profile = image.info.get("icc_profile")
        # Read after load(): Pillow turns a TIFF upright by itself.
        orientation = exif.get(0x0112, 1)
        hdr = hdr_of_png(file) if found.name == "PNG" else None
        file.seek(0)
        if found.name == "PNG" and file.read(25)[24] == 16:  # the header's bit depth
            file.seek(0)
            samples = imagecodecs.png_decode(file.read())
            samples, space, alpha = _split(samples)
        else:
            samples, space, alpha = _from_pillow(image, path)
        moving = found.name in ANIMATED and bool(getattr(image, "is_animated", False))
        kept = clean_exif(exif)
        return Decoded(samples, space, alpha, profile, kept, orientation, hdr, moving)


def _split(samples: Samples) -> tuple[Samples, Space, Samples | None]:
    """Samples, colour space and alpha: grey or RGB, by the number of channels."""
    channels = samples.shape[2] if samples.ndim == 3 else 1
    space: Space = "gray" if channels < 3 else "rgb"
    if channels in (2, 4):
        return samples[..., :-1], space, samples[..., -1]
    return samples, space, None


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
    return np.asarray(image.convert("L" if grey else "RGB")), "gray" if grey else "rgb", None


def _decode_tiff(file: BinaryIO, found: Format, path: Path, max_pixels: int) -> Decoded:
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        check_pixels(path, page.imagewidth, page.imagelength, max_pixels)
        bits = page.bitspersample
        if bits > 16 or page.sampleformat not in (1, 4):  # 4 is "undefined": the plain kind
            raise PictureError(
                f"{path} has {bits}-bit samples of a kind that artgen cannot read.",
                "Convert it to 8 or 16 bits a channel, without a sign and not as floats.",
            )
        # Checked before decoding: Pillow's decoder would print to stderr.
        segments = zip(page.dataoffsets, page.databytecounts, strict=True)
        if max(offset + count for offset, count in segments) > tiff.filehandle.size:
            raise ValueError("cut short")
        if bits >= 8 and page.photometric in _TIFF_SPACES:
            samples, space, alpha = _from_tiff(page)
            tag = page.tags.get(0x0112)
            orientation = int(tag.value) if tag else 1
            exif = clean_exif(exif_of_tiff(file))
            return Decoded(samples, space, alpha, page.iccprofile, exif, orientation)
    if bits > 8:
        raise PictureError(
            f"{path} has {bits}-bit colours that are neither grey, RGB nor CMYK.",
            "Convert it to RGB.",
        )
    file.seek(0)
    return _decode(file, found, path, max_pixels, None)  # palettes, YCbCr, black and white


_TIFF_SPACES: dict[int, Space] = {0: "gray", 1: "gray", 2: "rgb", 5: "cmyk"}
_PREMULTIPLIED, _STRAIGHT = 1, 2  # kinds of extra samples


def _from_tiff(page: tifffile.TiffPage) -> tuple[Samples, Space, Samples | None]:
    space = _TIFF_SPACES[page.photometric]
    samples = page.asarray()
    if page.axes.startswith("S"):  # channels first
        samples = np.moveaxis(samples, 0, -1)
    samples = samples.reshape(page.imagelength, page.imagewidth, -1)
    if page.bitspersample not in (8, 16):
        top = 2**page.bitspersample - 1
        samples = (samples.astype(np.uint32) * 65535 // top).astype(np.uint16)
    top = white(samples)
    colours = {"gray": 1, "rgb": 3, "cmyk": 4}[space]
    kind = int(page.extrasamples[0]) if page.extrasamples else 0
    alpha = samples[..., colours] if kind in (_PREMULTIPLIED, _STRAIGHT) else None
    samples = samples[..., :colours]
    if page.photometric == 0:  # white is zero
        samples = top - samples
    if alpha is not None and kind == _PREMULTIPLIED:
        cover = np.maximum(alpha, 1).astype(np.float32)[..., None] / top
        samples = np.minimum(np.rint(samples / cover), top).astype(samples.dtype)
    return samples, space, alpha
