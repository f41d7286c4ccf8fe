"""OpenEXR in and out, by the OpenEXR package: floats of linear light.

The header is read here, so that it is judged before anything is decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from artgen.errors import PictureError
from artgen.images.color_profile import Samples, Space, light_profile
from artgen.images.decoded import Decoded, Head, check_pixels
from artgen.images.exr_process import planes
from artgen.images.metadata import KEYWORD

__all__ = ["decode", "encode", "head"]

_MAGIC, _MULTIPART, _DEEP = b"\x76\x2f\x31\x01", 0x1000, 0x800
_MOST = 1 << 20  # bytes of all headers
_MOST_PARTS = 64
Window: TypeAlias = "tuple[int, int, int, int]"  # left, top, right, bottom, all inside of it


@dataclass(frozen=True)
class _Part:
    """What the header of one part says."""

    data: Window
    display: Window
    channels: tuple[str, ...]  # those of all pixels; others have fewer samples
    count: int  # of all channels
    chromaticities: tuple[float, ...] | None
    recipe: str | None

    @property
    def shown(self) -> tuple[str, ...] | None:
        """The channels that are shown: of a layer's only where there are no others."""
        layers = {name.rpartition(".")[0] + "." for name in self.channels if "." in name}
        for layer in ("", *sorted(layers)):
            for colours in ("RGB", "Y"):
                names = [layer + colour for colour in colours]
                if {*names} <= {*self.channels}:
                    return (*names, *[layer + "A"] * (layer + "A" in self.channels))
        return None


def _text(file: BinaryIO) -> bytes:
    """Bytes up to a zero."""
    found = bytearray()
    while (byte := file.read(1)) != b"\0":
        if not byte or len(found) > 255:
            raise ValueError("cut short")
        found += byte
    return bytes(found)


def _attributes(file: BinaryIO) -> dict[bytes, bytes]:
    """Name -> value of each attribute of a header; empty after the last header."""
    found = {}
    while name := _text(file):
        _text(file)  # its type
        (length,) = struct.unpack("<I", file.read(4))
        found[name] = file.read(length)
        if len(found[name]) < length:
            raise ValueError("cut short")
    return found


def _part(attributes: dict[bytes, bytes]) -> _Part:
    names, count, listed = [], 0, BytesIO(attributes[b"channels"])
    while name := _text(listed):
        _, _, across, down = struct.unpack("<4I", listed.read(16))
        count += 1
        if across == down == 1:
            names.append(name.decode())
    told = attributes.get(b"chromaticities")
    recipe = attributes.get(KEYWORD.encode())
    return _Part(
        struct.unpack("<4i", attributes[b"dataWindow"]),
        struct.unpack("<4i", attributes[b"displayWindow"]),
        tuple(names),
        count,
        None if told is None else struct.unpack("<8f", told),
        None if recipe is None else recipe.decode("utf-8", "replace"),
    )


def _parts(file: BinaryIO, path: Path) -> list[_Part]:
    """The headers of an open file's parts."""
    file.seek(0)
    first = BytesIO(file.read(_MOST))
    magic, flags = struct.unpack("<4sI", first.read(8))
    if magic != _MAGIC:
        raise ValueError("no EXR")
    if flags & _DEEP:
        raise PictureError(f"{path} is a deep EXR.", "Flatten it first.")
    found = [_part(_attributes(first))]
    while flags & _MULTIPART and (more := _attributes(first)):
        found.append(_part(more))
        if len(found) > _MOST_PARTS:
            raise PictureError(f"{path} has too many parts.", "Export its colours alone.")
    return found


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open EXR file."""
    first = _parts(file, path)[0]
    width, height = _size(first.display)
    return Head((height, width), recipe=first.recipe)


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The first part with colours; arguments and errors as of `decoding.decode`."""
    parts = _parts(file, path)
    for one in parts:
        for window in (one.display, one.data):
            check_pixels(path, *_size(window), max_pixels, one.count)
    pixels = sum(_size(one.data)[0] * _size(one.data)[1] for one in parts)
    check_pixels(path, pixels, 1, max(max_pixels, pixels // 4))  # all parts are decoded
    number = next((number for number, one in enumerate(parts) if one.shown), None)
    if number is None:
        raise PictureError(
            f"{path} has no channels R, G and B, and no Y.", "Export its colours under those names."
        )
    names = parts[number].shown or ()
    file.seek(0)
    return _decoded(parts[number], names, planes(file.read(), number, names))


def _size(window: Window) -> tuple[int, int]:
    """(W, H) of a window."""
    left, top, right, bottom = window
    if right < left or bottom < top:
        raise ValueError("an empty window")
    return right - left + 1, bottom - top + 1


def _decoded(part: _Part, names: tuple[str, ...], data: bytes) -> Decoded:
    width, height = _size(part.data)
    every = np.frombuffer(data, np.float32).reshape(len(names), height, width)
    channels = [_placed(plane, part) for plane in every]
    space: Space = "gray" if len(channels) < 3 else "rgb"
    alpha = channels.pop() if len(channels) in (2, 4) else None
    samples: Samples = np.stack(channels, -1)
    if alpha is not None:
        alpha = np.clip(np.nan_to_num(alpha), 0, 1)
    told = part.chromaticities if space == "rgb" else None
    points = None if told is None else np.reshape(told, (4, 2))
    profile = None if points is None else light_profile(*points)
    return Decoded(samples, space, alpha, profile, multiplied=alpha is not None)


def _placed(plane: Samples, part: _Part) -> Samples:
    """The data window's plane in the display window, black around it."""
    width, height = _size(part.display)
    x, y = part.data[0] - part.display[0], part.data[1] - part.display[1]
    if (y, x) == (0, 0) and plane.shape == (height, width):
        return plane
    placed = np.zeros((height, width), np.float32)
    rows = slice(max(y, 0), min(y + plane.shape[0], height))
    columns = slice(max(x, 0), min(x + plane.shape[1], width))
    if rows.start < rows.stop and columns.start < columns.stop:
        inner = plane[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
        placed[rows, columns] = inner
    return placed


def encode(samples: Samples, recipe: str | None, *, light: bool = True, dpi: float = 0) -> bytes:
    """Samples (H, W, C), float16 or float32, 1 to 4 channels, as the bytes of an EXR file.

    Light is multiplied by alpha, its last channel; other numbers stay as they are. `dpi` are dots
    an inch; 0 for no note of them.
    """
    import OpenEXR

    header: dict[str, Any] = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIP_COMPRESSION,
        **({} if recipe is None else {KEYWORD: recipe}),
        **({"xDensity": float(dpi)} if dpi else {}),
    }
    channels = samples.shape[2]
    if light and channels in (2, 4):
        alpha = samples[..., -1:]
        samples = np.concatenate([samples[..., :-1] * alpha, alpha], -1)
    names = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}[channels]
    planes = {name: np.ascontiguousarray(samples[..., at]) for at, name in enumerate(names)}
    buffer = BytesIO()
    OpenEXR.File(header, planes).write(buffer)
    return buffer.getvalue()
