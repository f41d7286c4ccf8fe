"""Decoding: a file's bytes to samples at their full depth, after a check of its header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol

from PIL import features

from artgen.errors import PictureError
from artgen.images import by_pillow, camera_raw, jpeg_xl, netpbm, openexr, radiance, tiff
from artgen.images.by_pillow import quiet
from artgen.images.decoded import Decoded, Head
from artgen.images.formats import HEAD, Format, readable, sniff

__all__ = ["decode", "head_of", "recognise"]


class _Codec(Protocol):
    """The decoder of a format; both functions may raise anything at a damaged file."""

    def head(self, file: BinaryIO, path: Path) -> Head: ...
    def decode(
        self, file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None
    ) -> Decoded: ...


_CODECS: dict[str, _Codec] = {
    "TIFF": tiff,
    "JXL": jpeg_xl,
    "EXR": openexr,
    "HDR": radiance,
    "PPM": netpbm,
    "RAW": camera_raw,
}  # and all others by Pillow


def recognise(file: BinaryIO, path: Path) -> Format:
    """The format of an open file, by its first bytes."""
    first = file.read(HEAD)
    file.seek(0)
    if not first:
        raise PictureError(f"{path} is empty.", "Copy or download it again.")
    found = sniff(first, path)
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


def head_of(file: BinaryIO, path: Path) -> Head:
    """The header of an open file, without decoding.

    Raises:
        PictureError: where it cannot be read.
    """
    found = recognise(file, path)
    with _explained(found, path):
        return _codec(found).head(file, path)


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
    with _explained(found, path):
        return _codec(found).decode(file, path, max_pixels, shrink)


def _codec(found: Format) -> _Codec:
    return _CODECS.get(found.name, by_pillow)


@contextmanager
def _explained(found: Format, path: Path) -> Iterator[None]:
    """Turns what decoders raise into a PictureError, and Pillow's warnings off."""
    try:
        with quiet():
            yield
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError(
            f"{path} is too large for this machine's memory.", "Make it smaller first."
        ) from error
    except Exception as error:  # decoders raise a dozen kinds of error at a damaged file
        odd = found.name not in ("PNG", "JPEG", "WEBP", "GIF")
        raise PictureError(
            f"{path} cannot be decoded: its {found.name} data is damaged or cut short"
            f"{', or of an unusual kind' if odd else ''}.",
            "Copy or download it again, or export it anew.",
        ) from error
