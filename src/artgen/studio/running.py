"""The job that is being painted: how far it is, and what the page is told of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from artgen.studio.history import Entry
from artgen.studio.messages import Moved

__all__ = ["Running", "shown"]

POINTS = 240  # of a loss curve


@dataclass
class Running:
    """The job in the worker's hands.

    Attributes:
        entry: what is known of it.
        before: seconds that it had taken when it was put aside.
        moved: its last step.
        previews: how many there were.
        losses: (step, loss), thinned out.
        asked: what was asked of it: `pause`, `stop` or `drop`.
    """

    entry: Entry
    before: float
    moved: Moved | None = None
    previews: int = 0
    losses: list[tuple[int, float]] = field(default_factory=list)
    asked: str = ""

    def move(self, moved: Moved) -> None:
        """It has made a step."""
        self.moved = moved
        if moved.losses:
            self.losses.append((moved.index, sum(moved.losses.values())))
            if len(self.losses) > POINTS:  # every second point is enough
                self.losses = [*self.losses[:-1:2], self.losses[-1]]

    def so_far(self) -> Entry:
        """Its entry, with how far it got."""
        entry = replace(self.entry, losses=self.losses)
        if not self.moved:
            return entry
        seconds = self.before + self.moved.seconds
        return replace(entry, step=self.moved.index, total=self.moved.total, seconds=seconds)

    def step(self) -> dict[str, Any] | None:
        """Its last step as the page has it."""
        if not self.moved:
            return None
        found = asdict(self.moved)
        return found | {"id": found.pop("job"), "seconds": self.before + self.moved.seconds}


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as the page has it."""
    return asdict(entry)
