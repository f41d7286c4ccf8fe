"""Masks: grey by luma, stretched with a word, and not empty; guides of the right proportions."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.common.masks import checked_mask, covering, mask_over, remarks
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.regions import Zones


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
    assert [*remarks(white(25, 35), "--mask", "m.png", photo)] == []
    assert [*remarks(white(50, 50), "--mask", "m.png", photo, "the sample")] == [
        "The mask 'm.png' has other proportions (50 x 50 px) than the sample (70 x 50), "
        "and is stretched over it."
    ]


def halves(dark: tuple[float, ...], bright: tuple[float, ...]) -> Tensor:
    """A mask whose left half has one colour, and whose right half another."""
    mask = torch.tensor(dark, dtype=torch.float32).view(1, 3, 1, 1).repeat(1, 1, 20, 30)
    mask[..., 15:] = torch.tensor(bright, dtype=torch.float32).view(1, 3, 1, 1)
    return mask


@pytest.mark.parametrize(
    ("dark", "bright"),
    [
        ((0, 0, 0), (128 / 255, 0, 0)),  # label 1 of a palette, as of Pascal VOC
        ((0, 0, 0), (1 / 255, 1 / 255, 1 / 255)),  # label 1 as a number
        ((0.2, 0.2, 0.2), (0.7, 0.7, 0.7)),
        ((0, 0, 1), (1, 1, 0)),
    ],
)
def test_two_colours_are_black_and_white(
    dark: tuple[float, ...], bright: tuple[float, ...]
) -> None:
    mask = checked_mask(halves(dark, bright), "--mask")
    assert mask[..., :15].max() == 0
    assert mask[..., 15:].min() == 1
    assert [*remarks(halves(dark, bright), "--mask", "m.png", white(20, 30))] == []


def test_soft_edges_and_noise_of_two_colours_do_not_matter() -> None:
    drawn = halves((0.0, 0, 0), (0.5, 0, 0)).repeat(1, 1, 4, 1)
    drawn += torch.rand(drawn.shape, generator=torch.Generator().manual_seed(1)) * 0.01
    drawn[0, 0, :, 14] = torch.linspace(0, 0.5, 80)
    mask = checked_mask(drawn, "--mask")
    assert mask[..., :14].max() < 0.1
    assert mask[..., 15:].min() > 0.9


def test_a_dark_mask_in_greys_is_named() -> None:
    grey = torch.linspace(0, 0.3, 30).repeat(1, 3, 20, 1)
    assert checked_mask(grey, "--mask").max() == pytest.approx(0.3)
    assert [*remarks(grey, "--protect", "m.png", white(20, 30))] == [
        "The mask 'm.png' of --protect is nowhere near white: its brightest place counts as 30%."
    ]
