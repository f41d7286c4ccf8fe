"""The application: every command explains itself, and wrong words get one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .said import Said, check

Artgen = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["style"], "CONTENT"),
        (["style", "photo.png"], "STYLE"),
        (["style", "photo.png", "paint.png", "--siz", "3"], "--siz"),
        (["style", "photo.png", "paint.png", "--size", "big"], "--size"),
        (["style", "photo.png", "paint.png", "--size"], "--size"),
        (["style", "photo.png", "paint.png", "-o", "-", "--json"], "stdout"),
        (["style", "photo.png", "paint.png", "--style-weights", ","], "--style-weights"),
        (["style", "photo.png", "paint.png", "--init", "noize"], "Did you mean 'noise'"),
        (["style", "photo.png", "paint.png", "--quality", "0"], "--quality"),
        (["style", "photo.png", "paint.png", "--save-every", "-1"], "--save-every"),
        (["style", "photo.png", "paint.png", "--max-pixels", "0"], "--max-pixels"),
        (["style", "photo.png", "paint.png", "--size", "2000000"], "at most 65536"),
        (["nets", "frob"], "frob"),
        (["nets", "fetch"], "artgen nets fetch --help"),
        (["--frob"], "--frob"),
    ],
)
def test_wrong_usage_is_one_sentence(
    folder: Path, artgen: Artgen, words: list[str], expected: str
) -> None:
    check(artgen(*words), 2, expected)


@pytest.mark.parametrize("words", [[], ["nets"]])
def test_a_command_without_its_verb_explains_itself(artgen: Artgen, words: list[str]) -> None:
    said = artgen(*words)
    assert said.code == 2
    assert "Usage" in said.out + said.err


@pytest.mark.parametrize("word", ["stile", "againn", "nets-list"])
def test_an_unknown_command_is_told_the_nearest(folder: Path, artgen: Artgen, word: str) -> None:
    check(artgen(word), 2, word, "Did you mean")


def test_every_command_explains_itself(artgen: Artgen) -> None:
    for word in ("style", "styles", "again", "info", "nets", "doctor"):
        said = artgen(word, "--help")
        assert said.code == 0
        assert "Usage" in said.out
