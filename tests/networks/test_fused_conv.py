"""A convolution and its ReLU in one: the same answer and gradient as in two, and less kept."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.networks.fused_conv import conv_relu

CASES = [
    {"kernel_size": 3, "padding": 1, "padding_mode": mode}
    for mode in ("zeros", "replicate", "reflect", "circular")
] + [{"kernel_size": 3, "stride": 2}, {"kernel_size": 1}, {"kernel_size": 5, "padding": 2}]


def setting(case: dict[str, object], dtype: torch.dtype) -> tuple[nn.Conv2d, Tensor]:
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 4, **case).to(dtype).requires_grad_(False)  # type: ignore[arg-type]
    conv.to(memory_format=torch.channels_last)
    x = torch.randn(1, 3, 9, 8, dtype=dtype).to(memory_format=torch.channels_last)
    return conv, x.requires_grad_()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_the_relu_of_the_convolution(case: dict[str, object]) -> None:
    conv, x = setting(case, torch.float64)
    one, two = conv_relu(x, conv), F.relu(conv(x))
    torch.testing.assert_close(one, two)
    weight = torch.randn_like(one)
    (first,), (second,) = (torch.autograd.grad(y, x, weight) for y in (one, two))
    torch.testing.assert_close(first, second)
    assert first.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_its_gradient_is_that_of_finite_differences(case: dict[str, object]) -> None:
    conv, x = setting(case, torch.float64)
    assert torch.autograd.gradcheck(lambda y: conv_relu(y, conv), x)


def test_only_the_answer_is_kept() -> None:
    conv, x = setting(CASES[1], torch.float32)
    kept: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        found = conv_relu(x, conv)
    assert {tensor.data_ptr() for tensor in kept} == {found.data_ptr(), conv.weight.data_ptr()}
