"""Pooling with a gradient: in the layer's memory format, and on every device."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["cell_means", "poolable"]

# Devices whose pooling of a layer in channels last aborts the process in the backward pass, or has
# a wrong gradient: torch's issue 175190 of Apple's GPUs, open when this was written (torch 2.14).
FIRST = frozenset({"mps"})


def poolable(x: Tensor) -> Tensor:
    """A layer (B, C, H, W) in a memory format in which torch's pooling has a right gradient."""
    return x.contiguous() if x.device.type in FIRST else x


def cell_means(x: Tensor, side: int) -> Tensor:
    """Means of x (B, C, H, W) over cells of side x side positions, (B, C, h, w).

    Cells at the end that are not whole have the mean of what there is. torch's own gradient takes
    the format of the gradient that comes in, which rows of positions leave in another than
    channels last: it is then eight times as slow (torch 2.14, bfloat16).
    """
    found: Tensor = _CellMeans.apply(x, side)
    return found


class _CellMeans(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, side: int) -> Tensor:
        ctx.size, ctx.side = (x.shape[-2], x.shape[-1]), side
        return F.avg_pool2d(x, side, ceil_mode=True, count_include_pad=False)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (height, width), side = ctx.size, ctx.side
        down, across = (
            (length - torch.arange(0, length, side, device=gradient.device)).clamp(max=side)
            for length in (height, width)
        )
        share = gradient.permute(0, 2, 3, 1) / (down[:, None] * across)[..., None].to(gradient)
        cells = share[:, :, None, :, None].expand(-1, -1, side, -1, side, -1)
        whole = cells.flatten(3, 4).flatten(1, 2)[:, :height, :width]
        return whole.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last), None
