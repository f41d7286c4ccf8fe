"""The training of a painter that follows keys: it learns them, and goes on to the last bit."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from clips import drifting

from artgen.core.events import Step
from artgen.errors import UsageError
from artgen.fast.inference import paint
from artgen.fast.model_files import SHIPPED, load
from artgen.fast.trainer import Trainer
from artgen.runs.following import Following
from artgen.runs.key_frames import KeyFrame
from artgen.runtime import Runtime


def trainer(height: int = 48, width: int = 64, **changes: object) -> Trainer:
    frame = drifting(1, height, width)[0]
    settings = Following(**{"net": "tiny", "iterations": 6, "crop": 32, **changes})  # type: ignore[arg-type]
    return settings.trainer([KeyFrame(0, frame, 1 - frame, ())], [], Runtime("cpu", "float32"))


def steps(made: Trainer, count: int | None = None) -> list[Step]:
    return [event for event in islice(made.run(), count) if isinstance(event, Step)]


@pytest.mark.slow
def test_it_learns_a_key() -> None:
    made = steps(trainer(iterations=150, pixel_weight=1.0))  # against statistics, by default
    pixels = [float(step.losses["pixels"]) for step in made]
    assert sum(pixels[-10:]) < 0.5 * sum(pixels[20:30])


def test_it_goes_on_to_the_last_bit() -> None:
    whole = trainer()
    steps(whole)
    first, second = trainer(), trainer()
    stopped = steps(first, 3)[-1]
    second.load({name: value.clone() for name, value in stopped.state().items()})
    assert [step.index for step in steps(second)] == [4, 5, 6]
    for name, value in whole.finish().state_dict().items():
        assert torch.equal(value, second.finish().state_dict()[name]), name


def test_crops_fit_into_a_small_film() -> None:
    assert steps(trainer(43, 90, crop=128), 1)[0].scale == (40, 40)
    with pytest.raises(UsageError, match="too small to learn from"):
        trainer(12, 90)


def test_it_begins_with_the_trained_style_that_is_most_like_a_key() -> None:
    frame = drifting(1, 48, 256)[0]
    shipped = load(SHIPPED).painter
    *_, (_, _, wave) = paint(shipped, frame, shipped.mix({"wave": 1.0}))
    key = KeyFrame(0, frame, wave, ())
    made = Following(net="tiny", crop=32).trainer([key], [], Runtime("cpu", "float32")).painter
    *_, (_, _, begun) = paint(made, frame, made.mix({"key": 1.0}))
    torch.testing.assert_close(begun, wave, atol=1e-4, rtol=0)
    assert made.styles == ("photo", "key")
