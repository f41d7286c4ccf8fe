"""What a batch shows: times as people say them, and whose error it is."""

from __future__ import annotations

import json

import pytest

from artgen.cli.batch_view import Notes, batch_view, duration, named
from artgen.jobs.messages import (
    Job,
    JobDone,
    JobFailed,
    JobProgress,
    JobRetried,
    JobStarted,
    Made,
)

JOB = Job("a-style.png", "a.png", {"content": ("a.png",)})


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (720, "12 min"), (12600, "3.5 h"), (99.4, "99 s")]
)
def test_a_time_has_one_unit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_an_error_names_its_picture_once() -> None:
    assert named(JOB, "It is no picture.") == "a.png: It is no picture."
    assert named(JOB, "a.png is no picture.") == "a.png is no picture."


def test_a_note_of_many_pictures_is_said_once() -> None:
    notes = Notes()
    notes.add([("a.gif", "a.gif is animated."), ("b.png", "b.png is HDR.")])
    notes.add([("c.gif", "c.gif is animated."), ("paint.gif", "paint.gif is animated.")])
    notes.add([("paint.gif", "paint.gif is animated.")])  # of another job
    said = ["a.gif is animated. So it is with 2 more.", "b.png is HDR."]
    assert [*notes.sentences()] == said


def test_json_is_an_event_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    view = batch_view(2, quiet=False, as_json=True)
    for event in (
        JobStarted(JOB),
        JobDone(JOB, Made(1.0, 10, "x", 12)),
        JobFailed(JOB, "It broke."),
    ):
        view.event(event, "out/a-style.png")
    begun, done, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert begun == {"event": "begun", "picture": "a.png"}
    assert (done["path"], done["seconds"]) == ("out/a-style.png", 1.0)
    assert failed["error"] == "It broke."


def test_the_names_of_events_stay_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    view = batch_view(2, quiet=False, as_json=True)
    events = (
        JobStarted(JOB),
        JobProgress(JOB, 1, 4),
        JobRetried(JOB, "It broke."),
        JobFailed(JOB, "It broke again."),
        JobDone(JOB, Made(1.0, 10, "x", 12)),
    )
    for event in events:
        view.event(event, "out/a-style.png")
    names = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["begun", "moved", "again", "failed", "done"]
