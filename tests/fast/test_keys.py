"""Lessons of keys: crops of frames with their paintings, and keys moved along the flow."""

from __future__ import annotations

import pytest
import torch
from clips import drifting

from artgen.fast import unet
from artgen.fast.keys import KeyLessons, KeyObjective, Pair
from artgen.fast.multi_style import Painter, measure
from artgen.fast.unet import STRIDE
from artgen.losses.evaluate import evaluate
from artgen.runtime import Runtime

EXTRACTOR = Runtime("cpu", "float32").extractor("tiny")


def lessons(keys: list[Pair], beside: list[Pair], side: int = 32) -> KeyLessons:
    generator = torch.Generator().manual_seed(0)
    return KeyLessons(KeyObjective(EXTRACTOR), keys, beside, side, generator)


def test_a_lesson_is_a_crop_of_a_frame_at_its_place() -> None:
    frame = drifting(1, 50, 70)[0]
    painter = Painter(["key"], (8, 8, 8), 1)
    pair = Pair.of(frame, 1 - frame)
    drawn = lessons([pair], [])
    places = set()
    for _ in range(20):
        lesson = drawn.draw(painter)
        top, left = (at - STRIDE for at in lesson.corner)
        places.add((top, left))
        here = frame[..., top : top + 32, left : left + 32]
        torch.testing.assert_close(lesson.photo, here, atol=1 / 255, rtol=0)
        losses, total, gradient = evaluate(1 - here, EXTRACTOR, lesson.terms)
        assert {"pixels", "features", "style", "gamut"} == set(losses)
        assert total < 1e-3  # the key itself is as good as right
        assert gradient.shape == here.shape
    assert {top for top, _ in places} == {0, 8, 16}
    assert {left for _, left in places} == {0, 8, 16, 24, 32}


def test_a_crop_is_normalised_as_its_whole_frame_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unet, "BAND", 10)
    frame = drifting(1, 48, 64)[0]
    frame[..., :, :32] = 0.5
    painter = Painter(["key"], (8, 8, 8), 1)
    lesson = lessons([Pair.of(frame, frame)], []).draw(painter)
    bytes_of = (255 * frame).round() / 255
    wanted = measure(painter.enter(bytes_of - 0.5))
    for one, other in zip(lesson.moments(torch.zeros(1)), wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_what_is_not_known_of_a_painting_does_not_count() -> None:
    frame = drifting(1, 48, 64)[0]
    counts = torch.zeros(1, 1, 48, 64, dtype=torch.bool)
    counts[..., :24, :] = True
    pair = Pair.of(frame, 1 - frame, counts)
    lesson = lessons([pair], [pair], side=48).draw(Painter(["key"], (8, 8, 8), 1))
    made = torch.zeros(1, 3, 48, 48, requires_grad=True)
    seen = lesson.seen(made)
    seen.sum().backward()
    assert made.grad is not None
    assert made.grad[..., :24, :].eq(1).all()
    assert made.grad[..., 24:, :].eq(0).all()


def test_lessons_go_on_from_their_state() -> None:
    frames = drifting(3, 48, 64)
    pairs = [Pair.of(one, 1 - one) for one in frames]
    painter = Painter(["key"], (8, 8, 8), 1)
    one, other = (lessons(pairs[:1], pairs[1:]) for _ in range(2))
    one.draw(painter)
    other.load({name: value.clone() for name, value in one.state().items()})
    for _ in range(4):
        assert torch.equal(one.draw(painter).photo, other.draw(painter).photo)
