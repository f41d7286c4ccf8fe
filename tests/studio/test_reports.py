"""What is reported of a run, step by step, and which requests end it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from artgen.core.events import Step
from artgen.studio.messages import JobDropped, JobNote, JobPreview, JobProgress, Report, RunJob
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import PictureStore
from artgen.studio.reports import Reporting, time_left


def step(index: int, loss: float = 2.0) -> Step:
    picture = torch.full((1, 3, 20, 30), 0.5)
    return Step(index, 3, (20, 30), {"style": torch.tensor(loss)}, picture.clone)


def reporting(order: Order, store: PictureStore, folder: Path, said: str = "") -> Reporting:
    told: list[Report] = []
    found = Reporting(RunJob(7, resolve(order, store), folder), told.append, lambda _: said)
    found.told = told  # type: ignore[attr-defined]
    return found


def test_steps_and_previews(order: Order, store: PictureStore, tmp_path: Path) -> None:
    found = reporting(order, store, tmp_path)
    found.counted = "frame"
    found.note("a word")
    found.step(step(1))
    found.previews = False
    found.step(step(3, float("nan")))
    found.dropped()
    note, first, preview, last, dropped = found.told  # type: ignore[attr-defined]
    assert (note, dropped) == (JobNote(7, "a word"), JobDropped(7))
    assert isinstance(preview, JobPreview)
    assert isinstance(first, JobProgress)
    assert (first.index, first.total, first.scale, first.losses) == (1, 3, (20, 30), {"style": 2})
    assert (first.counted, first.keeps, first.holds) == ("frame", True, False)
    assert (last.index, last.losses) == (3, {})


@pytest.mark.parametrize("request_", ["drop", "stop", "pause", ""])
@pytest.mark.parametrize("may", [True, False])
def test_only_what_is_possible_ends_it(
    order: Order, store: PictureStore, tmp_path: Path, request_: str, may: bool
) -> None:
    found = reporting(order, store, tmp_path, request_)
    found.keeps = found.holds = may
    assert found.leaving(step(1)) == (request_ == "drop" or (may and request_ != ""))


def test_time_left() -> None:
    assert time_left(2.0, 10, 512, 512) == pytest.approx(20)
    assert time_left(2.0, 10, 64, 0) == pytest.approx(20)
    # Two scales, 100 and 141 px, with steps as 1 to 0.71: (1 + 1.41) / (1 + 0.71) as long.
    assert time_left(1.0, 100, 100, 141) == pytest.approx(141, rel=0.01)
