"""A checkpoint: written when it is worth it, read as it was written, gone with the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from artgen.core.events import Result, Step
from artgen.errors import RecipeError
from artgen.runs.checkpoint import Checkpoint, Checkpointing, read_checkpoint, read_state
from artgen.runs.execute import Run
from artgen.runtime import Runtime
from artgen.techniques.style import Style

STATE = {"canvas": torch.rand(1, 3, 4, 5), "index": torch.tensor(7), "made": torch.tensor(2)}


def step() -> Step:
    return Step(7, 9, (4, 5), {}, lambda: STATE["canvas"], lambda: STATE)


def test_it_is_due_after_its_minutes_and_when_leaving_sooner(tmp_path: Path) -> None:
    often, seldom = Checkpoint(tmp_path / "a.png", 1e-9), Checkpoint(tmp_path / "a.png", 60)
    assert often.due()
    assert not seldom.due()
    seldom.last -= 100  # a minute's work and more
    assert not seldom.due()
    assert seldom.due(leaving=True)


@pytest.mark.parametrize("checkpoint", [Checkpoint(None, 1e-9), Checkpoint(Path("a.png"), 0)])
def test_where_there_is_no_place_or_wish_there_is_none(checkpoint: Checkpoint) -> None:
    checkpoint.write(step(), {})
    assert not checkpoint.due()
    checkpoint.remove()


def test_a_state_comes_back_and_goes_with_the_picture(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "a.png", 10)
    checkpoint.write(step(), {"bits": "16"})
    path = tmp_path / "a.png.part"
    said, state = read_state(path)
    assert said == {"bits": "16"}
    assert all(torch.equal(state[name], value) for name, value in STATE.items())
    checkpoint.remove()
    assert not path.exists()


@pytest.mark.parametrize(
    ("said", "words"), [({"training": "yes"}, "unfinished training"), ({}, "recipe")]
)
def test_what_is_none_of_a_picture_is_refused(
    tmp_path: Path, said: dict[str, str], words: str
) -> None:
    Checkpoint(tmp_path / "a.png", 10).write(step(), said)
    with pytest.raises(RecipeError, match=words):
        read_checkpoint(tmp_path / "a.png.part")


def test_of_a_run_the_last_state_is_kept_until_the_picture_is_there(
    tmp_path: Path, runtime: Runtime
) -> None:
    run = Run("style", Style(net="tiny"), {}, runtime)
    seldom = Checkpoint(tmp_path / "a.png", 60)
    keeping = Checkpointing(seldom, run, 16)
    keeping.keep(step(), False)
    assert seldom.path is not None
    assert not seldom.path.exists()
    seldom.last -= 100
    keeping.keep(replace(step(), state=dict), True)  # nothing can go on from a sheet
    assert not keeping.left
    keeping.keep(step(), True)
    assert keeping.left
    recipe, state, bits = read_checkpoint(seldom.path)
    assert (recipe.interrupted, int(state["index"]), bits) == (7, 7, 16)
    keeping.finish(Result({}))
    assert not list(tmp_path.iterdir())
