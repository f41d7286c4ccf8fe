"""Colour management: decoded samples to sRGB, by their ICC profile or by default rules.

One path for 8 and 16 bits: Pillow's colour management knows 8 bits only, so Little CMS is called
through imagecodecs. Samples with a profile become 16 bits deep: 8 would cause banding.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import imagecodecs
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Samples",
    "Space",
    "light_profile",
    "plain",
    "profile_of",
    "srgb_light",
    "srgb_profile",
    "to_light",
    "to_srgb",
    "white",
]

Samples = NDArray[Any]  # uint8 or uint16; float32 where it is linear light
_Point = tuple[float, float]  # x and y of CIE 1931
_BT709: tuple[_Point, ...] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
_ROWS = 256  # that are worked on at once: floats take several times the memory of the samples
Space = Literal["gray", "rgb", "cmyk"]

_SIGNATURES: dict[bytes, Space] = {b"GRAY": "gray", b"RGB ": "rgb", b"CMYK": "cmyk"}


def white(samples: Samples) -> int:
    """The value of white in the samples' type."""
    return 1 if samples.dtype.kind == "f" else int(np.iinfo(samples.dtype).max)


@cache
def srgb_profile() -> bytes:
    """An sRGB profile, always the same bytes: its date is zeroed."""
    profile = bytes(imagecodecs.cms_profile("srgb"))
    return profile[:24] + bytes(12) + profile[36:]


@cache
def profile_of(
    red: _Point, green: _Point, blue: _Point, white: _Point, *, gamma: float | None = None
) -> bytes:
    """A profile of these primaries: with sRGB's curve, or with a power law."""
    curve = None if gamma else srgb_light(np.linspace(0, 1, 4096, dtype=np.float32))
    made: bytes = imagecodecs.cms_profile(
        "rgb",
        whitepoint=(*white, 1.0),
        primaries=[value for x, y in (red, green, blue) for value in (x, y, 1.0)],
        gamma=gamma,
        transferfunction=curve,
    )
    return made


def light_profile(
    red: _Point | Samples, green: _Point | Samples, blue: _Point | Samples, white: _Point | Samples
) -> bytes | None:
    """A profile of linear light of these primaries; None if they are BT.709's."""
    points = [(round(float(x), 5), round(float(y), 5)) for x, y in (red, green, blue, white)]
    near = np.abs(np.subtract(points, _BT709)).max() < 1e-3
    return None if near else profile_of(*points, gamma=1.0)


def srgb_light(coded: Samples) -> Samples:
    """Linear light of floats in sRGB's curve, which goes on beyond 0 and 1 (as in scRGB)."""
    size = np.abs(coded)
    light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(light, coded).astype(np.float32)


def to_light(samples: Samples, space: Space, profile: bytes | None) -> Samples:
    """Floats (H, W) or (H, W, C) of a profile as linear light (H, W, 3) of BT.709's primaries."""
    rgb = plain(np.nan_to_num(samples, posinf=3e38, neginf=-3e38), space)
    if not profile or _SIGNATURES.get(profile[16:20]) not in ("rgb", space):
        return rgb
    space, rgb = ("gray", samples) if profile[16:20] == b"GRAY" else ("rgb", rgb)
    result = np.empty((*samples.shape[:2], 3), np.float32)
    try:
        for row in range(0, len(rgb), _ROWS):
            part = rgb[row : row + _ROWS]
            result[row : row + _ROWS] = _transform(
                part, space, profile, np.dtype(np.float32), profile_of(*_BT709, gamma=1.0)
            )
    except imagecodecs.CmsError:
        return plain(samples, space)
    return result


def to_srgb(samples: Samples, space: Space, profile: bytes | None) -> Samples:
    """Samples (H, W) or (H, W, C) to sRGB (H, W, 3), of 8 or 16 bits.

    A profile that is broken, or is for another colour space, is ignored.
    """
    source = _SIGNATURES.get(profile[16:20]) if profile else None
    if source == "rgb" and space == "gray":  # some programs write this for grey pictures
        samples, space = plain(samples, space), "rgb"
    if profile and source == space:
        try:
            if samples.dtype == np.uint8 and space == "rgb" and _is_srgb(profile):
                return samples
            return _transform(samples, space, profile, np.dtype(np.uint16))
        except imagecodecs.CmsError:
            pass
    return plain(samples, space)


def _transform(
    samples: Samples, space: Space, profile: bytes, dtype: np.dtype[Any], into: bytes | None = None
) -> Samples:
    transformed: Samples = imagecodecs.cms_transform(
        np.ascontiguousarray(samples),
        profile,
        into or srgb_profile(),
        colorspace=space,
        outcolorspace="rgb",
        outdtype=dtype,
        # What photo editors do by default: exact where sRGB can show it, black stays black.
        intent=imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC,
        flags=imagecodecs.CMS.FLAGS.BLACKPOINTCOMPENSATION,
    )
    return transformed


@cache
def _is_srgb(profile: bytes) -> bool:
    """Whether a profile changes no 8-bit colour by more than a level, whatever its name."""
    levels = np.linspace(0, 255, 16).astype(np.uint8)
    probe = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(64, 64, 3)
    result = _transform(probe, "rgb", profile, np.dtype(np.uint8))
    return bool(np.abs(result.astype(int) - probe.astype(int)).max() <= 1)


def plain(samples: Samples, space: Space) -> Samples:
    """Samples (H, W) or (H, W, C) as RGB (H, W, 3), without a profile."""
    if space == "gray":
        return np.repeat(samples.reshape(*samples.shape[:2], 1), 3, axis=2)
    if space == "cmyk":  # 0 is no ink
        top = white(samples)
        light = (top - samples).astype(np.float32)
        return np.rint(light[..., :3] * (light[..., 3:] / top)).astype(samples.dtype)
    return samples
