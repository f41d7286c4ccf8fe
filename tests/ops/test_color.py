"""Colours taken over: place by place, and as a palette; always colours."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.color import from_light, luma, matched, recoloured, to_light


@pytest.mark.parametrize(
    ("colour", "expected"), [((1, 1, 1), 1.0), ((1, 0, 0), 0.299), ((0, 1, 0), 0.587)]
)
def test_luma_is_y_of_yiq(colour: tuple[float, ...], expected: float) -> None:
    made = luma(torch.tensor(colour, dtype=torch.float32).view(1, 3, 1, 1))
    assert made.shape == (1, 1, 1, 1)
    assert made.item() == pytest.approx(expected)


def test_a_picture_in_its_own_colours_is_itself(photo: Tensor) -> None:
    assert (recoloured(photo, photo) - photo).abs().max() < 1e-5


def test_luma_is_the_pictures_and_chroma_the_photos(photo: Tensor) -> None:
    grey = 0.4 + 0.2 * smooth(49, 67, seed=2).mean(1, keepdim=True).expand(1, 3, 49, 67)
    muted = 0.4 + 0.2 * photo  # its chroma fits at any luma of grey
    made = recoloured(grey, muted)
    assert (luma(made) - luma(grey)).abs().max() < 1e-5
    assert ((made - luma(made)) - (muted - luma(muted))).abs().max() < 1e-5


def test_what_is_no_colour_becomes_greyer_and_keeps_its_luma() -> None:
    vivid = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    for value in (0.0, 0.02, 0.9, 1.0):
        made = recoloured(torch.full((1, 3, 1, 1), value), vivid)
        assert made.min() >= 0
        assert made.max() <= 1
        assert luma(made).item() == pytest.approx(value, abs=1e-5)
        assert made[0, 0] >= made[0, 1] == made[0, 2]


def test_a_matched_picture_has_the_samples_palette(photo: Tensor, painting: Tensor) -> None:
    muted, sample = 0.4 + 0.2 * photo, 0.4 + 0.2 * painting  # nothing leaves the gamut
    made = matched(muted, sample)[0].flatten(1)
    wanted = sample[0].flatten(1)
    torch.testing.assert_close(made.mean(1), wanted.mean(1), atol=1e-4, rtol=0)
    torch.testing.assert_close(made.cov(), wanted.cov(), atol=1e-4, rtol=0)


def test_a_picture_matched_to_itself_is_itself(photo: Tensor) -> None:
    assert (matched(photo, photo) - photo).abs().max() < 1e-4


def test_a_picture_of_one_colour_takes_the_mean(painting: Tensor) -> None:
    flat = torch.full((1, 3, 20, 20), 0.7)
    made = matched(flat, painting)
    wanted = painting.mean((2, 3), keepdim=True).expand_as(made)
    torch.testing.assert_close(made, wanted, atol=1e-4, rtol=0)


def test_light_and_stored_values_turn_into_each_other() -> None:
    values = torch.linspace(0, 1, 48).view(1, 3, 4, 4)
    light = to_light(values)
    torch.testing.assert_close(from_light(light), values, atol=1e-5, rtol=0)
    assert to_light(torch.full((1, 3, 1, 1), 0.5))[0, 0] == pytest.approx(0.21404, abs=1e-5)
