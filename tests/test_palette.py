"""Histogram matching: the samples' colours, each as often as they have it, and the same order."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen import palette


def test_the_same_pixels_elsewhere_come_back() -> None:
    sample = smooth(30, 40, seed=1)
    picture = smooth(40, 30, seed=2)
    matched = palette.match(picture, [sample], [1.0])
    assert matched.flatten(2).sort().values.equal(sample.flatten(2).sort().values)


def test_a_picture_with_these_colours_is_left_alone() -> None:
    sample = smooth(30, 40, seed=1)
    assert palette.match(sample, [sample], [3.0]).equal(sample)


def test_darker_stays_darker() -> None:
    picture = smooth(20, 20, seed=3)
    matched = palette.match(picture, [smooth(50, 31, seed=4)], [1.0])
    for before, after in zip(picture[0].flatten(1), matched[0].flatten(1), strict=True):
        assert after[before.argsort()].diff().min() >= 0


@pytest.mark.parametrize("weights", [(1.0, 3.0), (0.0, 1.0), (2.0, 0.0)])
def test_a_sample_counts_as_its_weight_however_large_it_is(weights: tuple[float, float]) -> None:
    dark, light = torch.full((1, 3, 90, 90), 0.2), torch.full((1, 3, 7, 9), 0.8)
    matched = palette.match(smooth(40, 40, seed=5), [dark, light], weights)
    share = float((matched > 0.5).float().mean())
    assert share == pytest.approx(weights[1] / sum(weights), abs=1e-3)


def test_one_pixel_and_one_colour() -> None:
    assert palette.match(torch.rand(1, 3, 1, 1), [smooth(9, 9, seed=6)], [1.0]).isfinite().all()
    flat = palette.match(smooth(9, 9, seed=6), [torch.full((1, 3, 1, 1), 0.25)], [1.0])
    assert flat.eq(0.25).all()
