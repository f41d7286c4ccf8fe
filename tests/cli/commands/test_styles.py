"""`artgen styles`: names, in a terminal under their thumbnails."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.console import Console

from artgen.runs.gallery import shipped_styles

from ..said import Said

Artgen = Callable[..., Said]


@pytest.mark.parametrize("terminal", [True, False])
def test_every_name_is_printed(
    artgen: Artgen, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(Console, "is_terminal", terminal)
    said = artgen("styles")
    assert said.code == 0
    assert ("▀" in said.out) == terminal
    assert {*shipped_styles()} <= {*re.sub(r"\x1b\[[\d;]*m", "", said.out).split()}
    assert "etching" in said.err
    assert "etching" not in said.out


def test_paths_alone(artgen: Artgen) -> None:
    said = artgen("styles", "--paths")
    assert said.out.splitlines() == [str(path) for path in shipped_styles().values()]
    assert said.err == ""
