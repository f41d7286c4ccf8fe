"""A technique at work on a film: each frame once, in order, going on from the last."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from clips import drifting, film_file
from PIL import Image

from artgen import video
from artgen.core.events import Note, Result, State, Step
from artgen.errors import UsageError
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques.base import Input, Inputs
from artgen.techniques.fast_apply import FastApply
from artgen.video import writing


@dataclass(frozen=True)
class Negative:
    """Light becomes dark; a little darker still where there was a frame before."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "", frame=True, film=True),)
    steady: float = 50.0

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        height, width = inputs["content"][0].shape[-2:]
        return (2 * height, 2 * width)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        yield Note("said once")
        picture = 1 - inputs["content"][0].repeat_interleave(2, 2).repeat_interleave(2, 3)
        yield Result({"picture": picture * (0.9 if films.LAST in inputs else 1.0)})


@dataclass(frozen=True)
class Pictures(Negative):
    """Takes no film."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "", frame=True),)


def test_every_frame_is_worked_on_once(tmp_path: Path, runtime: Runtime) -> None:
    clip, first = films.load(film_file(tmp_path / "in.mp4", drifting(5)))
    events = list(films.shoot(Negative(), {}, clip, runtime))
    assert [event for event in events if isinstance(event, Note)] == [Note("said once")]
    steps = [event for event in events if isinstance(event, Step)]
    assert [(step.index, step.total) for step in steps] == [(i, 5) for i in range(1, 6)]
    assert steps[0].picture().shape == (1, 3, 96, 128)
    assert torch.allclose(steps[0].picture()[..., ::2, ::2], 1 - first.picture)
    assert steps[1].picture().mean() < steps[0].picture().mean()
    assert len(first.sha256) == 64


def test_frames_made_in_one_go_are_what_they_are_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(7)))
    runtime, settings = Runtime("cpu"), FastApply(size=48)
    alone = [e.picture() for e in films.shoot(settings, {}, clip, runtime) if isinstance(e, Step)]
    monkeypatch.setattr(Runtime, "stacked", lambda _, most: most)
    number = 0
    *steps, result = films.shoot(settings, {}, clip, runtime)
    assert isinstance(result, Result)
    for number, step in enumerate(steps, 1):
        assert isinstance(step, Step)
        assert step.index == number
        assert torch.allclose(alone[number - 1], step.picture(), atol=1e-4)
    assert number == len(alone) == 7


@pytest.mark.parametrize("steady", [0, 70])
def test_frames_made_side_by_side_have_the_same_bits(
    steady: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(7)))
    settings, found, makers = FastApply(size=48, steady=steady), [], set()
    run = FastApply.run

    def spy(self: FastApply, inputs: Inputs, runtime: Runtime) -> Iterator[Step | Note | Result]:
        makers.add(threading.get_ident())
        return run(self, inputs, runtime)

    monkeypatch.setattr(FastApply, "run", spy)
    for count in (1, 3):
        monkeypatch.setattr(Runtime, "side_by_side", lambda *_, count=count: count)
        events = films.shoot(settings, {}, clip, Runtime("cpu"))
        found.append(torch.cat([one.picture() for one in events if isinstance(one, Step)]))
        assert (len(makers) > 1) == (count > 1)
    assert found[0].equal(found[1])


def test_it_goes_on_to_the_very_same_frames(tmp_path: Path, runtime: Runtime) -> None:
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(6)))
    whole = [
        event for event in films.shoot(Negative(), {}, clip, runtime) if isinstance(event, Step)
    ]
    run = films.shoot(Negative(), {}, clip, runtime)
    state = next(event for event in run if isinstance(event, Step) and event.index == 3).state()
    run.close()  # type: ignore[attr-defined]
    rest = films.shoot(Negative(), {}, clip, runtime, start=3, state=state)
    again = [event for event in rest if isinstance(event, Step)]
    assert [step.index for step in again] == [4, 5, 6]
    for one, other in zip(again, whole[3:], strict=True):
        assert torch.equal(one.picture(), other.picture())


def test_a_technique_for_pictures_takes_no_film(tmp_path: Path, runtime: Runtime) -> None:
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(2)))
    with pytest.raises(UsageError, match="takes pictures"):
        next(films.shoot(Pictures(), {}, clip, runtime))


def test_animated_pictures_move_where_the_output_can(tmp_path: Path) -> None:
    paths = {}
    for suffix in (".gif", ".webp", ".png"):
        paths[suffix] = str(tmp_path / f"a{suffix}")
        frames = [Image.new("RGB", (8, 8), (i, 0, 0)) for i in (0, 99)]
        frames[0].save(paths[suffix], save_all=True, append_images=frames[1:], duration=50)
    for suffix, path in paths.items():
        for out in ("", "out.mp4", "out.gif", "out.webp", "out.apng", f"out{suffix}"):
            assert films.moves(path, out)
        assert not films.moves(path, "out.jpg")
        assert not films.moves(path, "", still=True)
        assert films.suffix_of(path) == suffix
    assert not films.moves(paths[".gif"], "out.png")
    assert films.moves("s3://there/a.mov", "out.mp4")
    assert not films.moves("s3://there/a.gif", "out.gif")
    assert films.suffix_of("a.mov") == ".mp4"


def test_a_film_that_goes_on_is_the_same_to_the_bit(
    tmp_path: Path, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its state on the disk, at every chunk where a kill may have ended it."""
    monkeypatch.setattr(writing, "CHUNK", 4)
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(11), rate="30000/1001"))
    settings = FastApply(size=48)

    def made(name: str, stop: int | None = None) -> Path:
        film = video.Film(tmp_path / name, (36, 48), clip.timing, recipe="a = 1", source=clip)
        for event in films.shoot(
            settings, {}, clip, runtime, start=film.done, stop=stop, state=film.state
        ):
            if isinstance(event, Step):
                film.add(event.picture(), event.state)
        film.settle() if stop else film.finish()
        return film.path

    whole = made("whole.mp4").read_bytes()
    for stop in (5, 9):  # one frame of a chunk is lost
        name = f"until-{stop}.mp4"
        made(name, stop)
        assert made(name).read_bytes() == whole
