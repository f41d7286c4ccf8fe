"""Atlases: every position in one cell, plates that agree with what they are the average of."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.runtime import Runtime
from artgen.techniques.see_atlas import SeeAtlas

pytest.importorskip("sklearn")


def made(photos: list[Tensor], **settings: Any) -> Result:
    quick = {"net": "tiny", "layer": "relu2_1", "size": 48, "iterations": 2, "octaves": 1}
    small = {"grid": 3, "positions": 5, "separate": True}
    *events, result = SeeAtlas(**quick | small | settings).run(
        {"folder": photos}, Runtime("cpu", "float32")
    )
    assert isinstance(result, Result)
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.index for step in steps] == [*range(1, len(steps) + 1)]
    assert steps[-1].total == len(steps)
    return result


@pytest.fixture
def photos() -> list[Tensor]:
    return [smooth(60, 80, seed=seed) for seed in (1, 2)] + [torch.rand(1, 3, 70, 60)]


def test_each_position_is_in_one_cell_of_sheet_and_page(photos: list[Tensor]) -> None:
    result = made(photos)
    plates = [name for name in result.pictures if name != "picture"]
    assert 2 <= len(plates) <= 9
    assert set(plates) <= {f"conv2_1-{row}-{column}" for row in range(3) for column in range(3)}
    page = result.pages["page"]
    assert page.count('class="plate"') == len(plates)
    counts = [int(text.split("<")[0]) for text in page.split("<figcaption>")[1:]]
    assert sum(counts) == 3 * 5


def test_the_same_seed_draws_the_same_atlas(photos: list[Tensor]) -> None:
    one, other = made(photos), made(photos)
    assert torch.equal(one.pictures["picture"], other.pictures["picture"])
    assert one.pages == other.pages


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layer": "conv9_1"}, "has no layer"),
        ({"layer": "image"}, "has no channels"),
        ({"layer": "conv5_1", "size": 8}, "plate is too small"),
        ({"positions": 1}, "An atlas needs 4 positions, and there are 3"),
    ],
)
def test_bad_words_are_refused(settings: dict[str, Any], words: str, photos: list[Tensor]) -> None:
    with pytest.raises(UsageError, match=words):
        made(photos, **settings)
