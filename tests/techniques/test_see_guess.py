"""Guesses: the network's own, in their order."""

from __future__ import annotations

from typing import Any

import pytest
from torch import Tensor

from artgen.core.events import Note
from artgen.errors import UsageError
from artgen.networks.imagenet import classes
from artgen.runtime import Runtime
from artgen.techniques.see_guess import SeeGuess


def events(photo: Tensor, **settings: Any) -> list[Any]:
    made = SeeGuess(**{"net": "tiny"} | settings)
    return list(made.run({"content": [photo]}, Runtime("cpu", "float32")))


def test_the_likeliest_is_said_and_drawn(photo: Tensor, runtime: Runtime) -> None:
    note, _, result = events(photo, separate=True)
    assert isinstance(note, Note)
    classifier = runtime.classifier("tiny")
    shares = classifier.guesses(classifier.seen(photo))
    assert f"takes it for: {classes()[int(shares.argmax())]}, " in note.sentence
    assert list(result.pictures) == ["picture", "photo", "guesses"]


def test_more_guesses_take_more_room(photo: Tensor) -> None:
    few, many = (events(photo, guesses=n, separate=True)[-1].pictures["guesses"] for n in (2, 9))
    assert many.shape[-2] * 2 == few.shape[-2] * 9


def test_a_network_without_a_head_is_refused(photo: Tensor) -> None:
    with pytest.raises(UsageError, match="'slim' has no head"):
        events(photo, net="slim")
