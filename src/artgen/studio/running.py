"""The job that is running, and its progress as the page shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from artgen.studio.history import Entry
from artgen.studio.messages import JobProgress

__all__ = ["RunningJob", "shown"]

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
    """

    entry: Entry
    before: float
    moved: JobProgress | None = None
    previews: int = 0
    losses: list[tuple[int, float]] = field(default_factory=list)
    asked: str = ""

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
