"""Styles as a sheet: each picture has the statistics it was made for."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.losses import functional
from artgen.losses.style import style_moments
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.see_style import SeeStyle, together

LAYERS = [f"relu{block}_1" for block in range(1, 6)]


def made(painting: Tensor, **settings: Any) -> tuple[dict[str, Tensor], int]:
    """The pictures, and how many steps it took."""
    quick = {"net": "tiny", "size": 60, "iterations": 2, "separate": True}
    *events, result = SeeStyle(**quick | settings).run(
        {"style": [painting]}, Runtime("cpu", "float32")
    )
    assert isinstance(result, Result)
    return dict(result.pictures), sum(isinstance(event, Step) for event in events)


def test_the_sheet_has_every_layer_three_times(painting: Tensor) -> None:
    pictures, steps = made(painting)
    names = [*LAYERS, *(f"to-{layer}" for layer in LAYERS), *(f"gram-{layer}" for layer in LAYERS)]
    assert list(pictures) == ["picture", "painting", *names]
    assert steps == 2 * 10
    assert pictures["relu1_1"].equal(pictures["to-relu1_1"])


def test_a_picture_has_the_gram_matrices_of_the_painting(
    painting: Tensor, tiny: FeatureExtractor
) -> None:
    words = {"layer": "relu1_1,relu2_1", "tv_weight": 0.0}
    pictures, _ = made(painting, iterations=60, **words)
    begun, _ = made(painting, iterations=1, **words)
    target = style_moments(tiny, [pictures["painting"]], [1.0], LAYERS[:2])

    def far(picture: Tensor, layer: str) -> float:
        there = style_moments(tiny, [picture], [1.0], [layer])[layer]
        return float(functional.gram_distance(there.gram, target[layer].gram))

    for layer in LAYERS[:2]:
        before, after = far(begun[layer], layer), far(pictures[layer], layer)
        assert after < before / 20
    assert far(pictures["to-relu2_1"], "relu1_1") < far(pictures["relu2_1"], "relu1_1")


def test_channels_that_go_together_lie_together() -> None:
    generator = torch.Generator().manual_seed(0)
    one, two = torch.rand(2, 300, generator=generator)
    rows = torch.stack([(one, two)[n % 2] + 0.05 * n for n in range(8)])
    order = together(rows @ rows.T).tolist()
    assert sorted(order) == list(range(8))
    assert len({n % 2 for n in order[:4]}) == len({n % 2 for n in order[4:]}) == 1


def test_one_channel_has_an_order() -> None:
    assert together(torch.ones(1, 1)).tolist() == [0]
    assert sorted(together(torch.zeros(3, 3)).tolist()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"layer": "relu9_1"}, "has no layer 'relu9_1'"), ({"size": 8}, "the picture is too small")],
)
def test_bad_words_are_refused(painting: Tensor, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made(painting, **settings)
