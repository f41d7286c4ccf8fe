"""A technique as a command: its settings are options, and a draft says how it is made in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images

from .said import QUICK, Said

Artgen = Callable[..., Said]


@pytest.mark.parametrize("setting", ["--optimizer=adam", "--style-loss=gram", "--pooling=average"])
def test_settings_reach_the_technique(folder: Path, artgen: Artgen, setting: str) -> None:
    bold = (*QUICK, "--content-weight", 0.01)  # so small a picture is all photo with the usual one
    artgen("style", "photo.png", "paint.png", "-o", "plain.png", *bold)
    artgen("style", "photo.png", "paint.png", "-o", "other.png", setting, *bold)
    plain, other = images.load("plain.png").picture, images.load("other.png").picture
    assert float((plain - other).abs().mean()) > 1e-4


def test_a_draft_is_small_and_says_how_it_is_made_in_full(folder: Path, artgen: Artgen) -> None:
    quick = ("--net", "tiny", "--iterations", 2)
    said = artgen("style", "photo.png", "starry", "--draft", "--size", 300, *quick)
    assert images.load("photo-starry.png").picture.shape[-1] == 256
    assert "artgen again photo-starry.png --size 300" in said.err
    assert artgen("again", "photo-starry.png", "--size", 300, "-o", "full.png").code == 0
    assert images.load("full.png").picture.shape[-1] == 300
    quiet = artgen("style", "photo.png", "starry", "--draft", "--quiet", *quick)
    assert quiet.err == ""
