"""Errors: one sentence and a hint, whatever went wrong."""

from __future__ import annotations

import pytest

from artgen.errors import UNEXPECTED, ArtgenError, UsageError, did_you_mean, explained


def test_an_error_is_a_sentence_and_a_hint() -> None:
    error = UsageError("It cannot be.", "Take another.")
    assert isinstance(error, ArtgenError)
    assert str(error) == "It cannot be. Take another."
    assert str(UsageError("It cannot be.")) == "It cannot be."


def test_the_nearest_name_comes_first_and_then_all() -> None:
    assert did_you_mean("stile", ["dream", "style"]) == "Did you mean 'style'? Known: dream, style."
    assert did_you_mean("xyz", ["dream", "style"]) == "Known: dream, style."
    assert did_you_mean("xyz", []) == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UsageError("It cannot be.", "Take another."), "It cannot be. Take another."),
        (FileNotFoundError(2, "No such file", "a.png"), "No such file: a.png."),
        (MemoryError(), "There is not enough memory for this. Take a smaller --size."),
        (RuntimeError("CUDA out of memory"), "There is not enough memory for this."),
        (RuntimeError("can't allocate memory"), "There is not enough memory for this."),
        (KeyError("x"), f"{UNEXPECTED}: KeyError: 'x'"),
    ],
)
def test_any_error_is_explained(error: BaseException, words: str) -> None:
    assert explained(error).startswith(words)
