"""Masks: pictures whose brightness says where, stretched over what they are of; and guides.

A mask of other proportions is stretched, and a sentence says so. A guide, map or photo that lies
over a picture place by place has to have its proportions.
"""

from __future__ import annotations

from torch import Tensor

from artgen.errors import UsageError
from artgen.ops import color
from artgen.ops.resize import resample

__all__ = ["FAINT", "checked_mask", "covering", "mask_over", "stretched"]

LOPSIDED = 0.02  # how far a guide's proportions may differ, often drawn on a smaller copy
FAINT = 2 / 255  # no more than this of black, or of white, is none: JPEG's own noise
STRETCHED = 1.03  # other proportions than this need a word: scanners and croppers round


def covering(picture: Tensor, size: tuple[int, int], flag: str, what: str) -> Tensor:
    """A picture that lies over another one, brought to its size.

    Args:
        picture: (1, C, h, w).
        size: (H, W) of what it lies over.
        flag: the option that it was given with.
        what: what it lies over, for the message.

    Raises:
        UsageError: where it is wider or narrower than that.
    """
    height, width = picture.shape[-2:]
    if abs(width * size[0] / (height * size[1]) - 1) > LOPSIDED + 1 / min(height, width):
        raise UsageError(
            f"{flag} is {width} x {height} px and {what} {size[1]} x {size[0]}: other proportions.",
            "It is stretched over the other, so only its size may differ.",
        )
    return resample(picture, size).clamp(0, 1)


def mask_over(picture: Tensor, size: tuple[int, int], flag: str, name: str = "") -> Tensor:
    """A mask's greys (1, 1, H, W), stretched over another picture of a size (H, W).

    Raises:
        UsageError: where it is black everywhere.
    """
    return resample(checked_mask(picture, flag, name), size).clamp(0, 1)


def checked_mask(picture: Tensor, flag: str, name: str = "") -> Tensor:
    """A mask's greys (1, 1, h, w), from the picture (1, 3, h, w) that it came as.

    Args:
        picture: its luma says how much of each place is meant.
        flag: the option that it was given with.
        name: of its file, for the message.

    Raises:
        UsageError: where it is black everywhere.
    """
    mask = color.luma(picture).clamp(0, 1)
    if float(mask.max()) < FAINT:
        raise UsageError(
            f"The mask {f'{name!r} ' * bool(name)}of {flag} is empty: it is black everywhere.",
            "What is white in a mask is what counts.",
        )
    return mask


def stretched(mask: Tensor, name: str, over: Tensor, what: str = "the photo") -> str:
    """What to say of a mask (1, C, h, w) with other proportions than what it lies over, if so."""
    (high, wide), (height, width) = mask.shape[-2:], over.shape[-2:]
    ratio = wide * height / (high * width)
    if max(ratio, 1 / ratio) <= STRETCHED:
        return ""
    return (
        f"The mask {name!r} has other proportions ({wide} x {high} px) than {what} "
        f"({width} x {height}), and is stretched over it."
    )
