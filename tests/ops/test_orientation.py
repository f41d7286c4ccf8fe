"""Orientation of lines: the angle that was drawn, and how far it is the only one."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from artgen.ops.orientation import coherence, direction, doubled_angles, flow_of


def stripes(degrees: float) -> Tensor:
    """Lines at an angle from the x axis towards the y axis, which points down."""
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(72.0), indexing="ij")
    angle = math.radians(degrees)
    wave = torch.sin(0.8 * (y * math.cos(angle) - x * math.sin(angle)))
    return (wave / 2 + 0.5).expand(1, 3, -1, -1)


@pytest.mark.parametrize("degrees", [0, 25, 90, 140])
def test_lines_have_the_angle_they_were_drawn_at(degrees: float) -> None:
    found = doubled_angles(stripes(degrees), 4.0)[0, :, 12:-12, 12:-12]
    wanted = torch.tensor(
        [math.cos(math.radians(2 * degrees)), math.sin(math.radians(2 * degrees))]
    )
    assert float((found - wanted.view(2, 1, 1)).abs().max()) < 0.05


def test_coherence_is_of_one_direction() -> None:
    assert coherence(stripes(33)) > 0.95
    crossed = (stripes(33) + stripes(123)) / 2
    assert coherence(crossed) < 0.1
    assert float(doubled_angles(crossed, 6.0)[..., 20:-20, 20:-20].norm(dim=1).max()) < 0.2
    noise = torch.rand(1, 3, 64, 72, generator=torch.Generator().manual_seed(0))
    assert coherence(noise) < 0.1


def test_what_is_even_has_no_direction() -> None:
    even = torch.full((1, 3, 32, 32), 0.4)
    assert coherence(even) == 0
    assert not doubled_angles(even, 3.0).any()


def test_a_flow_goes_on_where_nothing_is_drawn() -> None:
    """One line, and what is beside it: where it ends, it leads on."""
    drawn = torch.zeros(1, 3, 90, 90)
    drawn[..., 40:43, 20:60] = 1
    found = flow_of(drawn)
    assert found.shape == (1, 2, 90, 90)
    assert float((found.norm(dim=1) - 1).abs().max()) < 0.01
    assert float(found[:, 0, 38:45, 25:55].min()) > 0.9
    assert float(found[:, 0, 10:20, 30:50].min()) > 0.5


@pytest.mark.parametrize("degrees", [10, 100])
def test_the_direction_is_that_of_most_lines(degrees: float) -> None:
    assert math.degrees(direction(stripes(degrees))) / 2 % 180 == pytest.approx(degrees, abs=2)
    assert flow_of(stripes(degrees).repeat(1, 1, 5, 5)).shape == (1, 2, 320, 360)
