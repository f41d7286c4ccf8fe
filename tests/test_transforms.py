"""Movements of a picture: seeded, within bounds, with a gradient that comes back."""

from __future__ import annotations

import torch
from pictures import smooth
from torch import Tensor

from artgen.transforms import jitter, shift, turn, wobble


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


def test_a_turn_is_about_the_middle_and_against_the_clock() -> None:
    square = smooth(40, 40, seed=1)
    torch.testing.assert_close(turn(square, 90, 1), square.rot90(1, (2, 3)), atol=1e-4, rtol=0)
    torch.testing.assert_close(turn(square, 0, 1), square, atol=1e-4, rtol=0)
    oblong = smooth(30, 60, seed=1)
    back = turn(turn(oblong, 20, 1), -20, 1)[..., 10:20, 20:40]
    assert (back - oblong[..., 10:20, 20:40]).abs().mean() < 0.03  # but for what bilinear blurs
    assert (oblong - turn(oblong, 20, 1))[..., 10:20, 20:40].abs().mean() > 0.06


def test_a_factor_makes_it_larger() -> None:
    wave = torch.sin(torch.arange(80) * (2 * torch.pi / 8)).expand(1, 3, 80, 80)
    twice = torch.fft.rfft(turn(wave, 0, 2)[0, 0, 0]).abs().argmax()
    assert int(twice) == 5  # of ten waves


def test_a_wobble_is_seeded_and_within_bounds() -> None:
    one, two = (torch.Generator().manual_seed(4) for _ in range(2))
    drawn = [wobble(5.0, one) for _ in range(100)]
    assert drawn == [wobble(5.0, two) for _ in range(100)]
    assert -5 < min(drawn) < -4 < 4 < max(drawn) < 5
