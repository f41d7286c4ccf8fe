"""The one loop: who hears what in which order, when it ends, and what is kept of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artgen import api, images
from artgen.core.events import Note, Result, Step
from artgen.core.listeners import Control, Listener
from artgen.images import Loaded
from artgen.optim.threads import Threads
from artgen.runs.execute import Event, Progress, Run, Saving, execute
from artgen.runs.output import Output
from artgen.runs.recipes import Recipe
from artgen.runtime import Runtime
from artgen.techniques.style import Style

from .test_output import Written

QUICK = Style(net="tiny", size=48, iterations=4)


def picture() -> Tensor:
    return torch.rand(1, 3, 4, 5)


def three(closed: list[str]) -> Iterator[Event]:
    """A note, three steps and a result."""
    try:
        yield Note("It begins.")
        for index in (1, 2, 3):
            yield Step(index, 3, (4, 5), {}, picture)
        yield Result({"picture": picture(), "proof": picture()})
    finally:
        closed.append("closed")


@dataclass
class Heard(Control):
    """Writes down what it hears; leaves after a step."""

    last: int = 0
    said: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        self.said.append(sentence)

    def step(self, step: Step) -> None:
        self.said.append(f"step {step.index}")

    def leaving(self, step: Step) -> bool:
        return step.index == self.last

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.said.append("(")
        yield
        self.said.append(")")

    def keep(self, step: Step, leaving: bool) -> None:
        self.said.append(f"keep {step.index}" + " and leave" * leaving)

    def finish(self, result: Result) -> None:
        self.said.append("finish")


def test_all_hear_of_all_and_what_is_kept_is_guarded(runtime: Runtime) -> None:
    control, closed = Heard(), list[str]()
    result = execute(runtime, three(closed), Listener(), control=control)
    assert result is not None
    assert set(result.pictures) == {"picture", "proof"}
    steps = [word for i in (1, 2, 3) for word in (f"step {i}", "(", f"keep {i}", ")")]
    assert control.said == ["It begins.", *steps, "(", "finish", ")"]
    assert closed == ["closed"]


def test_it_ends_where_the_control_leaves(runtime: Runtime) -> None:
    control, closed = Heard(last=2), list[str]()
    other = Heard()
    assert execute(runtime, three(closed), other, control=control) is None
    assert control.said[-3:] == ["(", "keep 2 and leave", ")"]
    assert other.said == ["It begins.", "step 1", "keep 1", "step 2", "keep 2 and leave"]
    assert closed == ["closed"]


def test_an_error_of_a_listener_ends_the_run(runtime: Runtime) -> None:
    class Full(Listener):
        def keep(self, step: Step, leaving: bool) -> None:
            raise OSError("full")

    closed = list[str]()
    with pytest.raises(OSError, match="full"):
        execute(runtime, three(closed), Full())
    assert closed == ["closed"]


def test_threads_are_adapted_for_who_runs_it_however(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the events of the loop and of `api.steps` alike; then they are as before."""
    adapted = list[int]()
    monkeypatch.setattr(Threads, "adapt", lambda self: adapted.append(self.count))
    before = torch.get_num_threads()
    execute(Runtime("cpu", threads=Threads(1)), three([]), control=Heard(last=1))
    assert len(adapted) == 2  # before the note, and before the step after which it leaves
    assert torch.get_num_threads() == before
    adapted.clear()
    photo = torch.rand(1, 3, 20, 30)
    assert len(list(api.steps("style", photo, photo, net="tiny", size=32, iterations=2))) > 2
    assert len(adapted) > 2
    adapted.clear()
    api.function("style")(photo, photo, net="tiny", size=32, iterations=2)
    assert len(adapted) > 2


def test_progress_tells_of_each_step(runtime: Runtime) -> None:
    told = list[tuple[int, int | None]]()
    execute(runtime, three([]), Progress(lambda *counts: told.append(counts)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.fixture
def run(photo: Tensor, painting: Tensor, runtime: Runtime) -> Run:
    """A style transfer of four steps."""
    read = {
        "content": [Loaded(photo.numpy(), None, Path("photo.png"), "1", None, False)],
        "style": [Loaded(painting.numpy(), None, Path("paint.png"), "2", None, False)],
    }
    return Run("style", QUICK, read, runtime)


class Files:
    """Hears of files."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.files: list[tuple[str, tuple[int, int], bool]] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        self.files.append((path, size, last))


def saving(run: Run, shown: Files, every: int = 0) -> Saving:
    out = Output(run.name, run.settings, run.read, run.size, Written(), "a.png")
    return Saving(run, out, every, shown, 0.0)


def test_a_run_is_saved_on_the_way_and_at_its_end(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = Files()
    result = run.execute(saving(run, shown, every=2))
    assert shown.files == [("a.png", (35, 48), last) for last in (False, False, True)]
    recipe = Recipe.loads(images.read_recipe("a.png") or "")
    assert not recipe.interrupted
    assert result is not None
    execute(
        run.runtime, iter([Result({**result.pictures, "proof": picture()})]), saving(run, shown)
    )
    assert shown.notes == ["a-proof.png: 5 x 4 px, the proof."]


def test_a_run_that_is_left_is_saved_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = Files()
    assert run.execute(saving(run, shown, every=2), control=Heard(last=2)) is None
    assert shown.files == [("a.png", (35, 48), True)]
    assert Recipe.loads(images.read_recipe("a.png") or "").interrupted == 2
