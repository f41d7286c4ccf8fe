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

__all__ = ["Samples", "Space", "srgb_profile", "to_srgb", "white"]

Samples = NDArray[Any]  # uint8 or uint16
Space = Literal["gray", "rgb", "cmyk"]

STRIP = 256  # rows that are worked on at once
_SIGNATURES: dict[bytes, Space] = {b"GRAY": "gray", b"RGB ": "rgb", b"CMYK": "cmyk"}


def white(samples: Samples) -> int:
    """The largest value of the samples' type."""
    return int(np.iinfo(samples.dtype).max)


@cache
def srgb_profile() -> bytes:
    """An sRGB profile, always the same bytes: its date is zeroed."""
    profile = bytes(imagecodecs.cms_profile("srgb"))
    return profile[:24] + bytes(12) + profile[36:]


def to_srgb(samples: Samples, space: Space, profile: bytes | None) -> Samples:
    """Samples (H, W) or (H, W, C) to sRGB (H, W, 3), of 8 or 16 bits.

    A profile that is broken, or is for another colour space, is ignored.
    """
    source = _SIGNATURES.get(profile[16:20]) if profile else None
    if source == "rgb" and space == "gray":  # some programs write this for grey pictures
        samples, space = _plain(samples, space), "rgb"
    if profile and source == space:
        try:
            if samples.dtype == np.uint8 and space == "rgb" and _is_srgb(profile):
                return samples
            return _transform(samples, space, profile, np.dtype(np.uint16))
        except imagecodecs.CmsError:
            pass
    return _plain(samples, space)


def _transform(samples: Samples, space: Space, profile: bytes, dtype: np.dtype[Any]) -> Samples:
    transformed: Samples = imagecodecs.cms_transform(
        np.ascontiguousarray(samples),
        profile,
        srgb_profile(),
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


def _plain(samples: Samples, space: Space) -> Samples:
    if space == "gray":
        return np.repeat(samples.reshape(*samples.shape[:2], 1), 3, axis=2)
    if space == "cmyk":  # 0 is no ink
        top, found = white(samples), np.empty((*samples.shape[:2], 3), samples.dtype)
        for row in range(0, len(samples), STRIP):
            light = (top - samples[row : row + STRIP]).astype(np.float32)
            found[row : row + STRIP] = np.rint(light[..., :3] * (light[..., 3:] / top))
        return found
    return samples
