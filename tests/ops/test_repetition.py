"""Repetition: a copy is found at its shift, and what the sample itself repeats does not count."""

from __future__ import annotations

import math

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.repetition import strongest_repetition


def grain(height: int, width: int, seed: int) -> Tensor:
    """Noise of small forms, (1, 3, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 1, height, width, generator=generator).expand(1, 3, height, width)


def test_a_picture_of_four_copies_repeats_itself_wholly() -> None:
    quarter = grain(48, 64, seed=1)
    found = strongest_repetition(quarter.repeat(1, 1, 2, 2), [grain(96, 128, seed=2)], wraps=True)
    assert found.strength == pytest.approx(1, abs=0.15)
    assert found.shift in [(0, 64), (48, 0), (48, 64), (48, -64)]


def test_a_patch_that_is_there_twice_is_found_where_it_is() -> None:
    picture = grain(96, 96, seed=3).clone()
    picture[..., 50:82, 44:76] = picture[..., 10:42, 8:40]
    found = strongest_repetition(picture, [grain(96, 96, seed=4)], wraps=False)
    assert found.shift == (40, 36)
    share = (32 / 96) ** 2
    assert 0.5 * share < found.strength < 3 * share
    left = picture.flip(3)
    assert strongest_repetition(left, [grain(96, 96, seed=4)], wraps=False).shift == (40, -36)


def test_noise_and_the_sample_itself_hardly_repeat() -> None:
    picture = grain(96, 96, seed=5)
    assert strongest_repetition(picture, [grain(96, 96, seed=6)], wraps=True).strength < 0.06
    assert strongest_repetition(picture, [picture], wraps=False).strength == 0


def test_rows_that_the_sample_has_do_not_count() -> None:
    rows = 0.5 + 0.4 * torch.sin(2 * math.pi * torch.arange(96) / 12)
    sample = (rows.view(-1, 1) + 0.1 * grain(96, 96, seed=7)).clamp(0, 1)
    picture = (rows.view(-1, 1) + 0.1 * grain(96, 96, seed=8)).clamp(0, 1)
    assert strongest_repetition(picture, [sample], wraps=True).strength < 0.1
    assert strongest_repetition(picture, [], wraps=True).strength > 0.7


def test_a_large_picture_is_reduced_and_the_shift_is_in_its_own_pixels() -> None:
    wide = smooth(40, 700, seed=9).repeat(1, 1, 1, 2)
    found = strongest_repetition(wide, [], wraps=True)
    assert abs(found.shift[1]) == pytest.approx(700, abs=2)
    assert found.strength > 0.8


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (8, 8)])
def test_the_smallest_pictures_have_a_number_too(size: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    for wraps in (True, False):
        assert 0 <= strongest_repetition(picture, [picture], wraps=wraps).strength <= 2
