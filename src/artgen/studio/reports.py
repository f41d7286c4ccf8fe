"""Reports of a run in the worker, step by step, and requests between two of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from artgen import images
from artgen.core.events import Step
from artgen.core.listeners import Control
from artgen.ops.resize import fit, resize
from artgen.studio.messages import JobDropped, JobNote, JobPreview, JobProgress, Report, RunJob

__all__ = ["PREVIEW", "Reporting", "StepTime", "jpeg", "time_left"]

OFTEN = 0.2  # seconds between two previews, at least: five a second
SHARE = 0.1  # of the time, at most, that is spent on previews
PREVIEW = 640  # px, long side of a preview


def jpeg(picture: Tensor, side: int, quality: int = 82) -> bytes:
    """A picture (1, 3, H, W) as a JPEG, at most `side` px long; quality from 1 to 100."""
    height, width = picture.shape[-2:]
    size = fit((height, width), min(side, max(height, width)))
    return images.encode(resize(picture, size), Path("small.jpg"), quality=quality)


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
class StepTime:
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


class Reporting(Control):
    """Reports the steps of a run, and asks for requests after each.

    Args:
        task: the order, and its folder.
        tell: is called with every report.
        asked: returns the request since the last step: `pause`, `stop`, `drop`, or nothing.

    Attributes:
        counted, keeps, holds: of its steps; see `JobProgress`.
        previews: whether a step's picture is worth showing.
        request: the request after the last step.
        end: long side of the finished picture in pixels, 0 if unknown.
    """

    def __init__(
        self, task: RunJob, tell: Callable[[Report], None], asked: Callable[[int], str]
    ) -> None:
        self.task, self.tell, self.asked = task, tell, asked
        self.began = time.monotonic()
        self.counted, self.keeps, self.holds, self.previews = "step", True, False, True
        self.request, self.end = "", 0
        self.pace = StepTime()
        self._shown = self._told = 0.0
        task.folder.mkdir(parents=True, exist_ok=True)

    @property
    def seconds(self) -> float:
        """Since it was begun, in this worker."""
        return time.monotonic() - self.began

    def note(self, sentence: str) -> None:
        self.tell(JobNote(self.task.job, sentence))

    def leaving(self, step: Step) -> bool:
        """Whether a request ends the run; `keep` then handles the request."""
        self.request = self.asked(self.task.job)
        may = {"drop": True, "stop": self.keeps, "pause": self.holds}
        return may.get(self.request, False)

    def dropped(self) -> None:
        """Report that nothing of it is kept."""
        self.tell(JobDropped(self.task.job))

    def step(self, step: Step) -> None:
        now, last = time.monotonic(), step.index == step.total
        pace = self.pace.step(max(step.scale))
        if now - self._told >= OFTEN / 2 or last:
            self._told = now
            values = {name: float(loss) for name, loss in step.losses.items()}
            losses = {name: loss for name, loss in values.items() if math.isfinite(loss)}
            left = None
            if step.total and pace:
                left = time_left(pace, step.total - step.index, max(step.scale), self.end)
            counts = (step.index, step.total or 0, step.scale)
            what = (self.holds, self.counted, self.keeps)
            self.tell(JobProgress(self.task.job, *counts, losses, now - self.began, left, *what))
        if self.previews and now >= self._shown:
            self.preview(step.picture())
            after = time.monotonic()
            self._shown = max(now + OFTEN, after + (after - now) / SHARE)

    def preview(self, picture: Tensor) -> None:
        """Show a picture (1, 3, H, W)."""
        self.tell(JobPreview(self.task.job, jpeg(picture, PREVIEW)))
