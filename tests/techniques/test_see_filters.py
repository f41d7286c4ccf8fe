"""Filters as pictures: each stirs its own filter most."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.networks.channels import before_relu
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.common.maximization import CANVASES
from artgen.techniques.see_filters import SeeFilters


def made(**settings: Any) -> tuple[dict[str, Tensor], int]:
    """The pictures, and how many steps it took."""
    quick = {"net": "tiny", "size": 49, "iterations": 2, "octaves": 2, "separate": True}
    *events, result = SeeFilters(**quick | settings).run({}, Runtime("cpu", "float32"))
    assert isinstance(result, Result)
    return dict(result.pictures), sum(isinstance(event, Step) for event in events)


@pytest.mark.parametrize(("layer", "canvas"), [("conv1_1", "pixels"), ("conv3_1", "fourier")])
def test_no_other_picture_stirs_a_filter_as_its_own_does(layer: str, canvas: str) -> None:
    net = Runtime("cpu", "float32").extractor("slim")
    channels = [0, 2, 5, 6]
    words = {"channels": "0,2,5,6", "size": 40, "iterations": 15, "canvas": canvas}
    pictures, _ = made(net="slim", layer=layer, **words)
    heard = [
        net(pictures[f"{layer}-{index}"], [layer])[layer][0, channels].clamp(min=0).square()
        for index in channels
    ]
    table = torch.stack([one.mean((1, 2)) for one in heard])  # picture x filter
    assert table.argmax(0).tolist() == [0, 1, 2, 3]


def test_a_relu_stands_for_the_filters_before_it(tiny: FeatureExtractor) -> None:
    assert before_relu(tiny, "relu2_1") == "conv2_1"
    assert before_relu(tiny, "conv2_1") == "conv2_1"
    assert before_relu(tiny, "pool2") == "pool2"
    assert made(layer="block1")[0].keys() == made(layer="conv1_2")[0].keys()


def test_nothing_said_is_the_first_sixteen_and_all_is_all() -> None:
    some, steps = made(net="slim", layer="conv1_1", octaves=1, iterations=1, size=16)
    assert list(some) == ["picture", *(f"conv1_1-{n}" for n in range(16))]
    assert steps == 16
    every, steps = made(net="slim", layer="conv1_1", octaves=1, iterations=1, size=16, all=True)
    assert len(every) == 33
    assert steps == 32


def test_a_narrow_layer_shows_what_it_has() -> None:
    assert len(made(layer="conv1_1")[0]) == 7


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layer": "conv9_1"}, "has no layer 'conv9_1'"),
        ({"layer": "image"}, "has no channels"),
        ({"layer": "conv1_1", "channels": "6"}, "--channels is '6', and conv1_1 has 6 channels"),
        (
            {"layer": "conv5_1", "size": 8},
            "picture is too small for conv5_1 of 'tiny'",
        ),
        ({"channels": "1", "all": True}, "--all and --channels say two things"),
        ({"regularisers": True, "vary": "seed"}, "--regularisers and --vary both make rows"),
    ],
)
def test_bad_words_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made(**settings)


def test_the_picture_of_a_first_neuron_is_its_kernel() -> None:
    """With pixels and no more than it sees: Olah's objectives, Distill 2017."""
    words = {"net": "slim", "layer": "conv1_1", "all": True, "objective": "neuron"}
    pictures, _ = made(**words, canvas="pixels", octaves=4, iterations=20, size=6)
    conv = Runtime("cpu", "float32").extractor("slim").chain.conv1_1
    assert isinstance(conv, torch.nn.Conv2d)
    cosines = [
        torch.cosine_similarity(
            (pictures[f"conv1_1-{n}"][..., ::2, ::2] - 0.5).flatten(), kernel.flatten(), 0
        )
        for n, kernel in enumerate(conv.weight)
    ]
    assert sum(float(one) > 0.9 for one in cosines) >= 24  # three quarters of 32


@pytest.mark.parametrize("canvas", CANVASES)
def test_a_neuron_answers_to_its_picture_more_than_to_noise(
    canvas: str, tiny: FeatureExtractor
) -> None:
    words = {"layer": "conv2_1", "channels": "3", "objective": "neuron", "canvas": canvas}
    picture = made(**words, iterations=10, size=10)[0]["conv2_1-3"]
    assert picture.shape[-2:] == (10, 10)

    def answer(picture: Tensor) -> float:
        return float(tiny(picture[:, :3], ["conv2_1"])["conv2_1"][0, 3, 2, 2])

    assert answer(picture) > answer(torch.full_like(picture, 0.5)) + 0.1


def test_regularisers_have_a_column_each() -> None:
    pictures, steps = made(layer="conv2_1", channels="1,3", regularisers=True, octaves=1)
    names = [f"conv2_1-{n}-{column}" for n in (1, 3) for column in range(6)]
    assert list(pictures) == ["picture", *names]
    assert steps == 2 * 6 * 2
    row = [pictures[name] for name in names[:6]]
    assert not any(one.equal(other) for n, one in enumerate(row) for other in row[:n])


def test_seeds_have_a_column_each_and_differ() -> None:
    pictures, steps = made(layer="conv2_1", channels="1,3", vary="seed", canvas="phase")
    names = [f"conv2_1-{n}-{column}" for n in (1, 3) for column in range(4)]
    assert list(pictures) == ["picture", *names]
    assert steps == 2 * 4 * 4
    assert not torch.equal(pictures[names[0]], pictures[names[1]])
    assert pictures["picture"].shape[1] == 3
    assert pictures[names[0]].shape[1] == 4
    plain, _ = made(layer="conv2_1", channels="1", canvas="phase", opaque=True)
    assert plain["conv2_1-1"].shape[1] == 3
