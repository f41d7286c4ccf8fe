"""Any picture as a style: tiles, mixtures, strength, strokes."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.fast.any_style import Decoder
from artgen.fast.any_style_inference import EXTRACTOR, StyleStatistics, paint, style_statistics
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network


@pytest.fixture(scope="module")
def slim() -> FeatureExtractor:
    return FeatureExtractor(network(EXTRACTOR))


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    state = torch.get_rng_state()
    torch.manual_seed(0)
    made = Decoder(widths=(8, 12, 16), blocks=1, code=4).requires_grad_(False).eval()
    torch.set_rng_state(state)
    made.photo_gain[1] = 0.5  # what is carried over of the colours shows
    for noise in (made.noise_quarter, made.noise_eighth):
        noise.loudness.fill_(0.1)
    return made


@pytest.fixture
def learnt(slim: FeatureExtractor, decoder: Decoder, painting: Tensor) -> StyleStatistics:
    return style_statistics(slim, decoder, [painting], side=64)


def painted(
    slim: FeatureExtractor,
    decoder: Decoder,
    picture: Tensor,
    how: StyleStatistics,
    tile: int | None = None,
) -> Tensor:
    *_, (count, total, made) = paint(slim, decoder, picture, how, tile)
    assert count == total
    return made


@pytest.mark.parametrize("size", [(49, 67), (16, 24), (7, 90), (1, 1)])
def test_a_picture_keeps_its_size(
    slim: FeatureExtractor, decoder: Decoder, learnt: StyleStatistics, size: tuple[int, int]
) -> None:
    made = painted(slim, decoder, smooth(*size, seed=1), learnt)
    assert made.shape == (1, 3, *size)
    assert 0 <= made.min() <= made.max() <= 1


def test_tiles_are_the_picture_in_one_piece(
    slim: FeatureExtractor, decoder: Decoder, learnt: StyleStatistics
) -> None:
    picture = smooth(211, 301, seed=1)
    whole = painted(slim, decoder, picture, learnt)
    steps = list(paint(slim, decoder, picture, learnt, 64))
    assert [(count, total) for count, total, _ in steps] == [(n, 20) for n in range(1, 21)]
    assert (steps[-1][2] - whole).abs().max() < 1e-4


def test_the_paintings_colours_come_over(
    slim: FeatureExtractor, decoder: Decoder, painting: Tensor
) -> None:
    photo = smooth(64, 64, seed=5)
    how = style_statistics(slim, decoder, [painting], side=64)
    before = Decoder(widths=(8, 12, 16), blocks=1, code=4).requires_grad_(False)
    before.photo_gain[1] = 1.0  # nothing but what is carried over of the colours
    before.last.weight.zero_()
    before.last.bias.zero_()
    made = painted(slim, before, photo, how)
    means = [one.mean((0, 2, 3)) for one in (made, painting, photo)]
    assert (means[0] - means[1]).abs().max() < 0.02
    assert (means[2] - means[1]).abs().max() > 0.1


def test_without_strength_the_photo_is_left(
    slim: FeatureExtractor, decoder: Decoder, painting: Tensor
) -> None:
    photo, other = smooth(49, 67, seed=5), smooth(60, 60, seed=6)
    one, two = (
        painted(
            slim, decoder, photo, style_statistics(slim, decoder, [style], strength=0.0, side=64)
        )
        for style in (painting, other)
    )
    assert torch.equal(one, photo)
    assert torch.equal(two, photo)
    one, two = (
        painted(
            slim, decoder, photo, style_statistics(slim, decoder, [style], strength=0.5, side=64)
        )
        for style in (painting, other)
    )
    assert (one - two).abs().max() > 0.01


def test_a_mixture_lies_between_its_pictures(
    slim: FeatureExtractor, decoder: Decoder, painting: Tensor
) -> None:
    other = smooth(60, 60, seed=6)
    first, both, second = (
        style_statistics(slim, decoder, [painting, other], weights, side=64)
        for weights in ([1.0, 0.0], [3.0, 1.0], [0.0, 1.0])
    )
    between = 0.75 * first.moments["image"].mean + 0.25 * second.moments["image"].mean
    torch.testing.assert_close(both.moments["image"].mean, between)
    alone = style_statistics(slim, decoder, [painting], side=64)
    torch.testing.assert_close(first.mix, alone.mix)


def test_a_tiny_picture_can_be_a_style(slim: FeatureExtractor, decoder: Decoder) -> None:
    how = style_statistics(slim, decoder, [torch.full((1, 3, 2, 90), 0.5)])
    made = painted(slim, decoder, smooth(49, 67, seed=5), how)
    assert made.isfinite().all()


def test_pictures_of_a_batch_are_painted_each_by_itself(
    slim: FeatureExtractor, decoder: Decoder, learnt: StyleStatistics
) -> None:
    pictures = torch.cat([smooth(49, 67, seed=seed) for seed in (1, 2)])
    for tile in (None, 32):
        both = painted(slim, decoder, pictures, learnt, tile)
        for index in range(2):
            alone = painted(slim, decoder, pictures[index : index + 1], learnt, tile)
            assert both[index : index + 1].equal(alone)
