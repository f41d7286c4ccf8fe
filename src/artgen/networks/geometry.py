"""Geometry of layers along one axis, and pooling whose geometry is known."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.ops.numerics import TINY
from artgen.ops.pooling import poolable

__all__ = ["Geometry", "Pool", "geometry_of"]


@dataclass(frozen=True)
class Geometry:
    """Of a layer: from length n it makes (n + 2 * padding - kernel) / stride + 1, rounded.

    Attributes:
        kernel, stride, padding: in positions of the layer's input.
        ceil: whether it is rounded up.
    """

    kernel: int
    stride: int
    padding: int
    ceil: bool = False

    def after(self, length: int) -> int:
        """Output length for an input length."""
        room = length + 2 * self.padding - self.kernel
        made = -(-room // self.stride) + 1 if self.ceil else room // self.stride + 1
        if self.ceil and (made - 1) * self.stride >= length + self.padding:
            made -= 1  # as in PyTorch: no window begins beyond the border
        return made

    def before(self, length: int) -> int:
        """Least input length whose output has at least `length`."""
        spared = self.stride - 1 if self.ceil else 0
        return (length - 1) * self.stride + self.kernel - 2 * self.padding - spared


def geometry_of(layer: nn.Module) -> Geometry:
    """The geometry of a layer; a module of several convolutions names the largest by `widest`."""
    layer = getattr(layer, "widest", layer)
    if isinstance(layer, nn.Conv2d):
        padding = layer.padding[0]
        assert isinstance(padding, int)
        return Geometry(
            layer.dilation[0] * (layer.kernel_size[0] - 1) + 1, layer.stride[0], padding
        )
    if isinstance(layer, Pool):
        return Geometry(layer.kernel, layer.stride, 0, layer.ceil)
    if isinstance(layer, nn.ReLU):
        return Geometry(1, 1, 0)
    raise TypeError(f"the geometry of {type(layer).__name__} is unknown")


class Pool(nn.Module):
    """Max, average or L2 pooling of (B, C, H, W); the latter two scaled to match the maximum.

    The factors 2 and 0.78 are those of crowsonkb/style-transfer-pytorch for 2 x 2 windows: without
    them the activations of a network trained with max pooling shrink from layer to layer.
    """

    def __init__(self, pool: nn.MaxPool2d, kind: str) -> None:
        super().__init__()
        assert isinstance(pool.kernel_size, int)
        assert isinstance(pool.stride, int)
        self.kernel, self.stride, self.ceil = pool.kernel_size, pool.stride, pool.ceil_mode
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        x = poolable(x)
        if self.kind == "max":
            return F.max_pool2d(x, self.kernel, self.stride, ceil_mode=self.ceil)
        if self.kind == "average":
            return F.avg_pool2d(x, self.kernel, self.stride, ceil_mode=self.ceil) * 2.0
        # float16 holds neither the squares of deep activations nor TINY.
        wide = x.float() if x.dtype == torch.float16 else x
        mean = F.avg_pool2d(wide.square(), self.kernel, self.stride, ceil_mode=self.ceil)
        return ((mean * self.kernel**2 + TINY).sqrt() * 0.78).to(x.dtype)
