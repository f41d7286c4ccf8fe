"""A convolution with its activation: as in two steps, fused or not, with any number of threads."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from artgen.ops import convolution as module
from artgen.ops.convolution import convolution, reproducible_convolution
from artgen.runtime import Runtime

HALF = [torch.bfloat16] if Runtime("cpu").dtype == torch.bfloat16 else []  # where it is used
DTYPES = [torch.float32, torch.float64, *HALF]


def setting(dtype: torch.dtype, side: int = 40) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    made = (
        torch.randn(size, generator=generator) for size in ((1, 32, side, side), (16, 32, 3, 3))
    )
    x, weight = (one.to(dtype).contiguous(memory_format=torch.channels_last) for one in made)
    return x, weight / 17, torch.randn(16, generator=generator).to(dtype)


@pytest.mark.parametrize("slope", [None, 0.0, 0.2])
@pytest.mark.parametrize(("stride", "padding"), [((1, 1), 0), ((2, 1), 1)])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@torch.no_grad()
def test_it_is_the_activation_of_the_convolution(
    dtype: torch.dtype, stride: tuple[int, int], padding: int, slope: float | None
) -> None:
    x, weight, bias = setting(dtype)
    found = convolution(x, weight, bias, stride, padding=padding, slope=slope)
    plain = F.conv2d(x, weight, bias, stride, padding)
    wanted = plain if slope is None else F.leaky_relu(plain, slope)
    rounding = 2**-7 if dtype == torch.bfloat16 else 1e-6
    torch.testing.assert_close(found, wanted, atol=rounding, rtol=rounding)
    assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_relu_has_the_same_bits_either_way(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, weight, bias = setting(dtype)
    one = convolution(x, weight, bias, slope=0.0)
    monkeypatch.setattr(module, "_fuses", lambda _: False)
    assert one.equal(convolution(x, weight, bias, slope=0.0))


@pytest.mark.parametrize("dtype", [torch.float32, *HALF], ids=str)
def test_threads_do_not_change_its_bits(dtype: torch.dtype) -> None:
    x, weight, bias = setting(dtype, 150)
    threads, found = torch.get_num_threads(), []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            found.append(convolution(x, weight, bias, slope=0.2))
    finally:
        torch.set_num_threads(threads)
    assert found[0].equal(found[1])
    assert found[0].equal(found[2])


def test_where_a_gradient_is_wanted_there_is_one() -> None:
    x, weight, bias = setting(torch.float32)
    weight.requires_grad_()
    convolution(x, weight, bias, slope=0.2).sum().backward()
    assert weight.grad is not None
    assert float(weight.grad.abs().max()) > 0


def test_a_torch_without_the_operator_does_it_in_two_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*_: object) -> Tensor:
        raise NotImplementedError

    x, weight, bias = setting(torch.float32)
    wanted = convolution(x, weight, bias, slope=0.2)
    monkeypatch.setattr(module, "_fused", gone)
    module._fuses.cache_clear()
    try:
        torch.testing.assert_close(convolution(x, weight, bias, slope=0.2), wanted)
        assert not module._fuses(torch.float32)
    finally:
        module._fuses.cache_clear()


@pytest.mark.parametrize("known", [False, True])
def test_what_is_traced_has_only_operators_that_others_know(known: bool) -> None:
    module._fuses.cache_clear()
    if known:
        module._fuses(torch.float32)
    seen: list[str] = []

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(
            self, function: Any, types: Any, given: tuple[Any, ...] = (), named: Any = None
        ) -> Any:
            seen.append(str(function))
            return function(*given, **(named or {}))

    with FakeTensorMode() as fake, Seen():
        x, weight, bias = (fake.from_tensor(one) for one in setting(torch.float32))
        assert reproducible_convolution(x, weight, bias, slope=0.2).shape == (1, 16, 38, 38)
    assert "aten.convolution.default" in seen
    assert not [name for name in seen if "pointwise" in name]
