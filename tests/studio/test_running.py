"""The job that is being painted: how far it is, with its loss curve thinned out."""

from __future__ import annotations

from artgen.studio.history import Entry
from artgen.studio.messages import JobProgress
from artgen.studio.running import POINTS, RunningJob, shown

ENTRY = Entry(4, 1.0, "running", "style", {}, {}, 0, "frog", "frog", 0.0)


def moved(index: int) -> JobProgress:
    return JobProgress(
        4, index, 1000, (30, 40), {"style": 1.0 / index, "tv": 1.0}, 0.5 * index, None, True
    )


def test_before_its_first_step_there_is_nothing_to_tell() -> None:
    running = RunningJob(ENTRY, 0.0)
    assert running.step() is None
    assert (running.so_far().step, running.so_far().seconds) == (ENTRY.step, ENTRY.seconds)


def test_seconds_of_before_count_too() -> None:
    running = RunningJob(ENTRY, 100.0)
    running.move(moved(3))
    assert running.so_far().seconds == 101.5
    assert (running.so_far().step, running.so_far().total) == (3, 1000)
    step = running.step()
    assert step is not None
    assert (step["id"], step["seconds"]) == (4, 101.5)
    assert shown(running.so_far())["losses"] == [(3, 1 / 3 + 1)]


def test_a_long_curve_keeps_its_ends() -> None:
    running = RunningJob(ENTRY, 0.0)
    for index in range(1, 1001):
        running.move(moved(index))
    assert len(running.losses) <= POINTS
    assert running.losses[0] == (1, 2.0)
    assert running.losses[-1][0] == 1000
