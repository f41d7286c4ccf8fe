"""Convolutions with their activation: in one pass over memory, and with reproducible bits."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.reductions import alone_for, product_by_rows

__all__ = ["convolution", "reproducible_convolution"]

Pair = tuple[int, int]


def convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Pair = (1, 1),
    *,
    padding: int = 0,
    slope: float | None = None,
) -> Tensor:
    """A convolution (B, O, h, w), and its leaky ReLU if that has a slope; of slope 0, the ReLU.

    A layer at a picture's own size is far larger than a processor's cache, and in bfloat16 the
    activation alone takes as long as the convolution. oneDNN's kernels apply it to each value
    before that is rounded and written. Where a gradient is wanted it comes after, by itself.

    Args:
        x: (B, C, H, W).
        weight, bias: (O, C, kh, kw) and (O,), in the precision of x.
        stride: down and across.
        padding: rows and columns of zeros on each side.
        slope: of the activation below 0; None for no activation.
    """
    quick = _on_cpu(x) and not _wanted(x, weight, bias)
    if slope is not None and quick and _fuses(x.dtype):
        return _fused(x, weight, bias, stride, padding, slope)
    return _activated(F.conv2d(x, weight, bias, stride, padding), slope)


def reproducible_convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Pair = (1, 1),
    *,
    slope: float | None = None,
) -> Tensor:
    """The same without padding; any number of threads gives the same bits on a CPU.

    See `convolution` for its arguments, and `reductions` for what splits sums.
    """
    if not _on_cpu(x):
        return convolution(x, weight, bias, stride, slope=slope)
    channels, _, high, wide = weight.shape
    down, across = stride
    positions = ((x.shape[-2] - high) // down + 1) * ((x.shape[-1] - wide) // across + 1)
    with alone_for(positions, channels):
        if (high, wide, *stride) != (1, 1, 1, 1):
            return convolution(x, weight, bias, stride, slope=slope)
        # With 1 x 1 kernels it is a matrix product: oneDNN's own kernel for it splits long sums.
        rows, kernel = x.permute(0, 2, 3, 1), weight.flatten(1)
        if _wanted(x, weight, bias):
            found = F.linear(rows, kernel, bias)
        else:
            found = product_by_rows(rows.flatten(0, 2), kernel.T, bias)
            found = found.view(*rows.shape[:3], channels)
        return _activated(found, slope).permute(0, 3, 1, 2)  # channels last, as it came


def _wanted(*given: Tensor | None) -> bool:
    """Whether a gradient is."""
    return torch.is_grad_enabled() and any(one is not None and one.requires_grad for one in given)


def _on_cpu(x: Tensor) -> bool:
    """Whether a CPU computes it now: an exporter's tensors, which are traced, have other types."""
    return x.device.type == "cpu" and type(x) is Tensor


def _activated(x: Tensor, slope: float | None) -> Tensor:
    """A leaky ReLU in place."""
    if slope is None:
        return x
    return F.leaky_relu_(x, slope) if slope else x.relu_()


def _fused(
    x: Tensor, weight: Tensor, bias: Tensor | None, stride: Pair, padding: int, slope: float
) -> Tensor:
    kind, numbers = ("leaky_relu", [slope]) if slope else ("relu", [])
    found: Tensor = torch.ops.mkldnn._convolution_pointwise(
        *(x, weight, bias, (padding, padding), stride, (1, 1), 1), kind, numbers, ""
    )
    return found


@cache
def _fuses(dtype: torch.dtype) -> bool:
    """Whether this torch fuses them as expected: the operator is its compiler's, not promised."""
    if dtype not in (torch.float32, torch.bfloat16):
        return False
    x = torch.linspace(-1, 1, 16 * 6 * 6).view(1, 16, 6, 6)
    weight = torch.linspace(-1, 1, 16 * 16 * 9).view(16, 16, 3, 3).sin()
    x, weight, bias = (one.to(dtype) for one in (x, weight, torch.linspace(-1, 1, 16)))
    for slope in (0.0, 0.5):
        try:
            found = _fused(x, weight, bias, (2, 1), 1, slope)
        except (AttributeError, NotImplementedError, RuntimeError, TypeError):
            return False
        wanted = F.leaky_relu(F.conv2d(x, weight, bias, (2, 1), 1), slope)
        if found.shape != wanted.shape or not torch.allclose(found, wanted, 0.02, 0.05):
            return False
    return True
