"""Which pictures are made without torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from artgen.fast import model_files
from artgen.fast.johnson import Johnson
from artgen.images import Loaded
from artgen.runs.at_once import at_once
from artgen.runs.inputs import Read
from artgen.techniques import technique
from artgen.techniques.base import Technique


def loaded(height: int = 40, width: int = 60) -> Loaded:
    black = np.zeros((1, 3, height, width), np.float32)
    return Loaded(black, None, Path("photo.png"), "1", None, False)


def settings(**values: Any) -> Technique:
    return technique("fast_apply")(**values)


PHOTO: Read = {"content": [loaded()]}


def test_a_trained_style_and_any_picture_are() -> None:
    assert at_once(settings(), PHOTO)
    assert at_once(settings(style="a.png"), {**PHOTO, "style": [loaded()]})
    assert at_once(settings(), PHOTO, device="cpu", precision="float32", tile="off")


@pytest.mark.parametrize(
    "asked", [{"device": "cuda"}, {"precision": "bfloat16"}, {"tile": "256"}, {"device": "abacus"}]
)
def test_what_only_torch_can_is_not(asked: dict[str, str]) -> None:
    assert not at_once(settings(), PHOTO, **asked)


def test_a_picture_that_needs_tiles_is_not() -> None:
    large: Read = {"content": [loaded(10, 2049)]}
    assert not at_once(settings(), large)
    assert at_once(settings(size=2048), large)
    assert not at_once(settings(size=2049), PHOTO)
    assert at_once(settings(size=4096, style_scale=2.0), PHOTO)


def test_other_techniques_are_not() -> None:
    assert not at_once(technique("dream")(), PHOTO)


def test_a_network_that_graphs_do_not_know_is_not(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    torch.manual_seed(1)
    model_files.save(Johnson("own"), path)
    own = settings(style="own", painter=str(path))
    assert not at_once(own, PHOTO)
    assert not at_once(
        replace(own, painter=str(tmp_path / "none")), PHOTO
    )  # torch's reader says so
    assert not at_once(replace(own, style="a.png"), {**PHOTO, "style": [loaded()]})
