"""Pictures of any kind that Python knows: paths, bytes, open files, arrays, tensors, Pillow's."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artgen.core.defaults import MAX_PIXELS
from artgen.core.schema import Reads
from artgen.errors import UsageError
from artgen.images.picture import Picture
from artgen.images.reading import Loaded, check_numbers, laid, load, load_from
from artgen.ops.arrays import Array, of_samples

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Source", "is_source", "load_any"]

Source: TypeAlias = (
    "str | os.PathLike[str] | bytes | BinaryIO | Tensor | Picture | Image.Image | NDArray[Any]"
)
"""A picture: a file, a shipped style's name, a file's bytes, an open file, Pillow's picture, an
array (H, W, 3) of 0 to 255 or of 0 to 1, or a tensor (1, 3, H, W) in [0, 1]. Arrays and tensors may
have one channel instead of three, and alpha as one more."""


def is_source(given: object) -> bool:
    """Whether this is one picture, and not a sequence of several."""
    kinds = (str, os.PathLike, bytes, Picture, Image.Image, np.ndarray)
    return isinstance(given, kinds) or hasattr(given, "read") or _is_tensor(given)


def _is_tensor(given: object) -> TypeGuard[Tensor]:
    """Whether it is torch's; while nobody has imported torch, nothing is."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(given, torch.Tensor)


def load_any(
    source: Any, name: str, *, max_pixels: int = MAX_PIXELS, reads: Reads = "picture"
) -> Loaded:
    """A picture of any kind, as one that is read from a file.

    Args:
        source: the picture; text is a path.
        name: its name in recipes, where it has no file's.
        max_pixels: a file with more is refused.
        reads: how it is read; see `core.schema.Option`.

    Raises:
        PictureError: for a file that cannot be read, and for data beyond 0 to 1.
        UsageError: for an object that is no picture.
    """
    place = Path(f"{name}.png")
    if isinstance(source, str | os.PathLike):
        return load(os.fspath(source), max_pixels=max_pixels, reads=reads)
    if isinstance(source, Image.Image):
        source = _png(source)
    if hasattr(source, "read"):
        found = getattr(source, "name", "")
        place = Path(found).absolute() if isinstance(found, str) and found else place
        source = source.read()
    if isinstance(source, bytes | bytearray | memoryview):
        return load_from(io.BytesIO(source), place, max_pixels=max_pixels, reads=reads)
    samples = _samples(source)
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    picture, alpha = _picture_of(samples, reads)
    if reads == "data":
        check_numbers(picture, place)
    return Loaded(picture, alpha, place, digest, None, False, reads=reads)


def _png(picture: Image.Image) -> bytes:
    """A picture of Pillow's as a PNG, with its profile and its orientation."""
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    file = io.BytesIO()
    kept = {"icc_profile": picture.info.get("icc_profile"), "exif": picture.getexif()}
    picture.save(file, "PNG", compress_level=0, **kept)
    return file.getvalue()


def _samples(source: Any) -> Array:
    """The samples (1, C, H, W) in [0, 1] of what Python has in memory."""
    if isinstance(source, Picture):
        planes = [source.tensor] if source.alpha is None else [source.tensor, source.alpha]
        return np.concatenate([_tensor(one) for one in planes], 1)
    return _tensor(source) if _is_tensor(source) else _array(source)


def _tensor(source: Tensor) -> Array:
    """A tensor (1, C, H, W) in [0, 1] as it is given."""
    shape = tuple(source.shape)
    whole = len(shape) == 4 and shape[0] == 1 and 1 <= shape[1] <= 4 and 0 not in shape
    if not whole or not source.is_floating_point():
        raise UsageError(
            f"A tensor of shape {shape} and type {source.dtype} cannot be used as a picture.",
            "Its shape has to be (1, 3, height, width), and its values floats in [0, 1].",
        )
    found: Array = source.detach().float().cpu().numpy()
    return found


def _array(source: Any) -> Array:
    """The samples (1, C, H, W) in [0, 1] of an array (H, W) or (H, W, C)."""
    if not isinstance(source, np.ndarray):
        raise UsageError(
            f"A {type(source).__name__} cannot be used as a picture.",
            "Give a path, bytes, an open file, a picture of Pillow's, an array or a tensor.",
        )
    array = source[..., None] if source.ndim == 2 else source
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4 or 0 in array.shape:
        raise UsageError(
            f"An array of shape {source.shape} cannot be used as a picture.",
            "Its shape has to be (height, width, 3).",
        )
    return _shares(array)


def _picture_of(samples: Array, reads: Reads) -> tuple[Array, Array | None]:
    """Picture (1, 3, H, W) and alpha (1, 1, H, W) of samples (1, C, H, W), as of a file's."""
    channels = samples.shape[1]
    colours = samples[:, : 1 if channels < 3 else 3]
    picture = np.tile(colours, (1, 3 // colours.shape[1], 1, 1))
    if channels in (1, 3):
        return picture, None
    return laid(picture, np.ascontiguousarray(samples[:, -1:]), reads)


def _shares(array: NDArray[Any]) -> Array:
    """Samples (H, W, C) as a picture (1, C, H, W) in [0, 1]; floats above 1 are 0 to 255."""
    if array.dtype in (np.uint8, np.uint16):
        return of_samples(array)
    if array.dtype == np.bool_:
        array = array.astype(np.float32)
    values: Array = np.asarray(array, np.float32)
    least, most = float(values.min()), float(values.max())
    if not 0 <= least <= most <= 255:
        raise UsageError(
            f"An array with values from {least:g} to {most:g} cannot be used as a picture.",
            "Its values have to be in 0 to 255, or in 0 to 1.",
        )
    whole = np.issubdtype(array.dtype, np.integer) or most > 1
    values = values / np.float32(255) if whole else values
    return np.moveaxis(values, -1, 0)[None].copy()
