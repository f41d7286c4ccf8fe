"""Layers of networks that paint: noise that has its place in the picture."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from small import small_painter
from torch import Tensor

from artgen.fast.layers import Modulated, double
from artgen.fast.multi_style import Painter
from artgen.fast.shared import SIDE
from artgen.runtime import Runtime


@pytest.fixture
def painter() -> Painter:
    return small_painter(blocks=2).double()


def test_a_position_has_its_own_noise_wherever_the_tile_begins(painter: Painter) -> None:
    mix = painter.mix({"red": 1})
    noise = painter.noise_eighth
    picture = torch.zeros(1, 3, 200, 1000, dtype=torch.float64)
    whole = noise(picture, mix, (0, 0))
    assert whole.shape == (1, 16, 25, 125)
    part = noise(picture[..., 40:, 96:], mix, (40, 96))
    torch.testing.assert_close(part, whole[..., 5:, 12:])
    again = whole[..., SIDE:]
    torch.testing.assert_close(again, whole[..., : again.shape[-1]])
    assert float((whole[..., :32] - whole[..., 32:64]).abs().mean()) > float(whole.std())
    assert float(whole.mean().abs()) < 0.2 * float(whole.std())


def test_noise_makes_something_of_nothing_and_as_a_style_wants_it(painter: Painter) -> None:
    flat = torch.full((1, 3, 96, 96), 0.4, dtype=torch.float64)
    mixed = [painter(flat, painter.mix({"red": red, "blue": 1 - red})) for red in (0.0, 0.5, 1.0)]
    assert min(float(painted.std((2, 3)).min()) for painted in mixed) > 1e-3
    sounds = [
        painter.noise_quarter(flat, painter.mix({"red": red, "blue": 1 - red}), (0, 0))
        for red in (0.0, 0.5, 1.0)
    ]
    torch.testing.assert_close(sounds[1], (sounds[0] + sounds[2]) / 2)


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (12, 9)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, Runtime("cpu").dtype])
@torch.no_grad()
def test_what_is_doubled_has_the_border_that_reflects(
    size: tuple[int, int], dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(1, 16, *size, generator=generator).to(dtype)
    x = x.contiguous(memory_format=torch.channels_last)
    plain, doubling = Modulated(2, 16, 8), Modulated(2, 16, 8, doubles=True)
    doubling.load_state_dict(plain.state_dict())
    mix = torch.tensor([[0.3, 0.7]])
    made: Tensor = doubling(x, mix)
    rounding = 0.05 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(made, plain(double(x), mix), atol=rounding, rtol=rounding)
    assert made.shape == (1, 8, 2 * size[0], 2 * size[1])
    assert not made.equal(F.conv2d(double(x), plain.weight.to(dtype), padding=1))
