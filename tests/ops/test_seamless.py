"""Seams: opposite edges fit afterwards, and what fits already is left alone."""

from __future__ import annotations

import math

import torch
from pictures import smooth

from artgen.ops.seamless import seamless


def edges(picture: torch.Tensor, axis: int) -> float:
    """How far an edge is from the opposite one, in differences of neighbours."""
    length = picture.shape[axis]
    apart = picture.narrow(axis, 0, 1) - picture.narrow(axis, length - 1, 1)
    return float(apart.abs().mean() / picture.diff(dim=axis).abs().mean())


def test_edges_fit_and_the_middle_is_the_pictures_own() -> None:
    picture = smooth(80, 120, seed=1)
    assert min(edges(picture, 2), edges(picture, 3)) > 2
    made = seamless(picture)
    assert made.shape == (1, 3, 70, 105)
    assert max(edges(made, 2), edges(made, 3)) < 1.5
    assert made[..., 10:, 15:].equal(picture[..., 10:70, 15:105])


def test_what_goes_on_already_stays() -> None:
    wave = torch.arange(64).mul(2 * math.pi / 64).sin().add(1).div(2)
    picture = wave.view(1, 1, 1, 64).expand(1, 3, 64, 64)
    assert seamless(picture).equal(picture)
    ramp = torch.linspace(0, 1, 64).view(1, 1, 64, 1).expand(1, 3, 64, 64) * picture
    assert seamless(ramp).shape == (1, 3, 56, 64)


def test_a_picture_of_one_pixel_is_no_disaster() -> None:
    dot = torch.rand(1, 3, 1, 1)
    assert seamless(dot).equal(dot)
