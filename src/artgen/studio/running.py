"""The job that is running, and its progress as the page shows it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from artgen.studio.history import Entry
from artgen.studio.messages import JobProgress

__all__ = ["PATIENCE", "RunningJob", "shown"]

PATIENCE = 5.0  # seconds that a worker has to leave a job that was deleted
POINTS = 240  # of a loss curve


@dataclass
class RunningJob:
    """The job that the worker is running.

    Attributes:
        entry: its entry in the history.
        before: seconds that it had taken when it was paused.
        moved: its last step.
        previews: number of previews so far.
        losses: (step, loss), thinned out.
        asked: the pending request: `pause`, `stop` or `drop`.
        dropped: when it was deleted, by `time.monotonic`; 0 if it was not.
    """

    entry: Entry
    before: float
    moved: JobProgress | None = None
    previews: int = 0
    losses: list[tuple[int, float]] = field(default_factory=list)
    asked: str = ""
    dropped: float = 0.0

    def drop(self) -> None:
        """It was deleted: its worker has PATIENCE seconds to leave it."""
        self.asked, self.dropped = "drop", time.monotonic()

    def patience(self) -> float | None:
        """Seconds until its worker is to be replaced; None if it is not."""
        return max(self.dropped + PATIENCE - time.monotonic(), 0) if self.dropped else None

    def move(self, moved: JobProgress) -> None:
        """Count a step."""
        self.moved = moved
        if moved.losses:
            self.losses.append((moved.index, sum(moved.losses.values())))
            if len(self.losses) > POINTS:  # then keep every second point
                self.losses = [*self.losses[:-1:2], self.losses[-1]]

    def so_far(self) -> Entry:
        """Its entry, with its progress."""
        entry = replace(self.entry, losses=self.losses)
        if not self.moved:
            return entry
        seconds = self.before + self.moved.seconds
        return replace(entry, step=self.moved.index, total=self.moved.total, seconds=seconds)

    def step(self) -> dict[str, Any] | None:
        """Its last step as the page needs it."""
        if not self.moved:
            return None
        found = asdict(self.moved)
        return found | {"id": found.pop("job"), "seconds": self.before + self.moved.seconds}


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as the page needs it."""
    return asdict(entry)
