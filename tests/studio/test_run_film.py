"""One film at work in this process: learnt, painted, put aside in either, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file

from artgen import images, video
from artgen.cli.following import RunOptions, follow
from artgen.runs.following import Following
from artgen.runs.recipes import Recipe
from artgen.studio import reports
from artgen.studio.messages import (
    JobDropped,
    JobFinished,
    JobPaused,
    JobPreview,
    JobProgress,
    Report,
    RunJob,
)
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import PictureStore
from artgen.studio.run_film import FilmRun
from artgen.techniques.fast_apply import FastApply

Upload = Callable[[torch.Tensor, str], str]
QUICK = {"net": "tiny", "crop": 32, "iterations": 3}
COUNT = 8


@pytest.fixture(autouse=True)
def _every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast they follow each other: requests are made after certain ones."""
    monkeypatch.setattr(reports, "OFTEN", 0.0)


@pytest.fixture
def film(store: PictureStore, upload: Upload, tmp_path: Path) -> Order:
    """An order of a film, and its first frame painted."""
    part = store.new()
    part.write_bytes(film_file(tmp_path / "clip.mp4", drifting(COUNT, 48, 66)).read_bytes())
    clip = f"upload:{store.take_clip(part, 'my clip.mov').id}"
    first = images.load(store.find(clip.replace("upload", "frame") + "-0").path).picture
    key = upload(1 - first, "painted.png")
    return Order("fast_follow", {**QUICK, "key": [f"0={key}"]}, {"film": [clip]})


def made(
    order: Order, store: PictureStore, folder: Path, request: tuple[str, int, str] | None = None
) -> list[Report]:
    """What is told of an order; `request` is made after a step of so many that are counted."""
    told: list[Report] = []

    def asked(job: int) -> str:
        moved = next((one for one in reversed(told) if isinstance(one, JobProgress)), None)
        now = moved and (moved.counted, moved.index)
        return request[2] if request and now == request[:2] else ""

    FilmRun(RunJob(7, resolve(order, store), folder), told.append, asked).paint()
    return told


def counts(told: list[Report]) -> list[tuple[str, int]]:
    return [(one.counted, one.index) for one in told if isinstance(one, JobProgress)]


def key_of(film: Order) -> str:
    """The reference of its painted frame."""
    return str(film.settings["key"][0]).partition("=")[2]


def frames(path: Path) -> list[torch.Tensor]:
    return list(video.frames(video.probe(path)))


def test_it_tells_and_keeps(film: Order, store: PictureStore, tmp_path: Path) -> None:
    told = made(film, store, tmp_path / "made")
    last, moved = told[-1], [one for one in told if isinstance(one, JobProgress)]
    assert isinstance(last, JobFinished)
    assert (last.names, last.size, last.interrupted) == (["film", "key"], (48, 66), 0)
    assert counts(told)[0] == ("flow", 0)
    assert {("lesson", 3), ("frame", COUNT)} <= {*counts(told)}
    assert [one.keeps for one in moved] == [one.counted == "frame" for one in moved]
    assert any(isinstance(one, JobPreview) for one in told)
    path = tmp_path / "made" / "0.mp4"
    assert sorted(one.name for one in path.parent.iterdir()) == ["0.mp4", "1.png"]
    assert images.size_of(path.with_name("1.png")) == (48, 132)
    recipe = Recipe.loads(video.read_recipe(path) or "")
    assert [one.name for one in recipe.inputs] == ["my clip.mp4"]
    assert recipe.follow["keys"][0]["name"] == "painted.png"
    assert len(frames(path)) == COUNT
    # The same as by the command, to the last bit.
    clip, key = (store.find(of).path for of in (film.pictures["film"][0], key_of(film)))
    place = RunOptions(clip, [f"0={key}"], out=str(tmp_path / "out.mp4"), quiet=True)
    assert follow(Following(**QUICK), FastApply(), place) == 0  # type: ignore[arg-type]
    pairs = zip(frames(path), frames(tmp_path / "out.mp4"), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("place", [("lesson", 2), ("frame", 3)])
def test_put_aside_and_gone_on_with(
    film: Order, store: PictureStore, tmp_path: Path, place: tuple[str, int]
) -> None:
    made(film, store, tmp_path / "whole")
    aside = made(film, store, tmp_path / "parts", (*place, "pause"))[-1]
    assert isinstance(aside, JobPaused)
    assert aside.index == place[1]
    told = made(film, store, tmp_path / "parts")
    assert counts(told)[1] == (place[0], place[1] + 1)
    whole, parts = (frames(tmp_path / name / "0.mp4") for name in ("whole", "parts"))
    # In other chunks the encoder chooses otherwise; what was painted is the same.
    off = [(one - other).abs().mean() for one, other in zip(whole, parts, strict=True)]
    assert max(off) < 4 / 255


def test_stopped_and_kept(film: Order, store: PictureStore, tmp_path: Path) -> None:
    told = made(film, store, tmp_path / "made", ("frame", 3, "stop"))
    last, path = told[-1], tmp_path / "made" / "0.mp4"
    assert isinstance(last, JobFinished)
    assert last.interrupted == 3
    assert len(frames(path)) == 3
    assert Recipe.loads(video.read_recipe(path) or "").interrupted == 3
    # There is nothing to keep of a training: it goes on.
    told = made(film, store, tmp_path / "other", ("lesson", 2, "stop"))
    assert counts(told)[-1] == ("frame", COUNT)


def test_dropped(film: Order, store: PictureStore, tmp_path: Path) -> None:
    for place in (("lesson", 1), ("frame", 1)):
        told = made(film, store, tmp_path / place[0], (*place, "drop"))
        assert isinstance(told[-1], JobDropped)
