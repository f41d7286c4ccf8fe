"""JPEG XL by imagecodecs, which decodes but tells nothing else; its header is read here.

The header is that of ISO/IEC 18181-1, annexes A to D: a stream of bits, the lowest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import Image

from artgen.images.color_profile import Samples, light_profile, profile_of, srgb_light, white
from artgen.images.decoded import Decoded, Head, check_pixels, split
from artgen.images.hdr import HLG, PQ
from artgen.images.metadata import clean_exif, from_xmp

__all__ = ["decode", "encode", "head"]

_CODESTREAM = b"\xff\x0a"
_ENOUGH = 1 << 14  # bytes of the codestream in which its header ends
_LEAST_BOX, _MOST_BOXES = 8, 1000
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_LINEAR, _SRGB, _DCI, _D65 = 8, 13, 17, 1
_WHITES = {1: (0.3127, 0.3290), 10: (1 / 3, 1 / 3), 11: (0.314, 0.351)}
_PRIMARIES = {
    1: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
ICC = "{} has an ICC profile inside its JPEG XL data: its colours are taken as sRGB."


@dataclass
class _Colours:
    """How a picture's numbers are to be shown."""

    icc: bool = False
    grey: bool = False
    white: tuple[float, ...] = _WHITES[_D65]
    primaries: tuple[float, ...] = _PRIMARIES[1]
    gamma: float = 0.0  # exponent of encoding; 0 for a curve by number
    curve: int = _SRGB


@dataclass
class _Info:
    """What the codestream's header says."""

    size: tuple[int, int] = (0, 0)  # (H, W) as stored
    orientation: int = 1
    animated: bool = False
    extra: int = 0  # channels
    associated: bool = False  # colours are multiplied by alpha
    colours: _Colours = field(default_factory=_Colours)


class _Bits:
    """Reads a stream of bits."""

    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "little"), 8 * len(data)

    def u(self, count: int) -> int:
        if count > self.left:
            raise ValueError("cut short")
        found = self.value & ((1 << count) - 1)
        self.value, self.left = self.value >> count, self.left - count
        return found

    def one_of(self, *choices: tuple[int, int]) -> int:
        """A number in one of four codings, each an offset and its count of bits."""
        offset, count = choices[self.u(2)]
        return offset + self.u(count)

    def enum(self) -> int:
        return self.one_of((0, 0), (1, 0), (2, 4), (18, 6))


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.u(1)
    coded = ((1, 9), (1, 13), (1, 18), (1, 30))
    height = (bits.u(5) + 1) * 8 if small else bits.one_of(*coded)
    ratio = bits.u(3)
    if ratio:
        over, under = _RATIOS[ratio - 1]
        return height, height * over // under
    return height, (bits.u(5) + 1) * 8 if small else bits.one_of(*coded)


def _skip_preview(bits: _Bits) -> None:
    eighths = bits.u(1)
    coded = ((16, 0), (32, 0), (1, 5), (33, 9)) if eighths else ((1, 6), (65, 8), (321, 10))
    coded = coded if eighths else (*coded, (1345, 12))
    bits.one_of(*coded)
    if not bits.u(3):
        bits.one_of(*coded)


def _skip_animation(bits: _Bits) -> None:
    bits.one_of((100, 0), (1000, 0), (1, 10), (1, 30))
    bits.one_of((1, 0), (1001, 0), (1, 8), (1, 10))
    bits.one_of((0, 0), (0, 3), (0, 16), (0, 32))
    bits.u(1)


def _skip_depth(bits: _Bits) -> None:
    if bits.u(1):
        bits.one_of((32, 0), (16, 0), (24, 0), (1, 6))
        bits.u(4)
    else:
        bits.one_of((8, 0), (10, 0), (12, 0), (1, 6))


def _extra_channel(bits: _Bits) -> bool:
    """Skips the description of one channel; whether it is alpha that colours are multiplied by."""
    if bits.u(1):
        return False
    kind = bits.enum()
    _skip_depth(bits)
    bits.one_of((0, 0), (3, 0), (4, 0), (1, 3))
    bits.u(8 * bits.one_of((0, 0), (0, 4), (16, 5), (48, 10)))
    if kind == 2:
        bits.u(64)
    if kind == 5:
        bits.one_of((1, 0), (0, 2), (3, 4), (19, 8))
    return kind == 0 and bool(bits.u(1))


def _point(bits: _Bits) -> Iterator[float]:
    for _ in range(2):
        coded = bits.one_of((0, 19), (524288, 19), (1048576, 20), (2097152, 21))
        yield (coded >> 1 if coded & 1 == 0 else -(coded >> 1) - 1) / 1e6


def _colours(bits: _Bits) -> _Colours:
    found = _Colours()
    if bits.u(1):
        return found
    found.icc = bool(bits.u(1))
    space = bits.enum()
    found.grey = space == 1
    if found.icc or space == 2:
        return found
    kind = bits.enum()
    found.white = tuple(_point(bits)) if kind == 2 else _WHITES[kind]
    if not found.grey:
        kind = bits.enum()
        own = (one for _ in range(3) for one in _point(bits))
        found.primaries = tuple(own) if kind == 2 else _PRIMARIES[kind]
    if bits.u(1):
        found.gamma = bits.u(24) / 1e7
    else:
        found.curve = bits.enum()
    return found


