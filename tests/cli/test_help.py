"""`--help`: plain text under headings, in one look."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def shown(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "artgen", *words, "--help"],
        env=os.environ | {"COLUMNS": "80", "TERMINAL_WIDTH": "80"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("words", [(), ("style",), ("nets",), ("nets", "fetch"), ("fast",)])
def test_one_look(words: tuple[str, ...]) -> None:
    text = shown(*words)
    assert text.startswith(f"Usage: {' '.join(('artgen', *words))} [OPTIONS]")
    for mark in ("╭", "<str>", "<bool>", "<list", "INTEGER", "{CONTENT"):
        assert mark not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_options_have_headings_and_kinds_of_values() -> None:
    text = shown("style")
    assert "[OPTIONS] CONTENT [STYLE...]" in text
    for part in ("\nArguments:\n", "\nLosses:\n", "-s, --size NUMBER", "-o, --out FILE"):
        assert part in text
    assert "[default: 512]" in text


def test_square_brackets_are_no_markup() -> None:
    assert "pip install 'artgen[studio]'" in shown("studio")
