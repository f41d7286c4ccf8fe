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


def test_long_texts_from_outside_are_cut() -> None:
    for quoted in (f"{'k' * 10**6!r}", '"' + "it's " * 10**5 + '"'):
        error = UsageError(f"There is no {quoted} here.", f"Take {quoted}.")
        assert error.message.startswith("There is no ")
        assert error.message.endswith(" here.")
        assert 200 < len(error.message) < 240
        assert len(error.hint) < 240
    assert UsageError(f"There is no file {'x/' * 9999}y.").message.endswith("x/….")
    assert len(UsageError("x " * 10**5).message) <= 3001
    kept = "The photo's own size isn't 'x', and the style's 'y' neither; " * 9
    assert UsageError(kept).message == kept
    assert len(explained(KeyError("k" * 10**6))) < 300
    assert len(did_you_mean("k" * 10**7, ["k"])) < 50
