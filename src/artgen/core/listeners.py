"""Listeners to the events of a run, and the control that may end it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from artgen.core.events import Result, Step

__all__ = ["Control", "Listener"]


class Listener:
    """Receives the events of a run; a method that is not overridden does nothing."""

    def note(self, sentence: str) -> None:
        """Receives a sentence that the user should read."""

    def step(self, step: Step) -> None:
        """Receives a step, which may be shown."""

    def keep(self, step: Step, leaving: bool) -> None:
        """Receives a step to be saved; `leaving` if it is the last one."""

    def finish(self, result: Result) -> None:
        """Receives the result, at the end of the run."""


class Control(Listener):
    """A listener that may end a run, and guards saves against interruption."""

    def leaving(self, step: Step) -> bool:
        """Whether the run is to end after this step, which has been shown."""
        return False

    def writing(self) -> AbstractContextManager[None]:
        """Context of a save, during which the run must not be interrupted."""
        return nullcontext()
