"""Wrong words are refused in our words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen.cli.config import change

from .said import Said

Artgen = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("style a b --size big", "--size cannot be 'big'. It has to be a whole number."),
        ("style a b --size=big", "--size cannot be 'big'. It has to be a whole number."),
        ("style a b -s big", "--size cannot be 'big'. It has to be a whole number."),
        ("style a b --strength x", "--strength cannot be 'x'. It has to be a number."),
        ("style", "CONTENT is missing."),
        ("style a b --size", "--size needs a value."),
        ("info a b c", "This is more than the command takes: b c."),
        ("studio --port 99999999", "--port cannot be '99999999'. It must be at most 65535."),
        ("style a b --size 0", "--size is 0. It must be at least 1."),
        ("style a b --strength 101", "--strength is 101.0. It must be at most 100."),
        ("nets fetch", "NAME is missing."),
    ],
)
def test_no_word_of_the_parsers(folder: Path, artgen: Artgen, words: str, expected: str) -> None:
    said = artgen(*words.split())
    assert said.code == 2
    assert said.err.startswith(f"artgen: {expected}")
    assert len(said.err.splitlines()) == 1


def test_a_default_of_the_user_is_refused_alike(folder: Path, artgen: Artgen) -> None:
    change("style", "size", "big")
    said = artgen("style", "photo.png", "paint.png")
    assert said.err.startswith("artgen: --size: It has to be a whole number.")
