"""What a command's words ask for: given, or of a preset, and the names of files that follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from artgen.cli.request import full, request
from artgen.errors import UsageError
from artgen.runs.presets import Preset
from artgen.techniques.dream import Dream
from artgen.techniques.style import Style

ETCHING = Preset(Path("etching.toml"), "", "style", {"strength": 55.0}, {"style": ["e.jpg"]}, 3)
FEVER = Preset(Path("fever.toml"), "", "dream", {"octaves": 4}, {})


def test_a_preset_gives_what_is_not_given() -> None:
    words = {"content": ["a.jpg"], "style": []}
    found = request(Style, {"strength": 50.0, "size": 512}, words, set(), ETCHING)
    assert found.settings == {"strength": 55.0, "size": 512}
    assert found.words == {"content": ["a.jpg"], "style": ["e.jpg"]}
    assert found.titles == {"style": "etching"}
    assert found.seed == 3


def test_what_is_given_counts_more() -> None:
    words = {"content": ["a.jpg"], "style": ["wave"]}
    found = request(Style, {"strength": 50.0}, words, {"strength", "seed"}, ETCHING)
    assert (found.settings["strength"], found.words["style"]) == (50.0, ["wave"])
    assert found.titles == {"preset": "etching"}
    assert found.seed is None


def test_a_preset_without_pictures_is_named_too() -> None:
    found = request(Dream, {}, {"content": ["a.jpg"]}, set(), FEVER)
    assert found.titles == {"preset": "fever"}


def test_a_folder_stands_for_its_pictures(tmp_path: Path) -> None:
    words = {"content": ["a.jpg"], "style": [f"{tmp_path}/"]}
    assert request(Style, {}, words, set(), None).titles == {"style": tmp_path.name}


def test_a_missing_style_is_answered_with_the_styles() -> None:
    with pytest.raises(UsageError, match=r"no STYLE\. Name a picture, or one of cubist, dots"):
        request(Style, {}, {"content": ["a.jpg"], "style": []}, set(), None)


def test_a_draft_in_full() -> None:
    assert full(Style(size=300)) == "--size 300"
    assert full(Style(size=300, print="60cm@200dpi")) == "--size 300 --print 60cm@200dpi"
