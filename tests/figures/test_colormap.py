"""Values as colours: ranges, signs and ends."""

from __future__ import annotations

import pytest
import torch

from artgen.figures import colormap


def test_each_map_has_its_own_range() -> None:
    values = torch.stack([torch.linspace(0, 1, 90), torch.linspace(0, 50, 90)]).view(2, 1, 9, 10)
    one, two = colormap.scaled(values, signed=False)
    assert torch.allclose(one, two)
    assert (one.min(), one.max()) == (0, 1)


def test_what_is_below_zero_is_darker_than_zero_unsigned() -> None:
    made = colormap.scaled(torch.tensor([-1.0, 0.0, 1.0]).view(1, 1, 1, 3), signed=False)
    assert made.flatten().tolist() == [0, 0.5, 1]


def test_zero_stays_zero_signed() -> None:
    made = colormap.scaled(torch.tensor([-4.0, 0.0, 2.0]).view(1, 1, 1, 3), signed=True)
    assert made.flatten().tolist() == [-1, 0, 0.5]


@pytest.mark.parametrize("signed", [True, False])
def test_a_silent_map_is_nought_and_one_loud_place_stands_out(signed: bool) -> None:
    silent = torch.zeros(1, 1, 30, 30)
    assert colormap.scaled(silent, signed=signed).eq(0).all()
    silent[..., 4, 5] = 3
    made = colormap.scaled(silent, signed=signed)
    assert made[..., 4, 5] == 1
    assert made.sum() == 1


def test_a_place_far_out_does_not_leave_all_others_grey() -> None:
    values = torch.linspace(-1, 1, 900).view(1, 1, 30, 30)
    values[..., 0, 0] = 3
    assert colormap.scaled(values, signed=True)[..., -1, -1] > 0.95


def test_diverging_is_blue_grey_red() -> None:
    blue, grey, red = colormap.diverging(torch.tensor([-1.0, 0, 1]).view(1, 1, 1, 3))[0, :, 0].T
    assert blue.argmax() == 2
    assert grey.std() < 1e-6
    assert red.argmax() == 0


def test_heat_gets_lighter_step_by_step() -> None:
    made = colormap.heat(torch.linspace(0, 1, 64).view(1, 1, 8, 8))
    light = torch.einsum("c,bchw->bhw", torch.tensor([0.2126, 0.7152, 0.0722]), made)
    assert light.flatten().diff().gt(0).all()
    assert made.shape == (1, 3, 8, 8)


def test_over_a_photo_silence_is_grey_and_the_signs_differ() -> None:
    photo = torch.rand(1, 3, 1, 3)
    zero, more, less = colormap.over(photo, torch.tensor([0.0, 1, -1]).view(1, 1, 1, 3))[0, :, 0].T
    assert zero.std() < 1e-6
    assert more[0] > more[2]
    assert less[2] > less[0]
