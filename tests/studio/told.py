"""Who hears what the queue tells."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["LONG", "PATIENCE", "Told"]

PATIENCE = 120.0  # seconds, on a busy machine
LONG = {"net": "tiny", "size": 64, "iterations": 100_000}


class Told:
    """Everything that was told, and a way to wait for more."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.changed = threading.Condition()

    def __call__(self, kind: str, more: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((kind, more))
            self.changed.notify_all()

    def until(self, kind: str, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event of a kind that is good, waited for."""

        def found() -> dict[str, Any] | None:
            return next((more for one, more in self.events if one == kind and good(more)), None)

        with self.changed:
            assert self.changed.wait_for(lambda: found() is not None, PATIENCE), self.events[-5:]
            return found() or {}

    def ended(self, job: int, state: str) -> dict[str, Any]:
        """Waits until a job is in a state."""
        return self.until("job", lambda more: more["id"] == job and more["state"] == state)

    def begun(self, job: int) -> dict[str, Any]:
        """Waits until a job has made a step."""
        return self.until("step", lambda more: more["id"] == job)
