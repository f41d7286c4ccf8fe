"""The activation term: exact in tiles, relative to the photo, of all channels or some."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from loop import count_passes
from pictures import smooth
from torch import Tensor

from artgen.core.choices import MATCHES, OBJECTIVES
from artgen.losses.activation import (
    STIR,
    activation_term,
    direction_term,
    filling_term,
    guided_term,
)
from artgen.losses.evaluate import evaluate
from artgen.networks.channels import energies
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole

LAYERS = {"relu2_2": 0.5, "relu4_2": 2.0}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_tiles_give_the_same_pull(objective: str, tiny: FeatureExtractor, photo: Tensor) -> None:
    tiny.double()
    reference = energies(tiny, photo.double(), tuple(LAYERS))
    term = activation_term(LAYERS, reference, objective)
    picture = smooth(49, 67, seed=5).double()
    passes = count_passes(tiny)
    one, loss, gradient = evaluate(picture, tiny, [term])
    assert len(passes) == 1
    many, tiled_loss, tiled = evaluate(picture, tiny, [term], tile=16)
    assert len(passes) > 8
    torch.testing.assert_close(one, many)
    torch.testing.assert_close(loss, tiled_loss)
    torch.testing.assert_close(gradient, tiled, atol=1e-12, rtol=1e-9)


def test_a_neuron_is_the_position_in_the_middle(tiny: FeatureExtractor, photo: Tensor) -> None:
    reference = energies(tiny, photo, ("conv3_1",))
    term = activation_term({"conv3_1": 1.0}, reference, "neuron", {"conv3_1": [4]})
    losses, _, gradient = evaluate(photo, tiny, [term])
    middle = tiny(photo, ["conv3_1"])["conv3_1"][0, 4, 6, 8]
    expected = -middle / reference["conv3_1"].mean().sqrt()
    assert float(losses["dream"]) == pytest.approx(float(expected), rel=1e-4)
    seen = gradient.abs().sum(1)[0].nonzero()
    reach = tiny.radius("conv3_1")
    assert seen[:, 0].min() >= 24 - reach
    assert seen[:, 0].max() < 28 + reach
    assert seen[:, 1].min() >= 32 - reach
    assert seen[:, 1].max() < 36 + reach


def test_a_loss_of_minus_one_is_as_loud_as_the_photo(tiny: FeatureExtractor, photo: Tensor) -> None:
    """Whatever the layers' own loudness: so weights mean the same everywhere."""
    term = activation_term(LAYERS, energies(tiny, photo, tuple(LAYERS)), "l2")
    features = tiny(photo, LAYERS)
    loss = term.loss(term.statistics(features, whole(features)))
    assert loss.item() == pytest.approx(-1, rel=1e-4)


def test_the_mean_of_some_channels_is_what_it_says(tiny: FeatureExtractor, photo: Tensor) -> None:
    features = tiny(photo, ["relu2_2"])
    chosen = features["relu2_2"][:, [1, 4]]
    reference = energies(tiny, photo, ("relu2_2",))
    rms = features["relu2_2"].square().mean().sqrt()
    term = activation_term({"relu2_2": 3.0}, reference, "mean", {"relu2_2": (1, 4)})
    loss = term.loss(term.statistics(features, whole(features)))
    assert loss.item() == pytest.approx(-(chosen.mean() / rms).item(), rel=1e-4)


@pytest.mark.parametrize("match", MATCHES)
@pytest.mark.parametrize("channels", [None, {"relu2_2": (0, 3), "relu4_2": (5, 1, 2)}])
def test_a_guide_pulls_alike_in_tiles(
    match: str,
    channels: dict[str, tuple[int, ...]] | None,
    tiny: FeatureExtractor,
    photo: Tensor,
    painting: Tensor,
) -> None:
    tiny.double()
    reference = energies(tiny, photo.double(), tuple(LAYERS))
    term = guided_term(tiny, painting.double(), LAYERS, reference, match, channels)
    one, _, gradient = evaluate(photo.double(), tiny, [term])
    many, _, tiled = evaluate(photo.double(), tiny, [term], tile=16)
    assert gradient.any()
    torch.testing.assert_close(one, many)
    torch.testing.assert_close(gradient, tiled, atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize("chunk", [7, 4096])
def test_the_best_feature_has_the_largest_product(
    chunk: int, tiny: FeatureExtractor, photo: Tensor, painting: Tensor, monkeypatch: Any
) -> None:
    """Spelt out: the mean over positions of the largest of all products, loudness divided out."""
    monkeypatch.setattr("artgen.losses.neighbour_table.CHUNK", chunk)
    reference = energies(tiny, photo, ("relu2_2",))
    here, there = (tiny(p, ["relu2_2"])["relu2_2"].flatten(2)[0] for p in (photo, painting))
    loudness = here.square().mean().sqrt() * there.square().mean().sqrt()
    expected = {
        "best": (here.T @ there).amax(1).mean() / len(here) / loudness,
        "mean": (here.mean(1) @ there.mean(1)) / len(here) / loudness,
    }
    for match, value in expected.items():
        term = guided_term(tiny, painting, {"relu2_2": 2.0}, reference, match)
        losses, _, _ = evaluate(photo, tiny, [term])
        assert losses["dream"].item() == pytest.approx(-value.item(), rel=1e-4)


@pytest.mark.parametrize("tile", [None, 16])
def test_filling_is_the_mean_square_above_zero_and_a_little_mean(
    tiny: FeatureExtractor, photo: Tensor, tile: int | None
) -> None:
    here = tiny(photo, ["conv2_1"])["conv2_1"][0, 3] / 2
    expected = -(here.clamp(min=0).square().mean() + STIR * here.mean())
    term = filling_term("conv2_1", 3, torch.tensor(4.0))
    _, loss, gradient = evaluate(photo, tiny, [term], tile)
    assert torch.allclose(loss.float(), expected, rtol=1e-4)
    assert gradient.isfinite().all()


def test_a_direction_is_followed_by_features_along_it_alike_in_tiles(
    tiny: FeatureExtractor, photo: Tensor
) -> None:
    tiny.double()
    layer, photo = "conv2_1", photo.double()
    features = tiny(photo, [layer])[layer][0].flatten(1)
    mean, spread = features.mean(1), features.std(1)
    direction = (features[:, 40] - mean) / spread
    term = direction_term(layer, direction, mean, spread)
    _, loss, gradient = evaluate(photo, tiny, [term])
    _, tiled_loss, tiled = evaluate(photo, tiny, [term], tile=16)
    assert float(tiled_loss) == pytest.approx(float(loss))
    torch.testing.assert_close(tiled, gradient)
    along = {layer: (mean + spread * direction).view(1, -1, 1, 1)}
    against = {layer: (mean - spread * direction).view(1, -1, 1, 1)}
    losses = [float(term.loss(term.statistics(one, whole(one)))) for one in (along, against)]
    assert losses[0] == pytest.approx(-1 - STIR)
    assert losses[1] == pytest.approx(STIR)
