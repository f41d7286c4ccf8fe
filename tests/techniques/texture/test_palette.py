"""Histogram matching: the samples' colours, each as often as they have it, and the same order."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen.techniques.texture import palette
from artgen.techniques.texture.palette import Palette


def test_the_same_pixels_elsewhere_come_back() -> None:
    sample = smooth(30, 40, seed=1)
    picture = smooth(40, 30, seed=2)
    matched = palette.match(picture, Palette.of([sample], [1.0]))
    assert matched.flatten(2).sort().values.equal(sample.flatten(2).sort().values)


def test_a_picture_with_these_colours_is_left_alone() -> None:
    sample = smooth(30, 40, seed=1)
    assert palette.match(sample, Palette.of([sample], [3.0])).equal(sample)


def test_darker_stays_darker() -> None:
    picture = smooth(20, 20, seed=3)
    matched = palette.match(picture, Palette.of([smooth(50, 31, seed=4)], [1.0]))
    order = picture.mean(1).flatten().argsort()
    ranks = matched.mean(1).flatten()[order].argsort().argsort().double()
    assert torch.corrcoef(torch.stack([ranks, torch.arange(400).double()]))[0, 1] > 0.9


def test_mixtures_of_channels_are_the_samples_too() -> None:
    """Red and blue are never together in the sample; channel by channel nobody would know."""
    half = smooth(64, 64, seed=8)[:, :1] > 0.5
    sample = torch.cat([half.float(), torch.zeros(1, 1, 64, 64), (~half).float()], 1)
    matched = palette.match(smooth(64, 64, seed=9), Palette.of([sample], [1.0]))
    both = (matched[:, 0] > 0.5) & (matched[:, 2] > 0.5)
    assert both.float().mean() < 0.05


def test_a_large_picture_takes_a_table_and_looks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = Palette.of([smooth(64, 64, seed=4)], [1.0])
    picture = smooth(150, 120, seed=3)
    exact = palette.match(picture, colours)
    monkeypatch.setattr(palette, "EXACT", 4500)
    roughly = palette.match(picture, colours)
    assert not roughly.equal(exact)
    assert float((roughly - exact).abs().mean()) < 0.01
    flat = palette.match(torch.full((1, 3, 80, 90), 0.5), colours)
    assert flat.isfinite().all()


def test_noise_is_of_the_samples_pixels() -> None:
    one, two = smooth(9, 7, seed=1), smooth(5, 5, seed=2)
    generator = torch.Generator().manual_seed(0)
    picture = palette.noise((40, 50), Palette.of([one, two], [1.0, 3.0]), generator)
    there = [{tuple(p.tolist()) for p in sample[0].flatten(1).T} for sample in (one, two, picture)]
    assert there[2] == there[0] | there[1]
    first = sum(tuple(p.tolist()) in there[0] for p in picture[0].flatten(1).T)
    assert first / 2000 == pytest.approx(0.25, abs=0.04)
    assert palette.noise((4, 4), Palette.of([one, two], [0.0, 1.0]), generator).shape == (
        1,
        3,
        4,
        4,
    )


@pytest.mark.parametrize("weights", [(1.0, 3.0), (0.0, 1.0), (2.0, 0.0)])
def test_a_sample_counts_as_its_weight_however_large_it_is(weights: tuple[float, float]) -> None:
    dark, light = torch.full((1, 3, 90, 90), 0.2), torch.full((1, 3, 7, 9), 0.8)
    matched = palette.match(smooth(40, 40, seed=5), Palette.of([dark, light], weights))
    share = float((matched > 0.5).float().mean())
    assert share == pytest.approx(weights[1] / sum(weights), abs=1e-3)


def test_one_pixel_and_one_colour() -> None:
    assert (
        palette.match(torch.rand(1, 3, 1, 1), Palette.of([smooth(9, 9, seed=6)], [1.0]))
        .isfinite()
        .all()
    )
    flat = palette.match(smooth(9, 9, seed=6), Palette.of([torch.full((1, 3, 1, 1), 0.25)], [1.0]))
    assert flat.eq(0.25).all()


def test_only_what_is_shown_lends_its_colours() -> None:
    sample = torch.cat([torch.full((1, 3, 9, 9), 0.2), torch.full((1, 3, 9, 9), 0.9)], 3)
    mask = (torch.arange(18) < 9).float().expand(1, 1, 9, 18)
    dark = Palette.of([sample], [1.0], [mask])
    assert dark.colours.eq(0.2).all()
    picture = smooth(8, 18, seed=1)
    made = palette.match(picture, dark, mask[..., :8, :])
    torch.testing.assert_close(made[..., :9], torch.full((1, 3, 8, 9), 0.2))
    assert made[..., 9:].equal(picture[..., 9:])


def test_maps_are_drawn_with_their_colours() -> None:
    sample = smooth(9, 9, seed=1)
    both = torch.cat([sample, 1 - sample], 1)
    drawn = palette.noise((7, 5), Palette.of([both], [1.0]), torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn[:, 3:], 1 - drawn[:, :3])
    matched = palette.match(torch.rand(1, 6, 20, 20), Palette.of([both], [1.0]))
    assert matched.shape == (1, 6, 20, 20)
