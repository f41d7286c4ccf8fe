"""Animated GIF, WebP, PNG and AVIF: their frames, each with its own delay, and their recipe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from artgen.core.defaults import MAX_PIXELS
from artgen.core.files import opened
from artgen.errors import PictureError
from artgen.images.by_pillow import ANIMATED, opened_by_pillow, quiet
from artgen.images.decoded import Decoded, check_pixels
from artgen.images.decoding import recognise
from artgen.images.formats import HEAD, sniff
from artgen.images.metadata import KEYWORD, png_text, to_xmp
from artgen.images.reading import head, picture_of

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Animation", "animation", "animation_frames", "is_animated", "keep_recipe", "mend_webp"]

HURRIED, SHOWN = 10, 100  # ms: a delay up to the one counts as the other, as in browsers
PNG_HEADER = 33  # bytes of a signature and IHDR
GIF_HEADER, GIF_TABLE = 13, 0x80  # bytes; flag of a colour table after them
RIFF_HEADER, ANMF_DELAY = 12, 12  # bytes; offset of the delay in a frame of a WebP
VP8X_FLAGS, XMP_FLAG, ALPHA_FLAG = 20, 0x04, 0x10  # offset of the flags of a WebP, and two of them


@dataclass(frozen=True)
class Animation:
    """An animated picture on disk.

    Attributes:
        size: (H, W) in pixels.
        delays: milliseconds for which each frame is shown.
        alpha: whether any frame has transparency.
    """

    size: tuple[int, int]
    delays: tuple[float, ...]
    alpha: bool


def is_animated(path: str | Path) -> bool:
    """Whether a file is a picture of several frames; False where it cannot be read."""
    with suppress(PictureError, OSError), Path(path).open("rb") as file:
        found = sniff(file.read(HEAD))
        if found is not None and found.name in ANIMATED:
            return head(path).animated
    return False


def animation(path: str | Path) -> Animation:
    """Size, delays and transparency of an animated picture, found by decoding all its frames.

    Raises:
        PictureError: if it cannot be read.
    """
    delays, alpha, size = [], False, (0, 0)
    for image, delay in _each(Path(path)):
        size = (image.height, image.width)
        delays.append(delay)
        alpha = alpha or _decoded(image).alpha is not None
    return Animation(size, tuple(delays), alpha)


def animation_frames(path: str | Path, start: int = 0) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Each frame from number `start` on as a picture (1, 3, H, W) and alpha (1, 1, H, W), if any.

    A frame lies on its own mean colour where it is transparent, as a picture does.

    Raises:
        PictureError: if it cannot be read.
    """
    import torch

    for image, _ in islice(_each(Path(path)), start, None):
        picture, alpha = picture_of(_decoded(image))
        yield torch.from_numpy(picture), None if alpha is None else torch.from_numpy(alpha)


def _each(path: Path) -> Iterator[tuple[Image.Image, float]]:
    """Each frame, whole, and the milliseconds for which it is shown."""
    with opened(path) as file:
        found = recognise(file, path)
        try:
            with quiet():
                image = opened_by_pillow(file, found)
            check_pixels(path, *image.size, MAX_PIXELS)
            # A PNG may begin with a picture for programs that show no animation.
            first = int(getattr(image, "default_image", False))
            for index in range(first, getattr(image, "n_frames", 1)):
                with quiet():
                    image.seek(index)
                    image.load()
                delay = float(image.info.get("duration") or 0)
                yield image, delay if delay > HURRIED else SHOWN
        except PictureError:
            raise
        except Exception as error:  # as in decode()
            raise PictureError(
                f"{path} breaks off in the middle of a frame, or is damaged.",
                "Copy or download it again.",
            ) from error


def _decoded(image: Image.Image) -> Decoded:
    samples = np.asarray(image.convert("RGBA"))
    opaque = bool((samples[..., 3] == 255).all())
    alpha = None if opaque else samples[..., 3]
    return Decoded(samples[..., :3], "rgb", alpha, image.info.get("icc_profile"), None, 1)


def keep_recipe(path: Path, recipe: str) -> None:
    """Adds a recipe to a finished animated GIF, WebP or PNG.

    Raises:
        OSError: if the file cannot be written.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    found = sniff(head)
    if found is None:
        return
    if found.name == "WEBP":
        _keep_in_webp(path, to_xmp(recipe))
    elif found.name == "PNG":
        _insert(path, PNG_HEADER, png_text(recipe))
    elif found.name == "GIF":
        table = 3 << ((head[10] & 7) + 1) if head[10] & GIF_TABLE else 0
        _insert(path, GIF_HEADER + table, _gif_comment(recipe))


def mend_webp(path: Path, milliseconds: float, *, alpha: bool) -> None:
    """Sets in a finished animated WebP what its encoder leaves out.

    The encoder gives the last frame the mean of the others' times, and does not say that there is
    transparency where all of it lies beside the frames, which cover a part of the picture alone.

    Args:
        path: of the file.
        milliseconds: for which the last frame is shown.
        alpha: whether there may be transparency.

    Raises:
        OSError: if the file cannot be written.
    """
    with path.open("r+b") as file:
        head = file.read(VP8X_FLAGS + 1)
        if alpha and head[12:16] == b"VP8X":
            file.seek(VP8X_FLAGS)
            file.write(bytes([head[VP8X_FLAGS] | ALPHA_FLAG]))
        at, last = RIFF_HEADER, 0
        file.seek(at)
        while len(head := file.read(8)) == 8:
            last = at if head[:4] == b"ANMF" else last
            length = int.from_bytes(head[4:], "little")
            at += 8 + length + length % 2
            file.seek(at)
        if last:
            file.seek(last + 8 + ANMF_DELAY)
            file.write(round(milliseconds).to_bytes(3, "little"))


def _gif_comment(recipe: str) -> bytes:
    text = f"{KEYWORD}:{recipe}".encode()
    parts = (text[start : start + 255] for start in range(0, len(text), 255))
    return b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _insert(path: Path, at: int, data: bytes) -> None:
    """Puts bytes into a file, by way of another one."""
    made = path.with_name(f"{path.name}.new")
    with path.open("rb") as old, made.open("wb") as new:
        new.write(old.read(at) + data)
        shutil.copyfileobj(old, new)
    made.replace(path)


def _keep_in_webp(path: Path, packet: bytes) -> None:
    """Appends XMP to a WebP of the extended kind, which all animated ones are."""
    with path.open("r+b") as file:
        head = file.read(VP8X_FLAGS + 1)
        if head[12:16] != b"VP8X":
            return
        file.seek(0, 2)
        length = len(packet)
        file.write(b"XMP " + length.to_bytes(4, "little") + packet + bytes(length % 2))
        whole = file.tell() - 8
        file.seek(4)
        file.write(whole.to_bytes(4, "little"))
        file.seek(VP8X_FLAGS)
        file.write(bytes([head[VP8X_FLAGS] | XMP_FLAG]))
