"""Movements of a picture: seeded, within bounds, with a gradient that comes back."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.transforms import RandomTransforms, jitter, shift, turned


def test_jitter_is_seeded_and_reaches_both_ends() -> None:
    one, two = (torch.Generator().manual_seed(4) for _ in range(2))
    drawn = [jitter(2, one) for _ in range(200)]
    assert drawn == [jitter(2, two) for _ in range(200)]
    assert {down for down, _ in drawn} == {right for _, right in drawn} == {-2, -1, 0, 1, 2}
    assert jitter(0, one) == (0, 0)


def test_what_wraps_round_is_rolled(photo: Tensor) -> None:
    moved = shift(photo, (3, -5), wraps=True)
    assert moved.equal(photo.roll((3, -5), (2, 3)))


def test_elsewhere_the_edge_is_a_mirror(photo: Tensor) -> None:
    moved = shift(photo, (3, -5))
    assert moved[..., 3:, :-5].equal(photo[..., :-3, 5:])
    assert moved[..., :3, :-5].equal(photo[..., :3, 5:].flip(2))
    assert moved[..., 3:, -5:].equal(photo[..., :-3, -5:].flip(3))
    assert shift(photo, (0, 0)) is photo


def test_nothing_turned_is_the_picture_itself() -> None:
    picture = smooth(21, 33, seed=1)
    assert torch.allclose(turned(picture, 0, 1), picture, atol=1e-5)


def test_a_quarter_to_the_left() -> None:
    picture = smooth(24, 24, seed=1)
    assert torch.allclose(turned(picture, 90, 1), picture.rot90(1, (2, 3)), atol=1e-4)


def test_a_turn_keeps_forms_on_a_picture_that_is_not_square() -> None:
    rows, columns = torch.meshgrid(torch.arange(40.0), torch.arange(80.0), indexing="ij")
    disc = (((rows - 19.5) ** 2 + (columns - 39.5) ** 2) < 150).float()[None, None]
    assert (turned(disc, 40, 1) - disc).abs().mean() < 0.02


def test_zoom_makes_larger() -> None:
    picture = torch.zeros(1, 1, 40, 60)
    picture[..., 15:25, 20:40] = 1
    assert turned(picture, 0, 1.5).sum() == pytest.approx(200 * 1.5**2, rel=0.1)


def test_a_wobble_is_seeded_and_may_be_none() -> None:
    picture = smooth(21, 33, seed=1)
    assert RandomTransforms().draw(torch.Generator())(picture).equal(picture)
    one, two, three = (
        RandomTransforms(3, 0.1, 5).draw(torch.Generator().manual_seed(seed))(picture)
        for seed in (1, 1, 2)
    )
    assert one.equal(two)
    assert not one.equal(three)
