"""Masks: pictures whose brightness says where."""

from __future__ import annotations

from torch import Tensor

from artgen.errors import UsageError
from artgen.ops import color
from artgen.ops.resize import resample

__all__ = ["FAINT", "checked_mask", "covering", "mask_over", "stretched"]

LOPSIDED = 0.02  # how far proportions may differ, for a mask is often drawn on a smaller copy


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


def mask_over(picture: Tensor, size: tuple[int, int], flag: str, what: str) -> Tensor:
    """What a picture's brightness says of another one of a size (H, W): (1, 1, H, W)."""
    grey = covering(picture, size, flag, what).mean(1, keepdim=True)
    if not bool((grey > 0.5).any()):
        raise UsageError(f"{flag} is black all over.", "What is white in a mask is what counts.")
    return grey


FAINT = 2 / 255  # no more than this of black, or of white, is none: JPEG's own noise
STRETCHED = 1.03  # other proportions than this need a word: scanners and croppers round


def checked_mask(picture: Tensor, name: str, flag: str) -> Tensor:
    """A mask's greys (1, 1, H, W), from the picture (1, 3, H, W) that it came as.

    Raises:
        UsageError: where it is black everywhere.
    """
    mask = color.luma(picture).clamp(0, 1)
    if float(mask.max()) < FAINT:
        raise UsageError(
            f"The mask {name!r} of {flag} is empty: it is black everywhere.",
            "Paint white what it is to cover.",
        )
    return mask


def stretched(mask: Tensor, name: str, photo: Tensor) -> str:
    """What to say of a mask (1, C, h, w) with other proportions than the photo; else nothing."""
    (high, wide), (height, width) = mask.shape[-2:], photo.shape[-2:]
    ratio = wide * height / (high * width)
    if max(ratio, 1 / ratio) <= STRETCHED:
        return ""
    return (
        f"The mask {name!r} has other proportions ({wide} x {high} px) than the photo "
        f"({width} x {height}), and is stretched over it."
    )
