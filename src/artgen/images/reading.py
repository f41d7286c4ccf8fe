"""Reading a picture: upright, in sRGB, transparent pixels in its mean colour."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from artgen.core.defaults import MAX_PIXELS
from artgen.core.files import opened
from artgen.core.schema import Reads
from artgen.errors import PictureError, no_memory
from artgen.images.color_profile import Samples, plain, to_light, to_srgb
from artgen.images.decoded import Decoded, Head, straight
from artgen.images.decoding import decode, head_of
from artgen.images.hdr import from_hdr, from_light
from artgen.images.masks import from_alpha
from artgen.ops.arrays import Array, fit, of_samples, on_mean, resized

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "Loaded",
    "check_local",
    "check_numbers",
    "head",
    "laid",
    "load",
    "load_from",
    "picture_of",
    "read_recipe",
    "size_of",
    "thumbnail",
]

ANIMATED = "{} is animated: only its first frame is used."
HDR = "{} is HDR: its colours are brought to the range of sRGB."
_ON_ITS_SIDE = (5, 6, 7, 8)  # EXIF orientations that swap height and width


@dataclass(frozen=True)
class Loaded:
    """A picture and what came with it: as arrays, and as the tensors that share their memory."""

    pixels: Array  # (1, 3, H, W) float32 [0, 1] sRGB
    opacity: Array | None  # (1, 1, H, W); None too where all is opaque
    path: Path
    sha256: str  # of the file's bytes, in hex
    exif: bytes | None  # for --keep-exif, without an orientation
    deep: bool  # more than 8 bits a channel
    notes: tuple[str, ...] = ()  # a sentence for each thing read in another way than it is stored
    exposure: float = 0.0  # stops by which linear light was exposed
    reads: Reads = "picture"

    @cached_property
    def picture(self) -> Tensor:
        """The picture (1, 3, H, W)."""
        return _tensor(self.pixels)

    @cached_property
    def alpha(self) -> Tensor | None:
        """Its alpha (1, 1, H, W); None where all is opaque."""
        return None if self.opacity is None else _tensor(self.opacity)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        return self.pixels.shape[-2], self.pixels.shape[-1]

    @property
    def arrays(self) -> Sequence[Array]:
        """The same as `pictures`, without torch."""
        if self.opacity is None or self.reads not in ("layer", "data"):
            return [self.pixels]
        return [np.concatenate([self.pixels, self.opacity], 1)]

    @property
    def pictures(self) -> Sequence[Tensor]:
        """The picture (1, 3, H, W) as a sequence of one: a folder has several.

        A layer, or data, with alpha is (1, 4, H, W).
        """
        if self.opacity is None or self.reads not in ("layer", "data"):
            return [self.picture]
        return [_tensor(one) for one in self.arrays]


def _tensor(array: Array) -> Tensor:
    """An array as a tensor, which shares its memory."""
    import torch

    return torch.from_numpy(array)


def check_local(path: str | Path) -> None:
    """Refuse the address of a picture, before its slashes are read as those of a path.

    Raises:
        PictureError: for an address, such as https://example.org/photo.jpg.
    """
    if isinstance(path, str) and "://" in path:
        raise PictureError(
            f"{path} is an address, and a file is needed.",
            "Download the picture, and name its file.",
        )


def load(
    path: str | Path,
    *,
    max_pixels: int = MAX_PIXELS,
    exposure: float = 0.0,
    reads: Reads = "picture",
) -> Loaded:
    """Reads the first picture of a file; PictureError where that cannot be done.

    Linear light (EXR, HDR, floats) is multiplied by 2 to the power of `exposure`. Where it is
    transparent, the picture is laid on its own mean colour, weighted by alpha: colours hidden under
    alpha 0 are not visible, and must not become style. A mask and data are read otherwise: see
    `picture_of`.
    """
    check_local(path)
    path = Path(path)
    with opened(path) as file:
        return load_from(file, path, max_pixels=max_pixels, exposure=exposure, reads=reads)


def load_from(
    file: BinaryIO,
    path: Path,
    *,
    max_pixels: int = MAX_PIXELS,
    exposure: float = 0.0,
    reads: Reads = "picture",
) -> Loaded:
    """The same of an open file, or of bytes; `path` is what messages and recipes call it."""
    with _within_memory(path):
        decoded = decode(file, path, max_pixels)
        file.seek(0)
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
        picture, alpha = picture_of(decoded, exposure=exposure, reads=reads)
    if reads == "data":
        check_numbers(picture, path)
    told = ((decoded.hdr, HDR), (decoded.animated, ANIMATED), (decoded.note, decoded.note))
    notes = tuple(sentence.format(path.name) for holds, sentence in told if holds)
    stops = exposure if decoded.linear else 0.0
    sha256 = digest.hexdigest()
    return Loaded(picture, alpha, path, sha256, decoded.exif, decoded.deep, notes, stops, reads)


def check_numbers(data: Array, path: Path) -> None:
    """Refuse data (1, 3, H, W) with numbers beyond 0 to 1.

    Raises:
        PictureError: for such data.
    """
    least, most = float(data.min()), float(data.max())
    if not 0 <= least <= most <= 1:
        raise PictureError(
            f"{path} has numbers from {least:.3g} to {most:.3g}.",
            "A map's have to be in 0 to 1: scale it first.",
        )


def thumbnail(
    path: str | Path, side: int, *, max_pixels: int = MAX_PIXELS, reads: Reads = "picture"
) -> Tensor:
    """A small picture (1, 3, h, w) in [0, 1], at most `side` px a side; cheaper than load()."""
    path = Path(path)
    with _within_memory(path), opened(path) as file:
        decoded = decode(file, path, max_pixels, shrink=side)
        # Subsampled before colour and floats, with four samples a pixel left to average.
        step = max(1, max(decoded.samples.shape[:2]) // (side * 4))
        picture, _ = picture_of(decoded, step, reads=reads)
    size = (picture.shape[-2], picture.shape[-1])
    return _tensor(resized(picture, fit(size, min(side, max(size)))))


def head(path: str | Path) -> Head:
    """What a picture's header says.

    Raises:
        PictureError: where it cannot be read.
    """
    path = Path(path)
    with opened(path) as file:
        return head_of(file, path)


def size_of(path: str | Path) -> tuple[int, int]:
    """(H, W) of a picture in pixels, upright, from its header alone.

    Raises:
        PictureError: where it cannot be read.
    """
    found = head(path)
    height, width = found.size
    return (width, height) if found.orientation in _ON_ITS_SIDE else (height, width)


def read_recipe(path: str | Path) -> str | None:
    """The recipe that a picture carries, None where it carries none."""
    return head(path).recipe


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


def picture_of(
    decoded: Decoded, step: int = 1, exposure: float = 0.0, reads: Reads = "picture"
) -> tuple[Array, Array | None]:
    """Upright sRGB (1, 3, h, w) and alpha (1, 1, h, w) of every step-th sample.

    Of a mask, which has no alpha, transparent is black (`from_alpha`). Data are the samples
    themselves, (1, 3, h, w) divided by their type's largest number: without a profile, without
    light's curve, and not laid on any colour.
    """
    samples, cover = decoded.samples[::step, ::step], decoded.alpha
    cover = None if cover is None else _upright(cover[::step, ::step], decoded.orientation)
    samples = _upright(samples, decoded.orientation)
    if cover is not None and decoded.multiplied and reads != "data":
        samples = straight(samples, cover)
    if reads == "data":
        picture = of_samples(plain(np.nan_to_num(samples), decoded.space))
    elif decoded.hdr and decoded.space == "rgb":
        picture = of_samples(from_hdr(samples, *decoded.hdr))
    elif decoded.linear:
        light = to_light(samples, decoded.space, decoded.profile)
        picture = of_samples(from_light(light, exposure))
    else:
        picture = of_samples(to_srgb(samples, decoded.space, decoded.profile))
    if cover is None:
        return picture, None
    return laid(picture, of_samples(cover).clip(0, 1), reads)


def laid(picture: Array, alpha: Array, reads: Reads) -> tuple[Array, Array | None]:
    """What transparency means for a picture (1, 3, H, W), alpha (1, 1, H, W), as it is read.

    Returns the picture, its hidden colours replaced by the visible mean, and alpha, or None where
    nothing is transparent. Of data nothing is replaced, and a mask is one picture of both.
    """
    if bool((alpha == 1).all()):
        return picture, None
    if reads == "data":
        return picture, alpha
    if reads == "mask":
        return from_alpha(picture, alpha), None
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
