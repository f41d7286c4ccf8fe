"""The trainer: it learns, checks that it does, and goes on to the last bit."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch
from pictures import smooth

from artgen import images
from artgen.core.events import Note, Step
from artgen.errors import UsageError
from artgen.fast import trainer as module
from artgen.fast.multi_style import Painter
from artgen.fast.trainer import Trainer
from artgen.fast.training import Photos
from artgen.fast.unet import STRIDE
from artgen.runs.teaching import Training, photos_in
from artgen.runtime import Runtime

QUICK = {"crop": 64, "style_size": 64, "iterations": 6, "net": "tiny"}


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(4):
        images.save(smooth(80, 100 + 9 * seed, seed=seed), folder / f"{seed}.png")
    return photos_in(folder)


def trainer(photos: list[Path], learnt: Painter | None = None, **changes: object) -> Trainer:
    styles = {"red": smooth(70, 60, seed=9), "blue": smooth(60, 90, seed=8)}
    if learnt:
        styles = {"green": smooth(60, 60, seed=7)}
    settings = Training(**{**QUICK, **changes})  # type: ignore[arg-type]
    return settings.trainer(styles, photos, Runtime("cpu", "float32"), learnt)


def steps(made: Trainer, count: int | None = None) -> list[Step]:
    return [event for event in islice(made.run(), count) if isinstance(event, Step)]


@pytest.mark.slow
def test_it_can_learn_four_photos_by_heart(photos: list[Path]) -> None:
    totals = [
        sum(float(value) for value in step.losses.values())
        for step in steps(trainer(photos, iterations=150))
    ]
    middle, end = (sum(part) / len(part) for part in (totals[40:60], totals[-20:]))
    assert end < 0.8 * middle


def test_a_long_training_begins_with_a_check(
    photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REHEARSED", 8)
    check, first = islice(trainer(photos, iterations=1000, batch=1).run(), 2)
    assert isinstance(check, Note)
    assert check.sentence.startswith("A first check, on four photos: the loss falls from")
    assert isinstance(first, Step)
    assert first.index == 1
    (alike,) = steps(trainer(photos, iterations=999, batch=1), 1)
    assert torch.equal(first.picture(), alike.picture())


def test_crops_meet_all_of_the_noise_and_it_is_learnt(photos: list[Path]) -> None:
    drawn = Photos(photos, 64, torch.Generator().manual_seed(0))
    corners = torch.tensor([drawn.corner() for _ in range(500)])
    assert not (corners % STRIDE).any()
    assert corners.amin() < 2 * STRIDE
    assert corners.amax() > 61 * STRIDE
    made = trainer(photos, iterations=4)
    assert not made.painter.noise_eighth.loudness.any()
    steps(made)
    assert made.painter.noise_eighth.loudness[1:].all(1).all()
    assert made.averaged().noise_quarter.loudness[1:].any(1).all()


def test_a_rate_that_teaches_nothing_is_told(
    photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REHEARSED", 8)
    with pytest.raises(UsageError, match="It does not learn"):
        next(trainer(photos, iterations=1000, batch=1, rate=1.0).run())


def test_steps_count_and_show_what_was_painted(photos: list[Path]) -> None:
    made = steps(trainer(photos, iterations=3))
    assert [(step.index, step.total) for step in made] == [(1, 3), (2, 3), (3, 3)]
    assert {"style", "content", "photo", "tv", "gamut"} == set(made[0].losses)
    picture = made[-1].picture()
    assert picture.shape == (1, 3, 64, 64)
    assert 0 <= picture.min() <= picture.max() <= 1


def test_it_goes_on_to_the_last_bit(photos: list[Path]) -> None:
    whole = trainer(photos)
    steps(whole)
    first, second = trainer(photos), trainer(photos)
    stopped = steps(first, 3)[-1]
    second.load({name: value.clone() for name, value in stopped.state().items()})
    rest = steps(second)
    assert [step.index for step in rest] == [4, 5, 6]
    for name, value in whole.finish().state_dict().items():
        assert value.equal(second.finish().state_dict()[name]), name


def test_what_is_kept_is_the_average(photos: list[Path]) -> None:
    made = trainer(photos, iterations=2)
    steps(made)
    before = {name: value.clone() for name, value in made.painter.state_dict().items()}
    copied = made.averaged().state_dict()
    assert not all(copied[name].equal(value) for name, value in before.items())
    assert all(made.painter.state_dict()[name].equal(value) for name, value in before.items())
    finished = made.finish().state_dict()
    assert all(finished[name].equal(value) for name, value in copied.items())


def test_a_new_style_moves_nothing_of_the_old_ones(photos: list[Path]) -> None:
    first = trainer(photos, iterations=2)
    steps(first)
    learnt = first.finish()
    second = trainer(photos, learnt, iterations=2)
    steps(second)
    grown = second.finish()
    assert grown.styles == ("photo", "red", "blue", "green")
    picture = smooth(64, 64, seed=3)
    with torch.no_grad():
        for name in ("photo", "red", "blue"):
            old, new = (one(picture, one.mix({name: 1})) for one in (learnt, grown))
            torch.testing.assert_close(old, new)
        start = learnt.with_styles(["green"])
        old, new = (one(picture, one.mix({"green": 1})) for one in (start, grown))
        assert (old - new).abs().max() > 0


def test_minutes_become_iterations(photos: list[Path]) -> None:
    made = trainer(photos, minutes=0.002, iterations=999)
    events = list(made.run())
    notes = [event.sentence for event in events if isinstance(event, Note)]
    assert len(notes) == 1
    assert "s a batch" in notes[0]
    assert 10 <= made.index < 1000
