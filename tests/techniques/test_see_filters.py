"""Filters as pictures: each stirs its own filter most."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.activation import before_relu
from artgen.errors import UsageError
from artgen.features import FeatureExtractor
from artgen.optimise import Step
from artgen.runtime import Runtime
from artgen.techniques import Result
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
        ({"layer": "conv5_1", "size": 8}, "--size is 8, and conv5_1 of 'tiny' needs at least 16"),
        ({"channels": "1", "all": True}, "--all and --channels say two things"),
    ],
)
def test_bad_words_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made(**settings)
