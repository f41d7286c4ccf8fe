"""Masks, whose brightness selects parts of a picture, and guides, which label its parts.

A mask of other proportions than its picture is stretched, with a note. A guide, map or photo that
belongs to a picture pixel by pixel has to have its proportions.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.ops import color
from artgen.ops.resize import resample

__all__ = ["FAINT", "checked_mask", "covering", "mask_over", "remarks"]

LOPSIDED = 0.02  # how far a guide's proportions may differ; many are drawn on a smaller copy
FAINT = 2 / 255  # less than this from black, or from white, counts as none: JPEG noise
LEAST = 1e-6  # contrast of a mask with two values
TWO = 0.97  # share of places that have one of two values; the others are soft edges
WHITE = 0.5  # of a mask: below it a note is given
STRETCHED = 1.03  # ratio of proportions from which a note is given: scanners and croppers round


def covering(picture: Tensor, size: tuple[int, int], flag: str, what: str) -> Tensor:
    """A picture that covers another one, resized to it: (1, C, H, W).

    Args:
        picture: (1, C, h, w).
        size: (H, W) of the other picture.
        flag: the option that it was given with.
        what: what the other picture is, for the message.

    Raises:
        UsageError: if their proportions differ.
    """
    height, width = picture.shape[-2:]
    if abs(width * size[0] / (height * size[1]) - 1) > LOPSIDED + 1 / min(height, width):
        raise UsageError(
            f"{flag} is {width} x {height} px and {what} {size[1]} x {size[0]}: other proportions.",
            "It is stretched over the other, so only its size may differ.",
        )
    return resample(picture, size).clamp(0, 1)


def mask_over(picture: Tensor, size: tuple[int, int], flag: str, name: str = "") -> Tensor:
    """A mask (1, 1, H, W) in [0, 1], from a picture (1, 3, h, w), stretched to a size (H, W).

    Raises:
        UsageError: if it is black everywhere.
    """
    return resample(checked_mask(picture, flag, name), size).clamp(0, 1)


def checked_mask(picture: Tensor, flag: str, name: str = "") -> Tensor:
    """A mask (1, 1, h, w) in [0, 1], the luma of a picture (1, 3, h, w).

    Args:
        picture: black excludes, white includes. Of one in two colours, whichever (as programs that
            label pictures write them), the darker is black and the brighter white.
        flag: the option that it was given with.
        name: of its file, for the message.

    Raises:
        UsageError: if it is black everywhere.
    """
    mask = _black_and_white(color.luma(picture).clamp(0, 1))
    if float(mask.max()) < FAINT:
        raise UsageError(
            f"The mask {f'{name!r} ' * bool(name)}of {flag} is empty: it is black everywhere.",
            "What is white in a mask is what counts.",
        )
    return mask


def _black_and_white(mask: Tensor) -> Tensor:
    """A mask (1, 1, h, w) that has two values, but for soft edges, as black and white."""
    low, high = mask.min(), mask.max()
    room = high - low
    sides = torch.minimum(mask - low, high - mask) <= room / 8  # as of JPEG
    share = TWO if float(room) >= FAINT else 1.0  # what is fainter must have two values exactly
    if float(room) < LEAST or float(sides.float().mean()) < share:
        return mask
    return ((mask - low) / room).clamp(0, 1)


def remarks(
    picture: Tensor, flag: str, name: str, over: Tensor, what: str = "the photo"
) -> Iterator[str]:
    """Sentences on a mask, a picture (1, 3, h, w), that the user should read.

    They say that it has other proportions than `over` (1, C, H, W), or is white nowhere.
    """
    (high, wide), (height, width) = picture.shape[-2:], over.shape[-2:]
    ratio = wide * height / (high * width)
    if max(ratio, 1 / ratio) > STRETCHED:
        yield (
            f"The mask {name!r} has other proportions ({wide} x {high} px) than {what} "
            f"({width} x {height}), and is stretched over it."
        )
    most = float(checked_mask(picture, flag, name).max())
    if most < WHITE:
        yield (
            f"The mask {name!r} of {flag} is nowhere near white: its brightest place counts as "
            f"{most:.0%}."
        )
