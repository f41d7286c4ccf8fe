"""The canvas: a copy of the picture that stays in the gamut, at any size."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.resize import resample
from artgen.optim.canvas import MaskedPicture, Pixels


def test_a_canvas_is_a_copy(photo: Tensor) -> None:
    canvas = Pixels(photo)
    assert canvas().equal(photo)
    canvas.values.data.zero_()
    assert photo.abs().sum() > 0
    assert [name for name, _ in canvas.named_parameters()] == ["values"]


def test_projection_clamps_and_nothing_else() -> None:
    canvas = Pixels(torch.tensor([-0.5, 0.0, 0.25, 1.0, 1.5]).view(1, 1, 1, 5))
    canvas.project()
    assert canvas().flatten().tolist() == [0, 0, 0.25, 1, 1]
    assert canvas.values.requires_grad
    assert canvas.values.is_leaf


@pytest.mark.parametrize("size", [(49, 67), (98, 134), (25, 33), (13, 200), (1, 1)])
def test_another_size_stays_in_the_gamut(size: tuple[int, int]) -> None:
    harsh = (torch.rand(1, 3, 49, 67, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    canvas = Pixels(harsh).resized(size)
    assert canvas().shape == (1, 3, *size)
    assert canvas().min() >= 0
    assert canvas().max() <= 1
    assert canvas.values.is_leaf
    assert canvas.values.requires_grad


def test_the_same_size_is_the_same_picture_but_another_canvas(photo: Tensor) -> None:
    canvas = Pixels(photo)
    other = canvas.resized((49, 67))
    assert other().equal(canvas())
    assert other.values.data_ptr() != canvas.values.data_ptr()


def test_a_canvas_that_wraps_round_goes_on_doing_so(photo: Tensor) -> None:
    canvas = Pixels(photo, wraps=True).resized((64, 80))
    assert canvas.wraps
    assert canvas().equal(resample(photo, (64, 80), wraps=True).clamp(0, 1))
    assert not Pixels(photo).resized((64, 80)).wraps


def test_what_is_held_does_not_move() -> None:
    photo, mask = smooth(20, 30, seed=1), torch.zeros(1, 1, 20, 30)
    mask[..., :10] = 1
    canvas = Pixels(1 - photo, held=MaskedPicture(photo, mask))
    assert canvas()[..., 10:].equal(photo[..., 10:])
    assert canvas()[..., :10].equal(1 - photo[..., :10])
    pulled = canvas.pull(canvas(), torch.ones(1, 3, 20, 30))
    assert pulled.equal(mask.expand(1, 3, 20, 30))
    smaller = canvas.resized((10, 15))
    torch.testing.assert_close(smaller()[..., 7:], resample(photo, (10, 15))[..., 7:])
    assert smaller.resized((20, 30))()[..., 10:].equal(photo[..., 10:])
