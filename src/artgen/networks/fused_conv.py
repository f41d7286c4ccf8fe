"""Convolutions with frozen weights: little memory for the backward pass, reproducible bits.

autograd by itself keeps a convolution's padded input, which only its weights' gradient needs, and
no weight has one here. A convolution fused with its ReLU keeps only its output: a network then
needs about half the memory for the backward pass.

On a CPU the gradient is itself a convolution, with the kernels rotated by 180 degrees. And padding
is added beforehand, never left to the convolution: oneDNN's kernels for padded convolutions, and
for the backward pass, sum in an order that depends on the number of threads (seen with torch 2.14
on AVX2); those for unpadded ones do not, unless there is next to nothing to do.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from artgen.ops.convolution import reproducible_convolution

__all__ = ["conv_relu", "convolved", "watched"]

Pair = tuple[int, int]

_turned: WeakKeyDictionary[nn.Conv2d, tuple[tuple[int, int, torch.dtype], Tensor]]
_turned = WeakKeyDictionary()  # each convolution's kernels, rotated for its gradient


def watched(*modules: nn.Module) -> bool:
    """Whether one of the modules has a hook, so that it has to be called by itself."""
    return any(
        one._forward_hooks or one._forward_pre_hooks or one._backward_hooks for one in modules
    )


def convolved(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """conv(x) for frozen weights, (B, O, h, w).

    Args:
        x: (B, C, H, W).
        conv: with the padding and the padding mode that the extractor has set.
    """
    if watched(conv):
        found: Tensor = conv(x)
        return found
    answer: Tensor = _Convolution.apply(x, conv.weight, conv.bias, conv, False)
    return answer


def conv_relu(x: Tensor, conv: nn.Conv2d, relu: nn.ReLU | None = None) -> Tensor:
    """relu(conv(x)) for frozen weights, (B, O, h, w).

    Args:
        x: (B, C, H, W).
        conv: with the padding and the padding mode that the extractor has set.
        relu: its module, where it may have hooks.
    """
    if relu is not None and watched(conv, relu):
        apart: Tensor = relu(conv(x))
        return apart
    found: Tensor = _Convolution.apply(x, conv.weight, conv.bias, conv, True)
    return found


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, conv: nn.Conv2d, rectified: bool
    ) -> Tensor:
        padded = x
        if _padding(conv) != (0, 0):
            mode = "constant" if conv.padding_mode == "zeros" else conv.padding_mode
            padded = F.pad(x, conv._reversed_padding_repeated_twice, mode)
        found = reproducible_convolution(
            padded, weight, bias, _pair(conv.stride), slope=0.0 if rectified else None
        )
        ctx.save_for_backward(weight, *([found] if rectified else []))
        ctx.conv, ctx.shape, ctx.padded = conv, x.shape, padded.shape
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        weight, *found = ctx.saved_tensors
        conv: nn.Conv2d = ctx.conv
        simple = conv.groups == 1 and _pair(conv.dilation) == (1, 1)
        if gradient.device.type == "cpu" and simple:
            spread = _spread(gradient, found[0] if found else None, conv, ctx.padded)
            pulled = reproducible_convolution(spread, _turned_round(conv, weight), None)
        else:
            if found:
                gradient = torch.ops.aten.threshold_backward(gradient, found[0], 0)
            pulled = torch.ops.aten.convolution_backward(
                *(gradient, _blank(ctx.padded, gradient), weight, None, conv.stride, (0, 0)),
                *(conv.dilation, False, [0], conv.groups, (True, False, False)),
            )[0]
        if ctx.padded != ctx.shape:
            pulled = _unpad(pulled, ctx.shape, conv)
        return pulled, None, None, None, None


def _spread(gradient: Tensor, found: Tensor | None, conv: nn.Conv2d, shape: torch.Size) -> Tensor:
    """The gradient (B, O, h, w), zero where `found` is, as input for the rotated kernels.

    Padded with zeros, and dilated by the convolution's stride, so that its convolution has the
    shape of the padded input.
    """
    down, across = _pair(conv.stride)
    high, wide = (length - 1 for length in conv.weight.shape[-2:])
    bottom, right = shape[-2], shape[-1]
    size = torch.Size((*gradient.shape[:2], bottom + high, right + wide))
    spread = _blank(size, gradient)
    if (down, across) != (1, 1):
        spread.zero_()
    else:
        for rows, columns in (
            (slice(high), slice(None)),
            (slice(bottom, None), slice(None)),
            (slice(high, bottom), slice(wide)),
            (slice(high, bottom), slice(right, None)),
        ):
            spread[..., rows, columns] = 0
    inner = spread[..., high:bottom:down, wide:right:across]
    if found is None:
        inner.copy_(gradient)
    else:
        torch.ops.aten.threshold_backward.grad_input(gradient, found, 0, grad_input=inner)
    return spread


def _turned_round(conv: nn.Conv2d, weight: Tensor) -> Tensor:
    """The rotated kernels (C, O, h, w) for the gradient, computed once."""
    key = (weight.data_ptr(), weight._version, weight.dtype)
    known, kernels = _turned.get(conv, (None, None))
    if known != key or kernels is None:
        turned = weight.detach().flip(2, 3).transpose(0, 1)
        kernels = turned.contiguous(memory_format=torch.channels_last)
        _turned[conv] = (key, kernels)
    return kernels


def _pair(value: Any) -> Pair:
    first, second = value
    return int(first), int(second)


def _padding(conv: nn.Conv2d) -> Pair:
    return _pair(conv.padding)


def _blank(shape: torch.Size, like: Tensor) -> Tensor:
    """An uninitialised tensor, channels last."""
    return torch.empty(
        shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _unpad(gradient: Tensor, shape: torch.Size, conv: nn.Conv2d) -> Tensor:
    """The gradient with respect to the input before padding, of `shape`."""
    padding = conv._reversed_padding_repeated_twice
    left, right, top, bottom = padding
    height, width = shape[-2:]
    if conv.padding_mode == "zeros":
        inside = gradient[..., top : top + height, left : left + width]
        return inside.contiguous(memory_format=torch.channels_last)
    like = _blank(shape, gradient)
    if conv.padding_mode == "replicate":
        found: Tensor = torch.ops.aten.replication_pad2d_backward(gradient, like, padding)
        return found
    if conv.padding_mode == "reflect":
        found = torch.ops.aten.reflection_pad2d_backward(gradient, like, padding)
        return found
    for axis, before, after in ((2, top, bottom), (3, left, right)):
        length = shape[axis]
        inner = gradient.narrow(axis, before, length).clone()
        inner.narrow(axis, length - before, before).add_(gradient.narrow(axis, 0, before))
        inner.narrow(axis, 0, after).add_(gradient.narrow(axis, before + length, after))
        gradient = inner
    return gradient
