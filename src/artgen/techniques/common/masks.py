"""Masks, whose brightness selects parts of a picture, and guides, which label its parts.

A mask of other proportions than its picture is stretched, with a note. A guide, map or photo that
belongs to a picture pixel by pixel has to have its proportions.
"""

from __future__ import annotations

from torch import Tensor

from artgen.errors import UsageError
from artgen.ops import color
from artgen.ops.resize import resample

__all__ = ["FAINT", "checked_mask", "covering", "mask_over", "stretched"]

LOPSIDED = 0.02  # how far a guide's proportions may differ; many are drawn on a smaller copy
FAINT = 2 / 255  # less than this from black, or from white, counts as none: JPEG noise
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
        picture: black excludes, white includes.
        flag: the option that it was given with.
        name: of its file, for the message.

    Raises:
        UsageError: if it is black everywhere.
    """
    mask = color.luma(picture).clamp(0, 1)
    if float(mask.max()) < FAINT:
        raise UsageError(
            f"The mask {f'{name!r} ' * bool(name)}of {flag} is empty: it is black everywhere.",
            "What is white in a mask is what counts.",
        )
    return mask


def stretched(mask: Tensor, name: str, over: Tensor, what: str = "the photo") -> str:
    """A note if a mask (1, C, h, w) has other proportions than `over` (1, C, H, W); else empty."""
    (high, wide), (height, width) = mask.shape[-2:], over.shape[-2:]
    ratio = wide * height / (high * width)
    if max(ratio, 1 / ratio) <= STRETCHED:
        return ""
    return (
        f"The mask {name!r} has other proportions ({wide} x {high} px) than {what} "
        f"({width} x {height}), and is stretched over it."
    )
