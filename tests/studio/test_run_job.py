"""One picture at work in this process: what is told of it, and what is asked of it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from artgen import api, images
from artgen.runs.recipes import Recipe
from artgen.studio.messages import (
    JobDropped,
    JobFinished,
    JobNote,
    JobPaused,
    JobPreview,
    JobProgress,
    Report,
    RunJob,
)
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import PictureStore
from artgen.studio.run_job import JobRun

from .conftest import SMALL

Upload = Callable[[torch.Tensor, str], str]


def painted(
    order: Order, store: PictureStore, folder: Path, asks: dict[int, str] | None = None
) -> list[Report]:
    """What is told of an order; `asks` says after which step what is asked."""
    told: list[Report] = []
    step = 0

    def asked(job: int) -> str:
        nonlocal step
        step += 1
        return (asks or {}).get(step, "")

    JobRun(RunJob(7, resolve(order, store), folder), told.append, asked).paint()
    return told


def last(told: list[Report], kind: type) -> Report:
    return next(one for one in reversed(told) if isinstance(one, kind))


def test_it_tells_and_keeps(
    order: Order, store: PictureStore, tmp_path: Path, photo: torch.Tensor, painting: torch.Tensor
) -> None:
    told = painted(order, store, tmp_path / "made")
    assert [type(one) for one in told[:3]] == [JobNote, JobProgress, JobPreview]
    moved, made = last(told, JobProgress), told[-1]
    assert isinstance(moved, JobProgress)
    assert isinstance(made, JobFinished)
    assert (moved.index, moved.total, moved.holds) == (3, 3, True)
    assert set(moved.losses) >= {"style", "content"}
    assert (made.names, made.interrupted, made.scalable) == (["picture"], 0, True)
    file = tmp_path / "made" / "0.png"
    recipe = Recipe.loads(images.read_recipe(file) or "")
    assert [one.name for one in recipe.inputs] == ["frog.png", "oil.png"]
    assert (recipe.seed, recipe.settings["iterations"]) == (3, 3)
    assert [one.name for one in file.parent.iterdir()] == ["0.png"]
    # The same as without a studio, to the last bit.
    images.save(photo, tmp_path / "photo.png")
    images.save(painting, tmp_path / "painting.png")
    alone = api.function("style")(tmp_path / "photo.png", tmp_path / "painting.png", **SMALL)
    assert images.encode_png(alone.tensor) == images.encode_png(images.load(file).picture)


@pytest.mark.parametrize("technique", ["style", "dream"])
def test_put_aside_and_gone_on_with(
    order: Order, store: PictureStore, tmp_path: Path, technique: str
) -> None:
    if technique == "dream":
        order = Order("dream", SMALL | {"octaves": 1}, {"content": order.pictures["content"]})
    painted(order, store, tmp_path / "whole")
    aside = painted(order, store, tmp_path / "parts", {2: "pause"})[-1]
    assert isinstance(aside, JobPaused)
    assert aside.index == 2
    told = painted(order, store, tmp_path / "parts")
    assert [one.index for one in told if isinstance(one, JobProgress)] == [3]
    whole, parts = ((tmp_path / name / "0.png").read_bytes() for name in ("whole", "parts"))
    assert images.load(tmp_path / "whole" / "0.png").picture.equal(
        images.load(tmp_path / "parts" / "0.png").picture
    ), (len(whole), len(parts))
    assert not (tmp_path / "parts" / "state.part").exists()


def test_stopped_and_kept(order: Order, store: PictureStore, tmp_path: Path) -> None:
    made = painted(order, store, tmp_path / "made", {1: "stop"})[-1]
    assert isinstance(made, JobFinished)
    assert (made.interrupted, max(made.size)) == (1, 32)
    recipe = Recipe.loads(images.read_recipe(tmp_path / "made" / "0.png") or "")
    assert recipe.interrupted == 1


def test_dropped(order: Order, store: PictureStore, tmp_path: Path) -> None:
    assert isinstance(painted(order, store, tmp_path / "made", {1: "drop"})[-1], JobDropped)
    assert list((tmp_path / "made").iterdir()) == []


def test_a_sheet_has_its_cells_and_cannot_be_put_aside(
    order: Order, store: PictureStore, tmp_path: Path
) -> None:
    sheet = Order("explore", {**SMALL, "vary": ["strength=20,80"]}, order.pictures)
    told = painted(sheet, store, tmp_path / "made", {1: "pause"})
    made = told[-1]
    assert isinstance(made, JobFinished), "what cannot go on is not put aside"
    assert not any(one.holds for one in told if isinstance(one, JobProgress))
    assert made.names[:2] == ["picture", "style-1"]
    assert sorted(one.name for one in (tmp_path / "made").iterdir()) == [
        f"{number}.png" for number in range(len(made.names))
    ]


def test_transparency_is_kept(
    order: Order, store: PictureStore, tmp_path: Path, photo: torch.Tensor
) -> None:
    part = store.new()
    part.write_bytes(images.encode_png(photo, alpha=photo[:, :1].round()))
    given = store.take(part, "cut.png")
    pictures = {**order.pictures, "content": [f"upload:{given.id}"]}
    painted(replace(order, pictures=pictures), store, tmp_path / "made")
    assert images.load(tmp_path / "made" / "0.png").alpha is not None
