"""Text as a mask, for the labels of a sheet: drawn by Pillow, in its own font."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from artgen.ops.samples import to_tensor

if TYPE_CHECKING:
    from PIL import ImageFont
    from torch import Tensor

__all__ = ["lettering"]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size=size)


def lettering(text: str, size: int) -> Tensor:
    """One line of text as a mask (1, 1, H, W) in [0, 1], 1 in the letters.

    Args:
        text: in ASCII; the font has little beyond it.
        size: of the font in pixels; it alone determines H, so that lines align side by side.
    """
    from PIL import ImageDraw

    font = _font(size)
    height = size + size // 3  # below the line the longest descender
    width = max(1, round(font.getlength(text) + 0.5))
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).text((0, 0), text, font=font, fill=255)
    return to_tensor(np.asarray(image))
