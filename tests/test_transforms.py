"""Movements of a picture: seeded, within bounds, undone by their opposite."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.transforms import jitter, roll


def test_jitter_is_seeded_and_reaches_both_ends() -> None:
    one, two = (torch.Generator().manual_seed(4) for _ in range(2))
    drawn = [jitter(2, one) for _ in range(200)]
    assert drawn == [jitter(2, two) for _ in range(200)]
    assert {down for down, _ in drawn} == {right for _, right in drawn} == {-2, -1, 0, 1, 2}
    assert jitter(0, one) == (0, 0)


def test_a_roll_is_undone_by_its_opposite(photo: Tensor) -> None:
    moved = roll(photo, (3, -5))
    assert moved[..., 3, 0].equal(photo[..., 0, 5])
    assert roll(moved, (-3, 5)).equal(photo)
    assert roll(photo, (0, 0)) is photo
