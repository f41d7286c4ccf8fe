"""Settings of a texture: what goes with what, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.runtime import Runtime

from .textures import made, texture


@pytest.fixture
def sample() -> Tensor:
    return smooth(60, 90, seed=2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("text", "size"), [("40", (40, 40)), ("64x33", (33, 64)), (" 33X200 ", (200, 33))]
)
def test_the_size_is_width_by_height(
    text: str, size: tuple[int, int], runtime: Runtime, sample: Tensor
) -> None:
    settings = texture(size=text, iterations=2)
    assert settings.result_size({}) == size
    assert made(settings, runtime, sample).shape == (1, 3, *size)


@pytest.mark.parametrize(
    "text", [" ", "0", "0x40", "40x0", "-3", "4x", "x4", "4x4x4", "4.5", "big"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--size cannot be") as caught:
        texture(size=text)
    assert "1024x768" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inpaint": "a.png"}, "--inpaint goes with --mask"),
        ({"mask": "a.png"}, "--mask goes with --inpaint"),
        ({"extend": "a.png", "size": ""}, "--extend goes with --size"),
        ({"guide": "a.png"}, "--guide goes with --sample-guide"),
        ({"sample_guide": ("a.png",)}, "--sample-guide goes with --guide"),
        ({"progress_": "a.png", "match": "patches"}, "--progress goes with --sample-progress"),
        ({"sample_progress": ("a.png",)}, "--sample-progress goes with --progress"),
        (
            {"progress_": "a.png", "sample_progress": ("b.png",)},
            "--progress goes with --match patches",
        ),
        ({"direction": "a.png"}, "--direction goes with --match patches"),
        ({"extend": "a.png", "match": "patches"}, "--match patches and --extend do not go"),
        (
            {"inpaint": "a.png", "mask": "b.png", "match": "patches"},
            "--match patches and --inpaint do not go together",
        ),
        ({"extend": "a.png", "with_": ("b.png",)}, "--with and --extend do not go together"),
        (
            {"extend": "a.png", "inpaint": "b.png", "mask": "c.png"},
            "--inpaint and --extend do not go together",
        ),
    ],
)
def test_half_of_a_wish_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        texture(**changes)
