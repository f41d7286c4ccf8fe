"""A film grows frame by frame, stops where it is told to, and goes on from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from clips import drifting, film_file

from artgen import video
from artgen.core.events import Step
from artgen.core.listeners import Control
from artgen.errors import PictureError
from artgen.runs import films
from artgen.runs.execute import Run
from artgen.runs.filming import Filming
from artgen.runtime import Runtime

from .test_films import Negative


class Until(Control):
    """Ends a run after so many frames."""

    def __init__(self, index: int) -> None:
        self.index = index

    def leaving(self, step: Step) -> bool:
        return step.index == self.index


def filming(path: Path, out: Path, runtime: Runtime) -> Filming:
    clip, first = films.load(path)
    run = Run("style", Negative(), {"content": [first]}, runtime)
    film = video.Film(out, (96, 128), clip.timing, recipe="x = 1", source=clip)
    # The recipe is no matter here, and Negative is in no registry.
    object.__setattr__(run, "recipe", lambda event=None: "x = 1")
    return Filming(film, run, clip)


def test_it_goes_on_where_it_was_stopped(tmp_path: Path, runtime: Runtime) -> None:
    path, out = film_file(tmp_path / "in.mp4", drifting(5)), tmp_path / "out.mp4"
    assert filming(path, out, runtime).execute(control=Until(3)) is None
    again = filming(path, out, runtime)
    assert again.film.done == 3
    assert again.execute() is not None
    assert video.probe(out).count == 5
    assert not again.film.parts.exists()


def test_of_a_film_that_breaks_off_is_kept_what_was_made(
    tmp_path: Path, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = film_file(tmp_path / "in.mp4", drifting(5)), tmp_path / "out.mp4"
    whole = video.frames

    def broken(clip: video.Clip, start: int = 0) -> object:
        for number, frame in enumerate(whole(clip, start), start):
            if number == 2:
                raise PictureError("It breaks off.")
            yield frame

    monkeypatch.setattr(video, "frames", broken)
    with pytest.raises(PictureError, match="breaks off"):
        filming(path, out, runtime).execute()
    monkeypatch.undo()
    again = filming(path, out, runtime)
    assert again.film.done == 2
    shutil.rmtree(again.film.parts)
