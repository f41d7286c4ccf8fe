"""Masks: of the right proportions, and not empty."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.common.masks import checked_mask, covering
from artgen.techniques.common.painting import Painting
from artgen.techniques.style.regions import Zones


def test_masks_that_say_nothing_are_refused(photo: Tensor) -> None:
    with pytest.raises(UsageError, match=r"mask 'sky.png' of --mask is empty"):
        checked_mask(torch.full((1, 3, 4, 4), 1 / 255), "sky.png", "--mask")
    white = checked_mask(torch.ones(1, 3, 4, 4), "all.png", "--protect")
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
