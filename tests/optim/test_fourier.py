"""Spectra: pictures in the gamut, gradients that are right, forms that survive another size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.core.events import Step
from artgen.losses.activation import filling_term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.transforms import RandomTransforms
from artgen.optim.fourier import Fourier, FourierAscent
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale

CPU = torch.device("cpu")


def canvas(height: int = 20, width: int = 31, *, colours: bool = True) -> Fourier:
    generator = torch.Generator().manual_seed(3)
    return Fourier.noise((height, width), generator, CPU, colours=colours)


@pytest.mark.parametrize("size", [(20, 31), (21, 30), (1, 1), (2, 5)])
def test_it_begins_near_grey_in_any_size(size: tuple[int, int]) -> None:
    picture = canvas(*size)()
    assert picture.shape == (1, 3, *size)
    assert (picture - 0.5).abs().max() < 0.2


def test_its_gradient_is_that_of_the_picture() -> None:
    one = canvas().double()
    values = one.values.detach().clone().requires_grad_()
    weight = torch.randn(1, 3, 20, 31, dtype=torch.float64)

    def score(values: Tensor) -> Tensor:
        return (torch.func.functional_call(one, {"values": values}, ()) * weight).sum()

    (expected,) = torch.autograd.grad(score(values), values)
    assert torch.allclose(one.pull(one(), weight), expected)


def test_colours_are_those_of_photos() -> None:
    """The first plane is light: it moves red, green and blue alike."""
    grey, red = canvas(), canvas(colours=False)
    for one in (grey, red):
        one.values.data.zero_()
        one.values.data[:, 0, 1, 1, 0] = 5
    light = grey.shown() - 0.5
    assert torch.allclose(light[:, 0], light[:, 2], atol=0.02)
    assert (red.shown() - 0.5)[:, 1:].abs().max() < 1e-6


@pytest.mark.parametrize("size", [(40, 62), (27, 45)])
def test_another_size_shows_the_same_forms(size: tuple[int, int]) -> None:
    one = canvas()
    one.values.data.zero_()
    one.values.data[:, 0, 1, 2, 0] = 3
    one.values.data[:, 1, -1, 1, 1] = 3
    shown, before = one.resized(size).shown().detach(), one.shown().detach()
    assert shown.shape[-2:] == size
    like = torch.nn.functional.interpolate(before, size, mode="bicubic")
    both = torch.stack([like.flatten(), shown.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.95
    assert float(shown.std()) == pytest.approx(float(before.std()), rel=0.1)


def test_a_wobble_moves_what_is_looked_at_and_not_the_picture(tiny: FeatureExtractor) -> None:
    term = filling_term("conv2_1", 2, torch.tensor(0.01))
    mover = FourierAscent(0.05, RandomTransforms(4, 0.1, 10), torch.Generator().manual_seed(0))
    one = canvas()
    steps = [
        step
        for step in optimise(one, tiny, [Scale((20, 31), 12)], lambda *_: [term], mover)
        if isinstance(step, Step)
    ]
    assert float(steps[-1].losses["filter"]) < float(steps[0].losses["filter"])
    assert not one().equal(one.shown())
    assert steps[-1].picture().equal(one.shown())


def test_a_picture_becomes_a_spectrum_and_is_seen_again() -> None:
    picture = torch.rand((1, 3, 21, 30), generator=torch.Generator().manual_seed(2))
    shown = Fourier.of(picture).shown()
    assert torch.allclose(shown, picture.clamp(0.02, 0.98), atol=1e-4)
