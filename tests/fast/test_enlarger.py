"""The network that enlarges: kernels on a line, and how far it sees."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from pictures import smooth

from artgen.fast.enlarger import TIMES, Between, Enlarger


@pytest.fixture
def enlarger() -> Enlarger:
    torch.manual_seed(4)
    made = Enlarger(8, 2, 8)
    for _, layer in made.layers():
        torch.nn.init.normal_(layer.change, std=0.1)
    return made.double()


def test_kernels_lie_on_a_line() -> None:
    layer = Between(3, 5)
    torch.nn.init.normal_(layer.change)
    torch.nn.init.normal_(layer.bias_change)
    x = smooth(9, 7, seed=1)
    ends = [layer(x, 0.0), layer(x, 1.0)]
    assert layer(x, 0.25).allclose(0.75 * ends[0] + 0.25 * ends[1], atol=1e-5)
    assert not ends[0].allclose(ends[1], atol=0.1)
    assert ends[0].allclose(F.conv2d(x, layer.weight, layer.bias, padding=1), atol=1e-6)


def test_it_has_no_checkerboard() -> None:
    """Whatever its sub-pixels' kernels are: a flat picture becomes a flat one."""
    flat = torch.full((1, 3, 48, 48), 0.3)
    enlarger = Enlarger(8, 2, 8)
    generator = torch.Generator().manual_seed(2)
    for _, layer in enlarger.layers():
        torch.nn.init.normal_(layer.weight, std=0.2, generator=generator)
    made, edge = enlarger(flat, 0.5), TIMES * enlarger.reach
    inside = made[..., edge:-edge, edge:-edge]
    assert made.shape == (1, 3, TIMES * 48, TIMES * 48)
    assert (inside.mean() - 0.3).abs() > 0.01
    assert (inside - inside[..., :1, :1]).abs().max() < 1e-5 * inside.abs().max()


@pytest.mark.parametrize("axis", [2, 3])
def test_it_sees_no_farther_than_it_says(enlarger: Enlarger, axis: int) -> None:
    picture = smooth(41, 41, seed=5).double()
    changed = picture.clone()
    changed.select(axis, 20)[:] = 1 - changed.select(axis, 20)
    apart = (enlarger(picture, 0.5) - enlarger(changed, 0.5)).abs().amax(1, keepdim=True)
    where = apart.amax(5 - axis)[0, 0].nonzero().flatten()
    near, far = (20 - enlarger.reach) * TIMES, (21 + enlarger.reach) * TIMES
    assert near <= int(where.min()) < 20 * TIMES
    assert 21 * TIMES < int(where.max()) + 1 <= far


def test_half_precision_keeps_the_picture(enlarger: Enlarger) -> None:
    picture = smooth(20, 20, seed=6)
    exact = enlarger.float()(picture, 0.5)
    rounded = enlarger.half_precision(torch.bfloat16)(picture, 0.5)
    assert rounded.dtype == torch.float32
    assert 0 < (rounded - exact).abs().max() < 0.05
