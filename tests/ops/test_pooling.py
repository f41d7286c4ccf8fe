"""Means over cells: the same as torch's, in value, gradient and format."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from artgen.networks.geometry import Pool
from artgen.ops import pooling
from artgen.ops.pooling import cell_means, poolable


@pytest.mark.parametrize("size", [(8, 12), (9, 13), (11, 4), (3, 2)], ids=str)
def test_means_and_gradient_are_those_of_torch(size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size, dtype=torch.float64).to(memory_format=torch.channels_last)
    x.requires_grad_()
    found = cell_means(x, 4)
    wanted = F.avg_pool2d(x, 4, ceil_mode=True, count_include_pad=False)
    torch.testing.assert_close(found, wanted)
    weight = torch.randn_like(found).contiguous()  # as rows of positions leave it
    one, two = (torch.autograd.grad(means, x, weight)[0] for means in (found, wanted))
    torch.testing.assert_close(one, two)
    assert one.is_contiguous(memory_format=torch.channels_last)
    assert torch.autograd.gradcheck(lambda y: cell_means(y, 4), x)


@pytest.mark.parametrize("kind", ["max", "average", "l2"])
def test_on_some_devices_pooling_sees_channels_first(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, found = Pool(nn.MaxPool2d(3, 2, ceil_mode=True), kind), []
    x = torch.randn(1, 8, 9, 12).to(memory_format=torch.channels_last).requires_grad_()
    for devices in ((), ("cpu",)):
        monkeypatch.setattr(pooling, "FIRST", frozenset(devices))
        assert poolable(x).is_contiguous() == bool(devices)
        made = pool(x)
        found.append((made, *torch.autograd.grad(made.square().sum(), x)))
    torch.testing.assert_close(found[0], found[1])
