"""Masks with transparency: what of them counts as white."""

from __future__ import annotations

from torch import Tensor

from artgen.ops.color import luma

__all__ = ["from_alpha"]

FLAT = 8 / 255  # of a channel: painted in one colour, but for what JPEG and soft brushes add
COLOURED = 0.1  # of a channel: the difference between channels from which a place has a colour
PHOTO = 0.02  # share of places with a colour, from which on it is a photo that was cut out


def from_alpha(picture: Tensor, alpha: Tensor) -> Tensor:
    """A mask (1, 3, H, W), from a picture (1, 3, H, W) and its alpha (1, 1, H, W).

    Transparent is black. Where what is seen has one colour, whichever, alpha is the mask, and so it
    is of a photo that was cut out; of a mask in greys, alpha dims them.
    """
    seen = picture[0, :, alpha[0, 0] > 0.5]  # (3, N)
    spread = (seen.amax(1) - seen.amin(1)).max() if seen.numel() else seen.new_zeros(())
    hue = (seen.amax(0) - seen.amin(0) > COLOURED).float().mean()
    grey = luma(picture) if bool(spread > FLAT) and not bool(hue > PHOTO) else 1.0
    return (alpha * grey).repeat(1, 3, 1, 1)
