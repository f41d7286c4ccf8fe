"""Masks with transparency: what of them counts as white."""

from __future__ import annotations

import numpy as np

from artgen.ops.arrays import Array, luma

__all__ = ["from_alpha"]

FLAT = 8 / 255  # of a channel: painted in one colour, but for what JPEG and soft brushes add
COLOURED = 0.1  # of a channel: the difference between channels from which a place has a colour
PHOTO = 0.02  # share of places with a colour, from which on it is a photo that was cut out


def from_alpha(picture: Array, alpha: Array) -> Array:
    """A mask (1, 3, H, W), from a picture (1, 3, H, W) and its alpha (1, 1, H, W).

    Transparent is black. Where what is seen has one colour, whichever, alpha is the mask, and so it
    is of a photo that was cut out; of a mask in greys, alpha dims them.
    """
    seen = picture[0][:, alpha[0, 0] > 0.5]  # (3, N)
    mask = alpha
    if seen.size and (seen.max(1) - seen.min(1)).max() > FLAT:
        coloured = (seen.max(0) - seen.min(0) > COLOURED).mean()
        mask = alpha if coloured > PHOTO else alpha * luma(picture)
    return np.repeat(mask, 3, axis=1)
