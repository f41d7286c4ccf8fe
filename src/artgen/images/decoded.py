"""What a decoder returns: samples as the file has them, and what is needed to show them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from artgen.errors import PictureError
from artgen.images.color_profile import Samples, Space

__all__ = ["Decoded", "Head", "check_pixels", "split", "straight"]

MOST_CHANNELS = 32  # that are decoded at once, more than any picture's layers need


@dataclass(frozen=True)
class Head:
    """What a file's header says, without decoding.

    Attributes:
        size: (H, W) as stored, in pixels.
        orientation: of EXIF, 1 to 8.
        recipe: that artgen has written into it.
        animated: whether there are several frames.
    """

    size: tuple[int, int]
    orientation: int = 1
    recipe: str | None = None
    animated: bool = False


@dataclass(frozen=True)
class Decoded:
    """Samples as the file has them, not rotated upright yet and not in sRGB.

    Floats are linear light: of the profile's primaries, or of BT.709's without one; 1 is white.
    """

    samples: Samples  # (H, W) or (H, W, C): uint8, uint16 or float32
    space: Space
    alpha: Samples | None  # (H, W)
    profile: bytes | None = None
    exif: bytes | None = None  # as clean_exif() leaves it
    orientation: int = 1
    hdr: tuple[int, int] | None = None  # primaries and transfer by H.273, of PQ and HLG
    animated: bool = False  # and this is the first frame
    multiplied: bool = False  # colours by alpha
    note: str = ""  # a sentence on what was left out, with {} for the file's name

    @property
    def deep(self) -> bool:
        return self.samples.dtype != np.uint8

    @property
    def linear(self) -> bool:
        """Whether the samples are linear light."""
        return self.samples.dtype.kind == "f"


def check_pixels(path: Path, width: int, height: int, max_pixels: int, channels: int = 4) -> None:
    """Refuses a picture by its header.

    Raises:
        PictureError: for more than max_pixels pixels, or more channels than a picture has.
        ValueError: for a picture without pixels, as of a damaged file.
    """
    pixels = width * height
    if pixels < 1:
        raise ValueError("an empty picture")
    if pixels > max_pixels:
        raise PictureError(
            f"{path} has {width} x {height} = {pixels / 1e6:.0f} megapixels, "
            f"and the limit is {max_pixels / 1e6:g}.",
            f"Make it smaller, or allow it: --max-pixels {pixels}",
        )
    if channels > MOST_CHANNELS:
        raise PictureError(
            f"{path} has {channels} channels, and at most {MOST_CHANNELS} are read.",
            "Export its colours alone.",
        )


def split(samples: Samples) -> tuple[Samples, Space, Samples | None]:
    """Samples, colour space and alpha: grey or RGB, by the number of channels."""
    channels = samples.shape[2] if samples.ndim == 3 else 1
    space: Space = "gray" if channels < 3 else "rgb"
    if channels in (2, 4):
        return samples[..., :-1], space, samples[..., -1]
    return samples, space, None


def straight(samples: Samples, alpha: Samples) -> Samples:
    """Samples (H, W, C) that were multiplied by alpha (H, W), divided by it again."""
    if samples.dtype.kind == "f":
        return np.asarray(samples / np.maximum(alpha, 1e-6)[..., None], np.float32)
    top = int(np.iinfo(samples.dtype).max)
    cover = np.maximum(alpha, 1).astype(np.float32)[..., None] / top
    return np.minimum(np.rint(samples / cover), top).astype(samples.dtype)
