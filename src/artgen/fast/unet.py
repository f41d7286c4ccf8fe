"""The body that all networks which paint have: down to an eighth of the size, and up again.

After Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer, ECCV 2016, but with
a stride of 8 instead of 4, fewer channels, sums across the U, and the photo itself added with a
learned gain.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.fast.layers import Modulated, Residual, active, conv, double

__all__ = ["STRIDE", "Body"]

STRIDE = 8  # pixels from one position of the innermost layers to the next


class Body(nn.Module):
    """What lies between a picture's first layer and the painted picture.

    Args:
        rows: of every layer's gains: styles, or numbers of a code.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: residual blocks at an eighth.
    """

    LAST = 16  # channels at the picture's own size

    def __init__(self, rows: int, widths: Sequence[int], blocks: int) -> None:
        super().__init__()
        half, quarter, eighth = widths
        self.into_half = conv(12, half)
        self.into_quarter = Modulated(rows, half, quarter, 2)
        self.into_eighth = Modulated(rows, quarter, eighth, 2)
        self.blocks = nn.ModuleList(Residual(rows, eighth) for _ in range(blocks))
        self.to_quarter = Modulated(rows, eighth, quarter)
        self.at_quarter = Residual(rows, quarter)
        self.to_half = Modulated(rows, quarter, half)
        self.to_full = Modulated(rows, half, self.LAST)
        self.last = conv(self.LAST, 3)
        self.photo_gain = nn.Parameter(torch.zeros(rows, 3))
        self.dtype: torch.dtype | None = None  # within; None for that of the picture

    @property
    def reach(self) -> int:
        """Pixels beyond its own that a pixel of the result depends on, a norm's moments aside."""
        deep = STRIDE * (2 * len(self.blocks) + 1)  # the blocks, and the way into them
        quarter, half, full = 4 * (2 + 1 + 1), 2 * (1 + 1), 1 + 1
        beside = STRIDE  # a position stands for a cell, and is seen from anywhere in it
        return deep + quarter + half + full + beside

    def enter(self, picture: Tensor) -> Tensor:
        """The first layer's answer (B, C, H/2, W/2) to a picture (B, 3, H, W)."""
        found: Tensor = self.into_half(F.pixel_unshuffle(picture, 2))
        return found

    def paint(
        self,
        entered: Tensor,
        picture: Tensor,
        mix: Tensor,
        *,
        quarter: Tensor | None = None,
        eighth: Tensor | None = None,
    ) -> Tensor:
        """The painted picture (B, 3, H, W), not held to [0, 1].

        Args:
            entered: the first layer's answer, normed or weighed by the style.
            picture: the photo, which is added with a gain.
            mix: (1, rows).
            quarter, eighth: what else there is to be seen at a quarter and an eighth of the size.
        """
        half = active(entered).to(self.dtype or entered.dtype)
        across = active(self.into_quarter(half, mix))
        x = self.into_eighth(across, mix)
        x = active(x if eighth is None else x + eighth)
        for block in self.blocks:
            x = block(x, mix)
        across = across if quarter is None else across + quarter
        x = self.at_quarter(active(self.to_quarter(double(x), mix) + across), mix)
        x = active(self.to_half(double(x), mix) + half)
        x = self.last(active(self.to_full(double(x), mix))).to(picture)
        painted: Tensor = x + picture * (mix @ self.photo_gain)[..., None, None]
        return painted
