"""Accentuation: the activation rises, the photo stays, the more the more it is held."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.see_accent import SeeAccent

LAYER, CHANNEL = "conv2_1", 3


def made(photo: Tensor, **settings: Any) -> dict[str, Tensor]:
    quick = {"net": "tiny", "size": 67, "iterations": 6, "octaves": 2, "separate": True}
    words = {} if "class_" in settings else {"layer": LAYER, "channel": str(CHANNEL)}
    *steps, result = SeeAccent(**quick | words | settings).run(
        {"content": [photo]}, Runtime("cpu", "float32")
    )
    assert isinstance(result, Result)
    assert sum(isinstance(step, Step) for step in steps) == steps[-1].total
    return dict(result.pictures)


def activation(net: FeatureExtractor, picture: Tensor) -> float:
    return float(net(picture, [LAYER])[LAYER][0, CHANNEL].clamp(min=0).mean())


def test_the_photo_excites_the_channel_more(photo: Tensor, tiny: FeatureExtractor) -> None:
    pictures = made(photo)
    assert list(pictures) == ["picture", "photo", "accent", "plate"]
    shown, accent = pictures["photo"], pictures["accent"]
    assert accent.shape == shown.shape
    assert activation(tiny, accent) > 1.05 * activation(tiny, shown)


def test_a_held_photo_changes_less(photo: Tensor) -> None:
    def change(hold: float) -> float:
        pictures = made(photo, hold=hold)
        return float((pictures["accent"] - pictures["photo"]).square().mean())

    assert change(100.0) < 0.7 * change(0.0)


def test_seeds_have_a_row_each(photo: Tensor) -> None:
    pictures = made(photo, vary="seed", iterations=1)
    names = [f"{what}-seed-{n}" for n in range(4) for what in ("accent", "plate")]
    assert list(pictures) == ["picture", "photo", *names]
    assert not torch.equal(pictures["plate-seed-0"], pictures["plate-seed-1"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"class_": "frog", "layer": LAYER}, "--class and --layer cannot be combined"),
        ({"class_": "no such class"}, "There is no class"),
        ({"channel": "1,2"}, "--channel is '1,2'"),
        ({"channel": "99"}, "channels"),
        ({"layer": "image"}, "has no channels"),
        ({"layer": "conv5_1", "size": 8}, "photo is too small for conv5_1"),
    ],
)
def test_bad_words_are_refused(settings: dict[str, Any], words: str, photo: Tensor) -> None:
    with pytest.raises(UsageError, match=words):
        made(photo, **settings)
