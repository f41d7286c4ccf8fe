"""Films among many pictures: chunk by chunk they are what they are in one piece."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import fsspec
import pytest
import torch
from clips import ffmpeg
from PIL import Image
from torch import Tensor

from artgen import images, video
from artgen.core.events import Step
from artgen.jobs import film_chunks
from artgen.jobs.expand import expand
from artgen.jobs.film_maker import workshop
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Share
from artgen.jobs.recognise import hash_of, recogniser
from artgen.jobs.storage import outputs
from artgen.jobs.todo import Plan, make_plan
from artgen.runs import films
from artgen.runtime import Runtime

from .chunks import SETTINGS, jobs_of, make, order_of


def decoded(path: Path) -> Tensor:
    return torch.cat(list(video.frames(video.probe(path))))


def planned(jobs: list[Job], root: str, known: dict[str, Entry]) -> Plan:
    order, place = order_of(), outputs(root)
    return make_plan(jobs, hash_of(order), known, place, recogniser(order, place))


def test_chunk_by_chunk_a_film_is_what_it_is_in_one_piece(clip: Path, tmp_path: Path) -> None:
    maker = workshop(order_of(), str(tmp_path / "out"))(Share("cpu", 1))
    frames: list[bytes] = []
    for job in jobs_of(clip)[:-1]:
        (shot,) = maker.make([job], [maker.load(job)], lambda *_: None)
        frames += shot.frames
        maker.save(job, shot)
    film, first = films.load(clip)
    steps = films.shoot(SETTINGS, {"content": [first.picture]}, film, Runtime("cpu"))
    look = video.Look(".mp4", (30, 40), film.timing)
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
    maker = workshop(order_of(), str(tmp_path))(Share("cpu", 1))
    seen = []
    before = torch.get_num_threads()
    torch.set_num_threads(2)  # and so every thread that begins, however many processors there are

    def beside() -> None:
        maker.aside()
        torch.rand(100_000).sum()  # a first use, which sets up a thread's own number
        seen.append(torch.get_num_threads())

    try:
        thread = Thread(target=beside)
        thread.start()
        thread.join()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == [1]


def test_a_film_without_an_even_rate_keeps_its_moments(clip: Path, tmp_path: Path) -> None:
    late = "settb=1/1000,setpts='N*41+mod(N*N,5)*11'"
    path = clip.with_name("vary.mkv")
    coding = ("-fps_mode", "passthrough", "-enc_time_base", "1/1000", "-c:v", "ffv1")
    ffmpeg("-i", clip, "-vf", late, *coding, path)
    make(jobs_of(path), str(tmp_path / "out"))
    before, after = (video.probe(one) for one in (path, tmp_path / "out" / "clip-dream.mp4"))
    assert before.count == after.count == 7
    found = [after.timing.seconds(index) for index in range(7)]
    assert found == pytest.approx([before.timing.seconds(i) for i in range(7)], abs=0.002)
    assert before.timing.moments is not None


def test_an_animated_gif_among_pictures_stays_one(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    frames = [Image.new("RGB", (40, 30), (30 * i, 90, 60)) for i in range(7)]
    path, delays = tmp_path / "in" / "a.gif", [30, 100, 50, 50, 200, 40, 60]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=delays)
    words = {"content": [str(path.parent)]}
    (whole,) = expand(type(SETTINGS), SETTINGS, words, "{content}-dream.png")
    assert whole.output == "a-dream.gif"
    jobs = list(film_chunks.cut([whole], SETTINGS))
    assert len(jobs) == 2
    root = tmp_path / "out"
    make(jobs, str(root))
    assert images.animation(root / whole.output).delays == tuple(delays)
    plan = planned(jobs, str(root), {})  # by the recipe in it
    assert (plan.done, plan.todo) == (jobs[-1:], [])
    (still,) = expand(type(SETTINGS), SETTINGS, words, "{content}.jpg")
    assert list(film_chunks.cut([still], SETTINGS)) == [still]
