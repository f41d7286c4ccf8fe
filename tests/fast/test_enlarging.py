"""Enlargements: tiles give what one piece gives, and any factor is an exact reduction."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.fast import enlarging
from artgen.fast.enlarger import Enlarger
from artgen.fast.enlarging import enlarge, stages
from artgen.ops.resize import resample


@pytest.fixture
def enlarger() -> Enlarger:
    torch.manual_seed(3)
    made = Enlarger(8, 2, 8).double().half_precision(torch.float64)
    for _, layer in made.layers():
        torch.nn.init.normal_(layer.change, std=0.1)
        torch.nn.init.normal_(layer.bias, std=0.1)
    return made


@pytest.fixture
def picture() -> Tensor:
    return smooth(61, 83, seed=1).double()


def last(enlarger: Enlarger, picture: Tensor, target: tuple[int, int], tile: int | None) -> Tensor:
    *_, (count, total, made) = enlarge(enlarger, picture, target, 0.7, tile)
    assert count == total
    return made


@pytest.mark.parametrize("target", [(244, 332), (122, 166), (70, 95), (430, 585)])
@pytest.mark.parametrize("tile", [16, 33])
def test_tiles_are_the_enlargement_in_one_piece(
    enlarger: Enlarger, picture: Tensor, target: tuple[int, int], tile: int
) -> None:
    whole = last(enlarger, picture, target, None)
    assert whole.shape[-2:] == target
    assert (last(enlarger, picture, target, tile) - whole).abs().max() < 1e-9


def test_a_smaller_factor_is_the_fourfold_one_reduced(enlarger: Enlarger, picture: Tensor) -> None:
    calm = picture * 0.2 + 0.4  # nothing is clamped
    enlarger.last.weight.data *= 0.01
    enlarger.last.change.data *= 0.01
    large = last(enlarger, calm, (244, 332), None)
    reduced = last(enlarger, calm, (150, 204), 20)
    assert (reduced - resample(large, (150, 204))).abs().max() < 1e-9


def test_passes_end_at_the_target() -> None:
    assert stages((60, 80), (120, 160)) == [(120, 160)]
    assert stages((60, 80), (240, 320)) == [(240, 320)]
    assert stages((60, 80), (480, 640)) == [(240, 320), (480, 640)]
    assert stages((1, 5), (20, 100)) == [(4, 20), (16, 80), (20, 100)]


def test_each_of_several_pictures_is_its_own(enlarger: Enlarger, picture: Tensor) -> None:
    both = torch.cat([picture, 1 - picture])
    made = last(enlarger, both, (122, 166), 40)
    assert (made[1:] - last(enlarger, 1 - picture, (122, 166), 40)).abs().max() < 1e-9


def test_it_shows_a_plain_enlargement_first(enlarger: Enlarger, picture: Tensor) -> None:
    count, total, shown = next(enlarge(enlarger, picture, (244, 332), 1.0, 32))
    assert (count, total) == (1, 6)
    plain = enlarging.resize(picture, (244, 332))
    assert shown[..., -1, -1].equal(plain[..., -1, -1])
    assert not shown[..., 0, 0].equal(plain[..., 0, 0])
