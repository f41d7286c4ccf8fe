"""Films among many pictures: chunk by chunk they are what they are in one piece."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from threading import Thread

import fsspec
import pytest
import torch
from clips import drifting, film_file
from torch import Tensor

from artgen import video
from artgen.core.events import Step
from artgen.errors import PictureError
from artgen.jobs import film_chunks
from artgen.jobs.film_maker import workshop
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Order, Share
from artgen.jobs.recognise import hash_of, recogniser
from artgen.jobs.storage import outputs
from artgen.jobs.todo import Plan, make_plan
from artgen.jobs.worker import step_by_step
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques.dream import Dream

CHUNK = 3
SETTINGS = Dream(net="tiny", size=40, iterations=2, octaves=1, steady=50.0)


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film of seven frames: two chunks and a bit."""
    monkeypatch.setattr(film_chunks, "FRAMES", CHUNK)
    (tmp_path / "in").mkdir()
    return film_file(tmp_path / "in" / "clip.mp4", drifting(7), sound=True)


def order_of(settings: Dream = SETTINGS) -> Order:
    return Order("dream", asdict(settings), quality=100)


def jobs_of(clip: Path, settings: Dream = SETTINGS) -> list[Job]:
    return list(
        film_chunks.cut([Job("clip-dream.mp4", "clip.mp4", {"content": (str(clip),)})], settings)
    )


def make(jobs: list[Job], root: str, settings: Dream = SETTINGS) -> None:
    maker = workshop(order_of(settings), root)(Share("cpu", 1))
    for job in jobs:
        step_by_step(maker, job)


def decoded(path: Path) -> Tensor:
    return torch.cat(list(video.frames(video.probe(path))))


def planned(jobs: list[Job], root: str, known: dict[str, Entry]) -> Plan:
    order, place = order_of(), outputs(root)
    return make_plan(jobs, hash_of(order), known, place, recogniser(order, place))


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


def test_chunk_by_chunk_a_film_is_what_it_is_in_one_piece(clip: Path, tmp_path: Path) -> None:
    maker = workshop(order_of(), str(tmp_path / "out"))(Share("cpu", 1))
    frames: list[bytes] = []
    for job in jobs_of(clip)[:-1]:
        (shot,) = maker.make([job], [maker.load(job)], lambda *_: None)
        frames += shot.frames
        maker.save(job, shot)
    film, first = films.load(clip)
    steps = films.shoot(SETTINGS, {"content": [first.picture]}, film, Runtime("cpu"))
    look = video.Look(".mp4", (30, 40), film.rate)
    assert frames == [look.raw(step.picture()) for step in steps if isinstance(step, Step)]


@pytest.mark.parametrize("url", [False, True])
def test_of_its_chunks_a_film_is_joined_and_none_is_left(
    clip: Path, tmp_path: Path, url: bool
) -> None:
    root = tmp_path / "out"
    make(jobs_of(clip), f"memory://{root}" if url else str(root))
    path = root / "clip-dream.mp4"
    if url:
        memory = fsspec.filesystem("memory")
        root.mkdir()
        memory.get(str(path), str(path))
        assert [one for one in memory.find(str(root)) if not memory.isdir(one)] == [str(path)]
    assert [one.name for one in root.iterdir()] == [path.name]
    assert len(decoded(path)) == 7
    assert video.probe(path).sound
    assert "dream" in (video.read_recipe(path) or "")


def test_a_killed_batch_keeps_its_chunks_and_a_finished_one_its_film(
    clip: Path, tmp_path: Path
) -> None:
    jobs, root = jobs_of(clip), str(tmp_path / "out")
    make(jobs[:2], root)
    plan = planned(jobs, root, {})  # the ledger was lost too
    assert (plan.done, plan.todo) == (jobs[:2], jobs[2:])
    make(plan.todo, root)
    plan = planned(jobs, root, {})
    assert (plan.done, plan.todo) == (jobs[3:], [])
    known = {entry.output: entry for entry in plan.news}
    assert planned(jobs, root, known).news == []


def test_a_lost_chunk_costs_its_film_until_it_is_asked_for_again(
    clip: Path, tmp_path: Path
) -> None:
    jobs, root = jobs_of(clip), str(tmp_path / "out")
    entries = {entry.output: entry for entry in planned(jobs, root, {}).news}
    lost = entries[jobs[0].output]
    entries[lost.output] = Entry(
        lost.output, lost.name, lost.recipe, lost.stamp, "failed", error="it broke"
    )
    plan = planned(jobs, root, entries)
    assert not plan.todo
    assert {error for _, error in plan.failed} == {"it broke"}
    assert jobs[-1] in [job for job, _ in plan.failed]
    order, place = order_of(), outputs(root)
    again = make_plan(jobs, hash_of(order), entries, place, recogniser(order, place), redo="failed")
    assert again.todo == jobs


def test_a_film_that_ends_early_is_as_long_as_it_is(clip: Path, tmp_path: Path) -> None:
    jobs = jobs_of(clip)
    late = Job(f"{jobs[-1].output}.part/000003.mp4", "", jobs[0].inputs, (9, 12), (), jobs[0].film)
    film = Job(jobs[-1].output, "clip.mp4", jobs[0].inputs, after=(*jobs[-1].after, late.output))
    root = tmp_path / "out"
    make([*jobs[:-1], late], str(root))
    assert (root / late.output).stat().st_size == 0
    make([film], str(root))
    assert len(decoded(root / film.output)) == 7


def test_reading_and_writing_leave_the_threads_to_the_making(tmp_path: Path) -> None:
    maker = workshop(order_of(), str(tmp_path))(Share("cpu", 2))
    seen = []

    def beside() -> None:
        maker.aside()
        torch.rand(100_000).sum()  # a first use, which sets up a thread's own number
        seen.append(torch.get_num_threads())

    thread = Thread(target=beside)
    thread.start()
    thread.join()
    assert seen == [1]
