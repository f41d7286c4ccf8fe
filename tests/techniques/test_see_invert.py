"""Inversion: an early layer gives the photo back, deeper ones less and less of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.errors import UsageError
from artgen.runtime import Runtime
from artgen.techniques.see_invert import SeeInvert, decibels

FROG = Path(__file__).parents[2] / "examples" / "frog.jpg"


def inverted(photo: Tensor, **settings: Any) -> dict[str, Tensor]:
    quick = {"net": "tiny", "size": 67, "iterations": 3, "separate": True}
    made = SeeInvert(**quick | settings)
    *_, result = made.run({"content": [photo]}, Runtime("cpu", "float32"))
    assert isinstance(result, Result)
    return dict(result.pictures)


@pytest.mark.slow
def test_deeper_layers_of_slim_lose_detail() -> None:
    frog = images.load(FROG).picture
    made = inverted(frog, net="slim", size=64, iterations=80)
    kept = [decibels(made[f"relu{block}_1"], made["photo"]) for block in range(1, 6)]
    assert kept[0] >= 30
    assert kept == sorted(kept, reverse=True)
    assert kept[0] - kept[-1] > 15


def test_the_first_layer_of_slim_gives_the_photo_back() -> None:
    frog = images.load(FROG).picture
    made = inverted(frog, net="slim", size=64, iterations=60, layer="relu1_1")
    assert decibels(made["relu1_1"], made["photo"]) >= 30


def test_nothing_said_is_one_layer_of_every_block(photo: Tensor) -> None:
    assert list(inverted(photo)) == ["picture", "photo", *(f"relu{n}_1" for n in range(1, 6))]


def test_layers_together_help(photo: Tensor) -> None:
    words = {"layer": "relu1_1,relu3_1", "iterations": 30}
    alone, both = inverted(photo, **words), inverted(photo, together=True, **words)
    assert list(both) == ["picture", "photo", "to-relu1_1", "to-relu3_1"]
    assert both["to-relu1_1"].equal(alone["relu1_1"])
    there = alone["photo"]
    assert decibels(both["to-relu3_1"], there) > decibels(alone["relu3_1"], there)


def test_a_layer_by_two_names_is_inverted_once(photo: Tensor) -> None:
    made = inverted(photo, layer="block1,relu1_2")
    assert list(made) == ["picture", "photo", "relu1_2"]


def test_decibels_by_hand() -> None:
    assert decibels(torch.full((1, 3, 2, 2), 0.1), torch.zeros(1, 3, 2, 2)) == pytest.approx(20)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layer": "relu9_1"}, "has no layer 'relu9_1'"),
        ({"layer": "relu1_1,,"}, "--layer cannot be"),
        ({"size": 8}, "8 x 6 px the picture is too small"),
    ],
)
def test_bad_words_are_refused(photo: Tensor, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        inverted(photo, **settings)


def test_the_prior_makes_it_at_once_beside_the_optimised_one(photo: Tensor) -> None:
    made = inverted(photo, layer="relu5_1", prior=True)
    assert list(made) == ["picture", "photo", "relu5_1", "relu5_1-at-once"]
    assert made["relu5_1-at-once"].shape == made["photo"].shape