def _info(stream: bytes) -> _Info:
    """The header of a codestream."""
    if not stream.startswith(_CODESTREAM):
        raise ValueError("no codestream")
    bits = _Bits(stream[2:_ENOUGH])
    found = _Info(_size(bits))
    if bits.u(1):  # all the rest is by default
        return found
    if bits.u(1):
        found.orientation = bits.u(3) + 1
        if bits.u(1):
            _size(bits)
        if bits.u(1):
            _skip_preview(bits)
        if bits.u(1):
            found.animated = True
            _skip_animation(bits)
    _skip_depth(bits)
    bits.u(1)
    found.extra = bits.one_of((0, 0), (1, 0), (2, 4), (1, 12))
    associated = [_extra_channel(bits) for _ in range(found.extra)]
    found.associated = any(associated)
    bits.u(1)
    found.colours = _colours(bits)
    return found


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box of a container."""
    at = 0
    for _ in range(_MOST_BOXES):
        length, kind, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        length = length or len(data) - at  # 0: to the end
        if length < start or at + start > len(data):
            return
        yield kind, data[at + start : at + length]
        at += length


def _read(file: BinaryIO) -> tuple[bytes, _Info, bytes | None, bytes | None]:
    """The file's bytes, what its header says, its EXIF (from the TIFF header on) and XMP."""
    file.seek(0)
    data = file.read()
    if data.startswith(_CODESTREAM):
        return data, _info(data), None, None
    stream, exif, xmp = b"", None, None
    for kind, content in _boxes(data):
        if kind == b"jxlc":
            stream = content
        elif kind == b"jxlp":
            stream += content[4:] if len(stream) < _ENOUGH else b""
        elif kind == b"Exif":
            exif = content[4 + int.from_bytes(content[:4], "big") :]
        elif kind == b"xml ":
            xmp = content
    return data, _info(stream), exif, xmp


def head(file: BinaryIO, path: Path) -> Head:
    """The header of an open JPEG XL file."""
    _, info, _, xmp = _read(file)
    return Head(info.size, info.orientation, from_xmp(xmp) if xmp else None)


def decode(file: BinaryIO, path: Path, max_pixels: int, shrink: int | None = None) -> Decoded:
    """The first frame; arguments and errors as of `decoding.decode`."""
    data, info, exif, _ = _read(file)
    height, width = info.size
    check_pixels(path, width, height, max_pixels, 3 + info.extra)
    samples: Samples = imagecodecs.jpegxl_decode(data, 0, keeporientation=True)
    if samples.shape[:2] != info.size:
        raise ValueError("another size than in the header")
    samples, space, alpha = split(samples)
    samples, profile, hdr = _shown(samples, info.colours)
    if alpha is not None and alpha.dtype.kind == "f":
        alpha = np.clip(np.nan_to_num(alpha), 0, 1)
    parsed = Image.Exif()
    if exif:
        parsed.load(b"Exif\0\0" + exif)
    return Decoded(
        *(samples, space, alpha, profile, clean_exif(parsed), info.orientation, hdr),
        info.animated,
        info.associated,
        ICC if info.colours.icc else "",
    )


def _shown(
    samples: Samples, colours: _Colours
) -> tuple[Samples, bytes | None, tuple[int, int] | None]:
    """Samples, a profile, and primaries with transfer if in HDR."""
    floats = samples.dtype.kind == "f"
    if colours.curve in (PQ, HLG) and not colours.gamma:
        if floats:
            samples = np.rint(np.clip(np.nan_to_num(samples), 0, 1) * 65535).astype(np.uint16)
        wide = next((n for n, them in _PRIMARIES.items() if them == colours.primaries), 1)
        return samples, None, ({11: 12}.get(wide, wide), colours.curve)
    if colours.grey or colours.icc:
        linear = colours.curve == _LINEAR and not colours.gamma
        if linear and not floats:
            samples = (samples / white(samples)).astype(np.float32)
        return (samples if linear or not floats else srgb_light(samples)), None, None
    if colours.curve == _LINEAR and not colours.gamma:
        samples = samples if floats else (samples / white(samples)).astype(np.float32)
        return samples, light_profile(*_pairs(colours)), None
    plain = _Colours()
    if (colours.white, colours.primaries, colours.curve, colours.gamma) == (
        *(plain.white, plain.primaries, plain.curve, plain.gamma),
    ):
        return (srgb_light(samples) if floats else samples), None, None
    gamma = 2.6 if colours.curve == _DCI else 1 / colours.gamma if colours.gamma else None
    return samples, profile_of(*_pairs(colours), gamma=gamma), None


def _pairs(colours: _Colours) -> tuple[tuple[float, float], ...]:
    """Red, green, blue and white as x and y."""
    x, y = colours.primaries[0::2], colours.primaries[1::2]
    return (*zip(x, y, strict=True), (colours.white[0], colours.white[1]))


def encode(samples: Samples, quality: int, xmp: bytes | None, exif: bytes | None) -> bytes:
    """Samples (H, W, C) of 8 or 16 bits in sRGB as a file, with metadata in boxes.

    Samples of 16 bits are stored as linear light, since that is how imagecodecs labels them.
    Quality becomes a distance as in libjxl's JxlEncoderDistanceFromQuality; 100 is lossless.
    """
    if samples.dtype == np.uint16:
        light = srgb_light(samples[..., :3] / np.float32(65535)) * 65535
        samples = np.concatenate([np.rint(light).astype(np.uint16), samples[..., 3:]], -1)
    if quality >= 100:
        data = imagecodecs.jpegxl_encode(samples, lossless=True, usecontainer=True)
    else:
        low = 53 / 3000 * quality**2 - 23 / 20 * quality + 25
        distance = 0.1 + (100 - quality) * 0.09 if quality >= 30 else low
        data = imagecodecs.jpegxl_encode(samples, distance=distance, usecontainer=True)
    boxes = {b"Exif": exif and bytes(4) + exif.removeprefix(b"Exif\0\0"), b"xml ": xmp}
    for kind, content in boxes.items():
        if content:
            data += (len(content) + _LEAST_BOX).to_bytes(4, "big") + kind + content
    return bytes(data)
