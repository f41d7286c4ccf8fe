"""Reading a picture: upright, in sRGB, transparent pixels in its mean colour."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import ExifTags, Image
from torch import Tensor

from artgen.core.defaults import MAX_PIXELS
from artgen.core.files import opened
from artgen.errors import PictureError, no_memory
from artgen.images.color_profile import Samples, to_srgb
from artgen.images.decoding import Decoded, decode, opened_by_pillow, quiet, recognise
from artgen.images.hdr import from_hdr
from artgen.images.metadata import KEYWORD, exif_of, from_xmp
from artgen.ops.color import on_mean
from artgen.ops.resize import fit, resize
from artgen.ops.samples import to_tensor

__all__ = [
    "Loaded",
    "header",
    "load",
    "picture_of",
    "read_recipe",
    "size_of",
    "thumbnail",
]

_XMP = 700  # TIFF's tag for it
ANIMATED = "{} is animated: only its first frame is used."
HDR = "{} is HDR: its colours are brought to the range of sRGB."
_ON_ITS_SIDE = (5, 6, 7, 8)  # EXIF orientations that swap height and width


@dataclass(frozen=True)
class Loaded:
    """A picture and what came with it."""

    picture: Tensor  # (1, 3, H, W) float32 [0, 1] sRGB
    alpha: Tensor | None  # (1, 1, H, W); None too where all is opaque
    path: Path
    sha256: str  # of the file's bytes, in hex
    exif: bytes | None  # for --keep-exif, without an orientation
    deep: bool  # more than 8 bits a channel
    notes: tuple[str, ...] = ()  # a sentence for each thing read in another way than it is stored

    @property
    def pictures(self) -> Sequence[Tensor]:
        """The picture (1, 3, H, W) as a sequence of one: a folder has several."""
        return [self.picture]


def load(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Loaded:
    """Reads the first picture of a file; PictureError where that cannot be done.

    Where it is transparent, the picture is laid on its own mean colour, weighted by alpha: colours
    hidden under alpha 0 are not visible, and must not become style.
    """
    path = Path(path)
    with _within_memory(path), opened(path) as file:
        decoded = decode(file, path, max_pixels)
        file.seek(0)
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
        picture, alpha = picture_of(decoded)
    told = ((decoded.hdr, HDR), (decoded.animated, ANIMATED))
    notes = tuple(sentence.format(path.name) for holds, sentence in told if holds)
    return Loaded(picture, alpha, path, digest.hexdigest(), decoded.exif, decoded.deep, notes)


def thumbnail(path: str | Path, side: int, *, max_pixels: int = MAX_PIXELS) -> Tensor:
    """A small picture (1, 3, h, w) in [0, 1], at most `side` px a side; cheaper than load()."""
    path = Path(path)
    with _within_memory(path), opened(path) as file:
        decoded = decode(file, path, max_pixels, shrink=side)
        # Subsampled before colour and floats, with four samples a pixel left to average.
        step = max(1, max(decoded.samples.shape[:2]) // (side * 4))
        picture, _ = picture_of(decoded, step)
    size = (picture.shape[-2], picture.shape[-1])
    return resize(picture, fit(size, min(side, max(size))))


def size_of(path: str | Path) -> tuple[int, int]:
    """(H, W) of a picture in pixels, upright, from its header alone.

    Raises:
        PictureError: where it cannot be read.
    """
    with header(Path(path)) as it:
        if isinstance(it, tifffile.TiffFile):
            page = it.pages.first
            tag = page.tags.get(ExifTags.Base.Orientation)
            size, orientation = (page.imagelength, page.imagewidth), tag.value if tag else 1
        else:
            size = (it.height, it.width)
            orientation = exif_of(it).get(ExifTags.Base.Orientation, 1)
    return (size[1], size[0]) if orientation in _ON_ITS_SIDE else size


def read_recipe(path: str | Path) -> str | None:
    """The recipe that a picture carries, None where it carries none."""
    with header(Path(path)) as it:
        if isinstance(it, tifffile.TiffFile):
            tag = it.pages.first.tags.get(_XMP)
            packet = tag.value if tag else None
        elif it.format == "PNG" and KEYWORD in it.info:
            return str(it.info[KEYWORD])
        elif it.format == "GIF":
            comment = it.info.get("comment", b"").decode("utf-8", "replace")
            return comment.partition(f"{KEYWORD}:")[2] or None
        else:
            packet = it.info.get("xmp")
    return from_xmp(packet) if isinstance(packet, bytes) else None


@contextmanager
def _within_memory(path: Path) -> Iterator[None]:
    """Turns an error of memory, Python's or torch's, into a PictureError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not no_memory(error):
            raise
        raise PictureError(
            f"{path} is too large for this machine's memory.", "Make it smaller first."
        ) from error


@contextmanager
def header(path: Path) -> Iterator[tifffile.TiffFile | Image.Image]:
    """The header of a picture's file, by the library that reads its format."""
    with opened(path) as file:
        found = recognise(file, path)
        try:
            tiff = found.name == "TIFF"
            with quiet(), tifffile.TiffFile(file) if tiff else opened_by_pillow(file, found) as it:
                yield it
        except Exception as error:  # as in decode()
            raise PictureError(
                f"{path} cannot be read: its {found.name} data is damaged or cut short.",
                "Copy or download it again.",
            ) from error


def picture_of(decoded: Decoded, step: int = 1) -> tuple[Tensor, Tensor | None]:
    """Upright sRGB (1, 3, h, w) and alpha (1, 1, h, w) of every step-th sample."""
    samples = _upright(decoded.samples[::step, ::step], decoded.orientation)
    if decoded.hdr and decoded.space == "rgb":
        picture = to_tensor(from_hdr(samples, *decoded.hdr))
    else:
        picture = to_tensor(to_srgb(samples, decoded.space, decoded.profile))
    if decoded.alpha is None:
        return picture, None
    alpha = to_tensor(_upright(decoded.alpha[::step, ::step], decoded.orientation))
    if bool((alpha == 1).all()):
        return picture, None
    return on_mean(picture, alpha), alpha


def _upright(samples: Samples, orientation: int) -> Samples:
    """Rotates and mirrors by EXIF's orientation, 1 to 8; any other value is ignored."""
    if orientation in _ON_ITS_SIDE:
        samples = np.swapaxes(samples, 0, 1)
    if orientation in (3, 4, 7, 8):
        samples = np.flip(samples, 0)
    if orientation in (2, 3, 6, 7):
        samples = np.flip(samples, 1)
    return samples
