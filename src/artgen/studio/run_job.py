"""One picture in the worker: a technique's run, paused and gone on with, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from torch import Tensor

from artgen import images
from artgen.core.events import Result, State, Step
from artgen.core.files import write_whole
from artgen.core.schema import fields_of
from artgen.graph_runtime import GraphRuntime
from artgen.images import Loaded
from artgen.ops.resize import resize
from artgen.optim.threads import Threads
from artgen.runs.at_once import at_once
from artgen.runs.checkpoint import Checkpoint, Checkpointing, read_checkpoint
from artgen.runs.execute import Run
from artgen.runs.inputs import read_each
from artgen.runs.output import PICTURE, Encoder
from artgen.runtime import Runtime
from artgen.studio.folder import STATE
from artgen.studio.messages import JobFinished, JobPaused, Report, RunJob
from artgen.studio.orders import ResolvedOrder
from artgen.studio.pictures import MOST_PIXELS, PictureFile
from artgen.studio.reports import Reporting
from artgen.techniques.base import Engine, Technique, reads_of

__all__ = ["JobRun", "read"]

STATE_EVERY = 2.0  # minutes between two checkpoints


def read(order: ResolvedOrder) -> dict[str, list[Loaded]]:
    """The pictures of an order, by role, with the names that their owner gave them."""

    kinds = reads_of(cast("Technique", order.settings))

    def labelled(role: str, one: PictureFile) -> Loaded:
        reads = kinds.get(role, "picture")
        return replace(
            images.load(one.path, max_pixels=MOST_PIXELS, reads=reads), path=Path(one.name)
        )

    return read_each(order.sources, labelled)


class JobRun(Reporting):
    """The run of an order of a technique; see Reporting."""

    def __init__(
        self, task: RunJob, tell: Callable[[Report], None], asked: Callable[[int], str]
    ) -> None:
        super().__init__(task, tell, asked)
        self.settings = cast("Technique", task.order.settings)
        self.told = False
        self.checkpoint = Checkpoint(task.folder / STATE, STATE_EVERY)

    def paint(self) -> None:
        """Run until it is finished, or until a request ends it."""
        task, state = self.task, self._state()
        found, seed = read(task.order), task.order.seed
        runtime: Engine = (
            GraphRuntime(seed)
            if at_once(self.settings, found)
            else Runtime(seed=seed, threads=Threads())
        )
        self.run = Run(task.order.technique, self.settings, found, runtime)
        self.end = max(self.run.size) if self.run.size else 0
        self.checkpointing = Checkpointing(self.checkpoint, self.run)
        self.run.execute(control=self, state=state)

    def keep(self, step: Step, leaving: bool) -> None:
        if not leaving:
            if self.holds and self.checkpoint.due():
                self.checkpointing.write(step)
        elif self.request == "drop":
            self.dropped()
        elif self.request == "stop":
            picture, size = step.picture(), self.run.size
            self._write({PICTURE: resize(picture, size) if size else picture}, step)
        else:
            self.checkpointing.write(step)
            self.tell(JobPaused(self.task.job, step.index, self.seconds))

    def finish(self, result: Result) -> None:
        self._write(result.pictures, result)
        for name in result.pages:
            self.note(f"The {name} for a browser is written by the command and by batches only.")

    def step(self, step: Step) -> None:
        if not self.told:
            self.told, self.holds = True, bool(step.state())  # a sheet has no state
        super().step(step)

    def _write(self, pictures: Mapping[str, Tensor], event: Step | Result) -> None:
        """Write the pictures, (1, 3, H, W) each, with their recipes."""
        run, recipe = self.run, self.run.recipe(event)
        encoded = Encoder(self.settings, run.read, run.size)
        names = [PICTURE, *(name for name in pictures if name != PICTURE)]
        # The main picture is written last: if it is there, all are.
        data = event.data if isinstance(event, Result) else {}
        for number, name in reversed([*enumerate(names)]):
            path = self.task.folder / f"{number}.png"
            bits = data.get(name, 0)
            write_whole(path, encoded(pictures[name], path, recipe, name, bits))
        self.checkpoint.remove()
        picture = pictures[PICTURE]
        size = (picture.shape[-2], picture.shape[-1])
        took = self.seconds
        interrupted = event.index if isinstance(event, Step) else 0
        known = {one.name for one in fields_of(type(self.settings))}
        sized = run.size is not None and "size" in known
        self.tell(JobFinished(self.task.job, names, size, took, interrupted, sized))

    def _state(self) -> State | None:
        """The state in which it was paused, if it was."""
        path = self.checkpoint.path
        if path is None or not path.exists():
            return None
        _, state, _ = read_checkpoint(path)
        return state
