"""The body of all networks that paint: a U-Net down to an eighth of the size and up again.

After Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer, ECCV 2016, but with
a stride of 8 instead of 4, fewer channels, sums as skip connections of the U, and the photo itself
added with a learnt gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.fast.layers import Modulated, Residual, active, conv
from artgen.fast.shared import STRIDE
from artgen.ops.numerics import exact

__all__ = ["STRIDE", "Patches", "UNetBody", "patches"]


BAND = 64  # rows that are unfolded at once


class Patches(NamedTuple):
    """What the first layer sees of a picture, over all positions: mean (K,), covariance (K, K)."""

    mean: Tensor
    covariance: Tensor


def patches(picture: Tensor) -> Patches:
    """Those of a picture (1, 3, H, W), as `UNetBody.enter` takes it."""
    cells = F.pad(F.pixel_unshuffle(picture, 2), (1, 1, 1, 1), mode="reflect")
    height, width = (length - 2 for length in cells.shape[-2:])
    total = products = exact(picture.new_zeros(()))
    for top in range(0, height, BAND):
        rows = F.unfold(cells[..., top : top + BAND + 2, :], 3)[0]  # (K, positions)
        total = total + exact(rows.sum(1))
        products = products + exact(rows @ rows.T)
    mean, square = (one / (height * width) for one in (total, products))
    return Patches(mean.to(picture), (square - torch.outer(mean, mean)).to(picture))


class UNetBody(nn.Module):
    """Everything after a picture's first layer, up to the painted picture.

    Args:
        rows: rows of every layer's gains: styles, or numbers of a code.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: number of residual blocks, at an eighth of the size.
    """

    LAST = 16  # channels at the picture's own size

    def __init__(self, rows: int, widths: Sequence[int], blocks: int) -> None:
        super().__init__()
        half, quarter, eighth = widths
        self.into_half = conv(12, half)
        self.into_quarter = Modulated(rows, half, quarter, 2)
        self.into_eighth = Modulated(rows, quarter, eighth, 2)
        self.blocks = nn.ModuleList(Residual(rows, eighth) for _ in range(blocks))
        self.to_quarter = Modulated(rows, eighth, quarter, doubles=True)
        self.at_quarter = Residual(rows, quarter)
        self.to_half = Modulated(rows, quarter, half, doubles=True)
        self.to_full = Modulated(rows, half, self.LAST, doubles=True)
        self.last = conv(self.LAST, 3)
        self.photo_gain = nn.Parameter(torch.zeros(rows, 3))
        self.dtype: torch.dtype | None = None  # of the computation; None for the picture's

    @property
    def reach(self) -> int:
        """The receptive field beyond the pixel itself, in pixels, without a norm's moments."""
        deep = STRIDE * (2 * len(self.blocks) + 1)  # the residual blocks, and the way to them
        quarter, half, full = 4 * (2 + 1 + 1), 2 * (1 + 1), 1 + 1
        beside = STRIDE  # a position stands for a cell, and any pixel of the cell may see it
        return deep + quarter + half + full + beside

    def enter(self, picture: Tensor) -> Tensor:
        """The first layer's output (B, C, H/2, W/2) for a picture (B, 3, H, W)."""
        found: Tensor = self.into_half(F.pixel_unshuffle(picture, 2))
        return found

    def moments_entering(self, seen: Patches) -> tuple[Tensor, Tensor]:
        """Mean and variance, (1, C, 1, 1) each, of `enter` of a picture with these patches.

        They follow from the patches' own, without going over the picture again.
        """
        weight = self.into_half.weight.flatten(1)
        mean = weight @ seen.mean
        mean = mean if self.into_half.bias is None else mean + self.into_half.bias
        variance = ((weight @ seen.covariance) * weight).sum(1).clamp(min=0)
        return mean[None, :, None, None], variance[None, :, None, None]

    def paint(
        self,
        entered: Tensor,
        picture: Tensor,
        mix: Tensor,
        *,
        quarter: Tensor | None = None,
        eighth: Tensor | None = None,
    ) -> Tensor:
        """The painted picture (B, 3, H, W), not clamped to [0, 1].

        Args:
            entered: (B, C, H/2, W/2), the first layer's output, normalised or modulated.
            picture: (B, 3, H, W), the photo, which is added with a gain.
            mix: (1, rows).
            quarter, eighth: further features to add, (B, C, H/4, W/4) and (B, C, H/8, W/8).
        """
        half = active(entered).to(self.dtype or entered.dtype)
        across = self.into_quarter(half, mix, activated=True)
        x = self.into_eighth(across, mix)
        x = active(x if eighth is None else x + eighth)
        for block in self.blocks:
            x = block(x, mix)
        across = across if quarter is None else across + quarter
        x = self.at_quarter(active(self.to_quarter(x, mix) + across), mix)
        x = active(self.to_half(x, mix) + half)
        x = self.last(self.to_full(x, mix, activated=True)).to(picture)
        painted: Tensor = x + picture * (mix @ self.photo_gain)[..., None, None]
        return painted
