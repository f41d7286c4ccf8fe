"""Films cut into chunks: which follow each other, and which wait for nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from artgen.errors import PictureError
from artgen.jobs import film_chunks
from artgen.jobs.messages import Job
from artgen.techniques.dream import Dream

from .chunks import SETTINGS, jobs_of, make


def test_a_film_is_cut_into_chunks_that_follow_each_other(clip: Path) -> None:
    jobs = jobs_of(clip)
    assert [job.frames for job in jobs] == [(0, 3), (3, 6), (6, 7), None]
    assert [len(job.after) for job in jobs] == [0, 1, 1, 3]
    assert jobs[-1].joins
    assert {job.film for job in jobs[:-1]} == {jobs[-1].output}
    assert jobs[1].name == "clip.mp4, frames 4 to 6"


def test_chunks_wait_for_nobody_where_frames_stand_for_themselves(clip: Path) -> None:
    jobs = jobs_of(clip, Dream(net="tiny", steady=0.0))
    assert [len(job.after) for job in jobs] == [0, 0, 0, 3]


def test_pictures_and_broken_films_stay_one_job(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    jobs = [Job("a.png", "a", {"content": ("a.png",)})]
    jobs += [Job("b.mp4", "b", {"content": (str(tmp_path / "broken.mp4"),)})]
    assert list(film_chunks.cut(jobs, SETTINGS)) == jobs
    with pytest.raises(PictureError, match="no film"):
        make(jobs[1:], str(tmp_path))


def test_what_a_film_does_not_get_is_said(clip: Path) -> None:
    jobs = jobs_of(clip)
    assert list(film_chunks.notes_of(jobs, SETTINGS)) == []
    gif = replace(jobs[-1], output="clip.gif")
    sentence = "The sound of clip.mp4 cannot go into GIF: left out."
    assert list(film_chunks.notes_of([*jobs[:-1], gif], SETTINGS)) == [sentence]
    gone = replace(gif, inputs={"content": ("nowhere.mp4",)})
    assert list(film_chunks.notes_of([gone], SETTINGS)) == []
