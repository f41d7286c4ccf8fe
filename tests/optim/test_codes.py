"""Codes: pictures of any size, right gradients, values that stay where photos have them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.optim.codes import CONTRAST, LENGTH, MOST, Codes
from artgen.optim.phases import CropAscent, Crops

CPU = torch.device("cpu")


def make(values: Tensor) -> Tensor:
    return torch.sigmoid(F.interpolate(values[:, :3], scale_factor=16.0, mode="bilinear"))


def canvas(height: int = 49, width: int = 67, seed: int = 3) -> Codes:
    dice = torch.Generator().manual_seed(seed)
    return Codes.noise((height, width), 5, make, 16, dice, CPU)


@pytest.mark.parametrize("size", [(49, 67), (1, 5), (64, 64)])
def test_a_picture_may_have_any_size(size: tuple[int, int]) -> None:
    assert canvas(*size)().shape == (1, 3, *size)


def test_pull_is_the_gradient() -> None:
    here = canvas(20, 20).double()
    picture = here()
    weights = torch.rand_like(picture)
    pulled = here.pull(picture, weights)
    step = 1e-6 * torch.randn_like(here.values)
    with torch.no_grad():
        here.values += step
        change = ((here() - picture) * weights).sum()
    assert torch.allclose(change, (pulled * step).sum(), rtol=1e-3)


def test_values_stay_where_photos_have_them() -> None:
    here = canvas()
    before = here.values.detach().clone()
    here.project()
    assert (here.values - before).abs().max() < 0.1
    with torch.no_grad():
        here.values *= 100
    here.project()
    assert here.values.abs().amax() <= MOST
    assert here.values.square().mean(1).sqrt().amax() <= LENGTH * 1.0001


def test_no_picture_has_more_contrast_than_a_photo() -> None:
    here = canvas(64, 64)
    with torch.no_grad():
        here.values *= 1000
    logits = here.shown().detach().logit()
    assert float(logits.std()) == pytest.approx(CONTRAST, rel=0.05)
    assert abs(float(logits.mean())) < 0.05


def test_crops_move_it() -> None:
    here = canvas()
    cut = Crops(2, 24, center=0.01, first=1.0, last=1.0)
    mover = CropAscent(0.1, 4, cut, torch.Generator().manual_seed(0))
    mover.begin(here)

    def left(picture: Tensor) -> Tensor:  # darker than the right; the whole stays grey
        half = picture.shape[-1] // 2
        return picture[..., :half].mean() - picture[..., half:].mean()

    def evaluate() -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            picture = here()
        weights = torch.ones_like(picture)
        weights[..., picture.shape[-1] // 2 :] = -1
        return left(picture), here.pull(picture, weights)

    with torch.no_grad():
        before = left(here.shown())
        for _ in range(4):
            mover.step(here, evaluate)
        assert left(mover.picture(here)) < before - 0.01
