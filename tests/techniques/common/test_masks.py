"""Masks: grey by luma, stretched with a word, and not empty; guides of the right proportions."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.common.masks import checked_mask, covering, mask_over, stretched
from artgen.techniques.common.painting import Painting
from artgen.techniques.style.regions import Zones


def test_masks_that_say_nothing_are_refused(photo: Tensor) -> None:
    with pytest.raises(UsageError, match=r"mask 'sky.png' of --mask is empty"):
        checked_mask(torch.full((1, 3, 4, 4), 1 / 255), "--mask", "sky.png")
    white = checked_mask(torch.ones(1, 3, 4, 4), "--protect")
    with pytest.raises(UsageError, match="nothing is left to paint"):
        Zones([[Painting(photo)]], (), white)


SIZE = (50, 70)


def white(height: int, width: int) -> Tensor:
    return torch.ones(1, 3, height, width)


@pytest.mark.parametrize("shape", [(50, 70), (25, 35), (101, 139)])
def test_the_size_of_what_covers_may_differ(shape: tuple[int, int]) -> None:
    assert covering(white(*shape), SIZE, "--mask", "the picture").shape == (1, 3, *SIZE)


@pytest.mark.parametrize("shape", [(50, 80), (70, 50), (50, 76)])
def test_its_proportions_may_not(shape: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=f"--mask is {shape[1]} x {shape[0]} px and the picture"):
        covering(white(*shape), SIZE, "--mask", "the picture")


def test_a_masks_grey_is_its_luma_whatever_it_is_for() -> None:
    """A green mask counts more than a blue one, and a faint one is one, too."""
    for colour, luma in ((0, 0.299), (1, 0.587), (2, 0.114)):
        mask = torch.zeros(1, 3, 25, 35)
        mask[:, colour] = 1
        assert mask_over(mask, SIZE, "--mask").mean() == pytest.approx(luma, abs=1e-5)
        assert checked_mask(mask, "--mask").mean() == pytest.approx(luma, abs=1e-5)
    with pytest.raises(UsageError, match="The mask of --mask is empty"):
        mask_over(0 * white(*SIZE), SIZE, "--mask")


def test_a_mask_of_other_proportions_is_stretched_with_a_word() -> None:
    photo = white(*SIZE)
    assert mask_over(white(50, 50), SIZE, "--mask").shape == (1, 1, *SIZE)
    assert stretched(white(25, 35), "m.png", photo) == ""
    assert stretched(white(50, 50), "m.png", photo, "the sample") == (
        "The mask 'm.png' has other proportions (50 x 50 px) than the sample (70 x 50), "
        "and is stretched over it."
    )
