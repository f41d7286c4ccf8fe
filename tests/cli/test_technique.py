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


def test_a_draft_of_a_print_is_not_enlarged(folder: Path, artgen: Artgen) -> None:
    quick = ("--net", "tiny", "--iterations", 2, "--size", 300)
    said = artgen("style", "photo.png", "starry", "--draft", "--print", "310@254dpi", *quick)
    assert images.load("photo-starry.png").picture.shape[-1] == 256
    command = "artgen again photo-starry.png --size 300 --print 310@254dpi"
    assert command in said.err
    assert artgen(*command.split()[1:], "-o", "full.png").code == 0
    assert images.load("full.png").picture.shape[-1] == 310


def test_what_has_no_drafts_has_no_option_for_them(folder: Path, artgen: Artgen) -> None:
    assert "--draft" not in artgen("enlarge", "--help").out


def test_what_cannot_be_printed_is_not_made_again_as_a_print(folder: Path, artgen: Artgen) -> None:
    artgen("texture", "photo.png", "-o", "t.png", "--net", "tiny", "-n", 2, "--size", "48x48")
    refused = artgen("again", "t.png", "--print", "200")
    assert refused.code == 2
    assert "texture has no --print" in refused.err
