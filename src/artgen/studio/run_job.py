"""One run in the worker: it reports its steps, and handles requests between two of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from artgen import images
from artgen.core.events import Result, State, Step
from artgen.core.files import write_whole
from artgen.core.listeners import Control
from artgen.core.schema import fields_of
from artgen.graph_runtime import GraphRuntime
from artgen.images import Loaded
from artgen.ops.resize import fit, resize
from artgen.optim.threads import Threads
from artgen.runs.at_once import at_once
from artgen.runs.checkpoint import Checkpoint, Checkpointing, read_checkpoint
from artgen.runs.execute import Run
from artgen.runs.inputs import read_each
from artgen.runs.output import PICTURE, Encoder
from artgen.runtime import Runtime
from artgen.studio.folder import STATE
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
from artgen.studio.orders import ResolvedOrder
from artgen.studio.pictures import MOST_PIXELS, PictureFile
from artgen.techniques.base import Engine, reads_of

__all__ = ["JobRun", "jpeg", "read", "time_left"]

OFTEN = 0.2  # seconds between two previews, at least: five a second
SHARE = 0.1  # of the time, at most, that is spent on previews
PREVIEW = 640  # px, long side of a preview
STATE_EVERY = 2.0  # minutes between two checkpoints


def jpeg(picture: Tensor, side: int, quality: int = 82) -> bytes:
    """A picture (1, 3, H, W) as a JPEG, at most `side` px long; quality from 1 to 100."""
    height, width = picture.shape[-2:]
    size = fit((height, width), min(side, max(height, width)))
    return images.encode(resize(picture, size), Path("small.jpg"), quality=quality)


def read(order: ResolvedOrder) -> dict[str, list[Loaded]]:
    """The pictures of an order, by role, with the names that their owner gave them."""

    kinds = reads_of(order.settings)

    def labelled(role: str, one: PictureFile) -> Loaded:
        reads = kinds.get(role, "picture")
        return replace(
            images.load(one.path, max_pixels=MOST_PIXELS, reads=reads), path=Path(one.name)
        )

    return read_each(order.sources, labelled)


def time_left(pace: float, steps: int, side: int, last: int) -> float:
    """Seconds that `steps` more will take.

    A step's time is proportional to the picture's pixels, and a scale's number of steps is
    inversely proportional to its side (`pyramid`).

    Args:
        pace: seconds of a step now.
        steps: that remain.
        side: of the canvas now, in pixels.
        last: side of the picture at the end, in pixels; 0 if unknown.
    """
    sides = [float(side)]
    while sides[-1] * 2**0.5 < last * 1.1:
        sides.append(sides[-1] * 2**0.5)
    return pace * steps * sum(sides) / sum(1 / one for one in sides) / side**2


@dataclass
class _StepTime:
    """Moving average of a step's time, with most weight on the last steps."""

    seconds: float = 0.0
    side: int = 0
    last: float = 0.0

    def step(self, side: int) -> float:
        """Count a step on a canvas of this side; returns seconds a step."""
        now = time.monotonic()
        took, self.last = now - (self.last or now), now
        # The first step of a scale also computes its targets: it is not counted.
        if side != self.side:
            self.seconds = self.seconds * (side / self.side) ** 2 if self.side else 0.0
            self.side = side
        else:
            self.seconds += (took - self.seconds) * (0.2 if self.seconds else 1)
        return self.seconds


class JobRun(Control):
    """The run of an order.

    Args:
        task: the order, and its folder.
        tell: is called with every report.
        asked: returns the request since the last step: `pause`, `stop`, `drop`, or nothing.
    """

    def __init__(
        self, task: RunJob, tell: Callable[[Report], None], asked: Callable[[int], str]
    ) -> None:
        self.task, self.tell, self.asked = task, tell, asked
        self.settings = task.order.settings
        self.began = time.monotonic()
        self.shown = self.told = 0.0
        self.holds = False  # whether it can be paused
        self.request = ""  # the request after the last step
        self.pace = _StepTime()
        task.folder.mkdir(parents=True, exist_ok=True)
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
        self.checkpointing = Checkpointing(self.checkpoint, self.run)
        self.run.execute(control=self, state=state)

    def note(self, sentence: str) -> None:
        self.tell(JobNote(self.task.job, sentence))

    def leaving(self, step: Step) -> bool:
        """Whether a request ends the run; `keep` then handles the request."""
        self.request = self.asked(self.task.job)
        return self.request in ("drop", "stop") or (self.request == "pause" and self.holds)

    def keep(self, step: Step, leaving: bool) -> None:
        job = self.task.job
        if not leaving:
            if self.holds and self.checkpoint.due():
                self.checkpointing.write(step)
        elif self.request == "drop":
            self.tell(JobDropped(job))
        elif self.request == "stop":
            picture, size = step.picture(), self.run.size
            self._write({PICTURE: resize(picture, size) if size else picture}, step)
        else:
            self.checkpointing.write(step)
            self.tell(JobPaused(job, step.index, time.monotonic() - self.began))

    def finish(self, result: Result) -> None:
        self._write(result.pictures, result)
        for name in result.pages:
            self.note(f"The {name} for a browser is written by the command and by batches only.")

    def step(self, step: Step) -> None:
        if not self.told:
            self.holds = bool(step.state())  # a sheet has no state
        now, last = time.monotonic(), step.index == step.total
        pace = self.pace.step(max(step.scale))
        if now - self.told >= OFTEN / 2 or last:
            self.told = now
            values = {name: float(loss) for name, loss in step.losses.items()}
            losses = {name: loss for name, loss in values.items() if math.isfinite(loss)}
            left = None
            if step.total and pace:
                end = max(self.run.size) if self.run.size else 0
                left = time_left(pace, step.total - step.index, max(step.scale), end)
            counts = (step.index, step.total or 0, step.scale)
            spent = now - self.began
            self.tell(JobProgress(self.task.job, *counts, losses, spent, left, self.holds))
        if now >= self.shown:
            self.tell(JobPreview(self.task.job, jpeg(step.picture(), PREVIEW)))
            after = time.monotonic()
            self.shown = max(now + OFTEN, after + (after - now) / SHARE)

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
        took = time.monotonic() - self.began
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
