"""What a run shows: a bar, one JSON event a line, or only the path."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .said import QUICK, Said

Artgen = Callable[..., Said]


def test_json_is_one_event_a_line(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--json", *QUICK)
    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["event"] for event in events] == ["note"] + ["step"] * 4 + ["saved"]
    assert [event["index"] for event in events[1:-1]] == [1, 2, 3, 4]
    assert events[-1]["path"] == "photo-paint.png"
    assert set(events[1]["losses"]) == {"style", "neighbours", "content", "tv"}


def test_quiet_prints_only_the_path(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--quiet", *QUICK)
    assert (said.out, said.err) == ("photo-paint.png\n", "")


def test_no_bar_where_stderr_is_no_terminal(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--preview", *QUICK)
    plan, done = said.err.splitlines()
    assert plan.startswith("48 x 35 px. 1 thread (")
    assert done.startswith("photo-paint.png: 48 x 35 px, ")
    assert "\x1b" not in said.err


def test_markup_in_a_file_name_is_only_a_name(folder: Path, artgen: Artgen) -> None:
    Path("photo.png").rename("[red]x[").with_suffix(".png")
    Path("[red]x[").rename("[red]x[.png")
    said = artgen("style", "[red]x[.png", "paint.png", *QUICK)
    assert said.code == 0
    assert "[red]x[-paint.png" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_control_characters_in_a_file_name_are_shown_and_not_done(
    folder: Path, artgen: Artgen
) -> None:
    Path("photo.png").rename("a\nb\x1b[31m.png")
    said = artgen("style", "a\nb\x1b[31m.png", "paint.png", *QUICK)
    assert said.code == 0
    assert "a\\nb\\x1b[31m-paint.png: 48 x 35 px" in said.err
    assert "\x1b" not in said.err
