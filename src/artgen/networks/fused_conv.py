"""A convolution and its ReLU as one step that remembers only its answer.

Left to itself autograd keeps a convolution's padded input, which only its weights' gradient needs,
and no weight has one here. Without it a network holds about half as much on the way back.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

__all__ = ["conv_relu", "watched"]


def watched(*modules: nn.Module) -> bool:
    """Whether somebody has hung a hook on one of them, and so has to see it work by itself."""
    return any(
        one._forward_hooks or one._forward_pre_hooks or one._backward_hooks for one in modules
    )


def conv_relu(x: Tensor, conv: nn.Conv2d, relu: nn.ReLU | None = None) -> Tensor:
    """relu(conv(x)) for frozen weights.

    Args:
        x: (B, C, H, W).
        conv: with the padding and the padding mode that the extractor has given it.
        relu: where it is a module that somebody may watch.
    """
    if relu is not None and watched(conv, relu):
        apart: Tensor = relu(conv(x))
        return apart
    found: Tensor = _ConvReLU.apply(x, conv.weight, conv.bias, conv)
    return found


class _ConvReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, conv: nn.Conv2d) -> Tensor:
        padded, padding = x, conv.padding
        if conv.padding_mode != "zeros" and padding != (0, 0):
            padded = F.pad(x, conv._reversed_padding_repeated_twice, conv.padding_mode)
            padding = (0, 0)
        found = F.conv2d(padded, weight, bias, conv.stride, padding).relu_()
        ctx.save_for_backward(found, weight)
        ctx.conv, ctx.padding, ctx.shape, ctx.padded = conv, padding, x.shape, padded.shape
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        found, weight = ctx.saved_tensors
        conv: nn.Conv2d = ctx.conv
        gradient = torch.ops.aten.threshold_backward(gradient, found, 0)
        like = _blank(ctx.padded, gradient)
        pulled = torch.ops.aten.convolution_backward(
            gradient,
            like,
            weight,
            None,
            conv.stride,
            ctx.padding,
            conv.dilation,
            False,
            [0],
            conv.groups,
            (True, False, False),
        )[0]
        if ctx.padded != ctx.shape:
            pulled = _unpad(pulled, ctx.shape, conv)
        return pulled, None, None, None


def _blank(shape: torch.Size, like: Tensor) -> Tensor:
    """A tensor that is asked for its shape and layout only; its pages are never touched."""
    return torch.empty(
        shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _unpad(gradient: Tensor, shape: torch.Size, conv: nn.Conv2d) -> Tensor:
    """The gradient with respect to what was padded, to `shape`."""
    padding = conv._reversed_padding_repeated_twice
    like = _blank(shape, gradient)
    if conv.padding_mode == "replicate":
        found: Tensor = torch.ops.aten.replication_pad2d_backward(gradient, like, padding)
        return found
    if conv.padding_mode == "reflect":
        found = torch.ops.aten.reflection_pad2d_backward(gradient, like, padding)
        return found
    left, right, top, bottom = padding
    for axis, before, after in ((2, top, bottom), (3, left, right)):
        length = shape[axis]
        inner = gradient.narrow(axis, before, length).clone()
        inner.narrow(axis, length - before, before).add_(gradient.narrow(axis, 0, before))
        inner.narrow(axis, 0, after).add_(gradient.narrow(axis, before + length, after))
        gradient = inner
    return gradient
