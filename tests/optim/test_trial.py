"""Trials: what is held for the backward pass, and what a canvas costs a pixel."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from artgen.optim.codes import Codes
from artgen.optim.trial import canvas_cost, held

CPU = torch.device("cpu")


def test_what_the_backward_pass_needs_is_held() -> None:
    x = torch.ones(1000, requires_grad=True)
    assert held(lambda: x.exp().sum().backward(), CPU) == 4000 + 3 * 4000


def test_weights_are_not_counted() -> None:
    weight, x = torch.ones(500, 1000), torch.ones(1000, requires_grad=True)
    with_them = held(lambda: (weight @ x).exp().sum().backward(), CPU)
    without = held(lambda: (weight @ x).exp().sum().backward(), CPU, [weight])
    assert with_them > 4 * 500 * 1000
    assert without < 4 * 500 * 10


@pytest.mark.parametrize("stride", [4, 16])
def test_a_canvas_holds_by_its_pixels(stride: int) -> None:
    networks = {
        width: nn.Sequential(nn.Conv2d(2, width, 1), nn.Tanh(), nn.Conv2d(width, 3, 1)).float()
        for width in (8, 32)
    }

    def make(size: tuple[int, int], width: int) -> Codes:
        def picture(values: Tensor) -> Tensor:
            larger = nn.functional.interpolate(values, scale_factor=float(stride))
            return torch.sigmoid(networks[width](larger))

        generator = torch.Generator().manual_seed(0)
        return Codes.noise(size, 2, picture, stride, generator, CPU)

    (narrow, quick), (wide, _) = (
        canvas_cost(lambda size, width=width: make(size, width), (64, 128), CPU)
        for width in networks
    )
    # One layer of `width` numbers a pixel, and three times the largest for its gradients.
    assert wide - narrow == pytest.approx(4 * (32 - 8) * 4, rel=0.2)
    assert quick > 0
