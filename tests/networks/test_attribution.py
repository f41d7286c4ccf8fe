"""Attribution: known answers on scores whose pixels are known, and nothing left behind."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from artgen.core import optional
from artgen.errors import UsageError
from artgen.networks.attribution import (
    METHODS,
    AttributionTarget,
    Neuron,
    Probabilities,
    attribute,
    guided,
    square_of,
)
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime

SPOT = (slice(8, 16), slice(20, 28))


class Spot(nn.Module):
    """How bright a place is; nothing else counts."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Conv2d(3, 1, 1)
        nn.init.ones_(self.maps.weight)
        assert self.maps.bias is not None
        nn.init.zeros_(self.maps.bias)
        self.relu = nn.ReLU()

    def forward(self, picture: Tensor) -> Tensor:
        return self.relu(self.maps(picture))[(..., *SPOT)].mean((2, 3))


@pytest.fixture
def target() -> AttributionTarget:
    score = Spot().requires_grad_(False)
    return AttributionTarget("spot", score, 0, score.maps)


@pytest.fixture
def classifier(runtime: Runtime) -> Classifier:
    return runtime.classifier("tiny")


@pytest.mark.parametrize("method", [m for m in METHODS if m != "gradcam"])
def test_what_counts_is_where_it_is_found(method: str, target: AttributionTarget) -> None:
    found = attribute(method, target, torch.rand(1, 3, 24, 36) * 0.4 + 0.6, square=4)
    assert found.shape == (1, 1, 24, 36)
    inside = torch.zeros_like(found)
    inside[..., SPOT[0], SPOT[1]] = 1
    assert found.min() >= 0
    # A square that slides in takes some away before it covers the place.
    assert (found * inside).sum() > (0.6 if method == "occlusion" else 0.99) * found.sum()


def test_gradcam_weighs_the_maps_below(target: AttributionTarget) -> None:
    picture = torch.full((1, 3, 24, 36), 0.1)
    picture[..., 4:12, 4:12] = 0.9
    found = attribute("gradcam", target, picture)
    assert found[0, 0, 8, 8] > 2 * found[0, 0, 20, 30]
    with pytest.raises(UsageError, match="no layer below spot"):
        attribute("gradcam", AttributionTarget("spot", target.score, 0, None), picture)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_asks_a_network_and_leaves_no_trace(
    method: str, classifier: Classifier, photo: Tensor
) -> None:
    best = int(classifier.guesses(photo).argmax())
    target = AttributionTarget(
        "", classifier, best, classifier.extractor.chain.get_submodule("pool5")
    )
    before, state = photo.clone(), torch.get_rng_state()
    score = classifier(photo)
    one, two = (attribute(method, target, photo, seed=1, square=20) for _ in range(2))
    assert one.equal(two)
    assert one.max() > 0
    assert not one.requires_grad
    assert photo.equal(before)
    assert torch.get_rng_state().equal(state)
    assert classifier(photo).equal(score)


def test_noise_is_of_its_seed(classifier: Classifier, photo: Tensor) -> None:
    target = AttributionTarget("", classifier, 3, None)
    one, two = (attribute("smoothgrad", target, photo, seed=seed) for seed in (1, 2))
    assert not one.equal(two)


@pytest.mark.parametrize("net", ["tiny", "squeezenet"])
def test_guided_gradients_pass_through_no_relu_twice(
    net: str, photo: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: at each ReLU what comes back is kept where it is positive and the input was."""
    from dataclasses import replace

    from artgen.networks import weights
    from artgen.networks.zoo import all_networks

    spec = replace(all_networks().get(net), source=weights.Source("none", seed=3))
    extractor = FeatureExtractor(spec, padding="zero")
    neuron = Neuron(extractor, extractor.layers[-2], 2, photo)
    found = guided(AttributionTarget("", neuron, 0, None), photo)

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return gradient.clamp(min=0) * (x > 0)

    by_hand = lambda x, conv, relu=None: Guided.apply(conv(x))  # noqa: E731
    monkeypatch.setattr("artgen.networks.extractor.conv_relu", by_hand)
    monkeypatch.setattr("artgen.networks.zoo.squeezenet.conv_relu", by_hand)
    leaf = photo.clone().requires_grad_()
    (expected,) = torch.autograd.grad(neuron(leaf).sum(), leaf)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_a_neuron_stays_where_the_photo_stirs_it_most(
    tiny: FeatureExtractor, photo: Tensor
) -> None:
    neuron = Neuron(tiny, "conv2_1", 4, photo)
    maps = tiny(photo, ["conv2_1"])["conv2_1"][0, 4]
    assert float(neuron(photo)) == pytest.approx(float(maps.max()))
    other = photo.flip(3)
    there = tiny(other, ["conv2_1"])["conv2_1"][0, 4].flatten()[int(maps.argmax())]
    assert float(neuron(other)) == pytest.approx(float(there))


def test_shares_are_probabilities(classifier: Classifier, photo: Tensor) -> None:
    assert torch.allclose(Probabilities(classifier)(photo)[0], classifier.guesses(photo))


@pytest.mark.parametrize(("side", "found"), [(0, 9), (12, 12), (99, 49)])
def test_a_square_has_room_on_the_picture(side: int, found: int, photo: Tensor) -> None:
    assert square_of(photo, side) == found


def test_a_missing_package_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, target: AttributionTarget
) -> None:
    def nothing(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(optional, "find_spec", nothing)
    with pytest.raises(UsageError, match="needs the package captum") as caught:
        attribute("gradient", target, torch.rand(1, 3, 24, 36))
    assert "pip install 'artgen[see]'" in caught.value.hint
