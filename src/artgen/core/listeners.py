"""Who hears the events of a run: listeners, and the one that says whether it goes on."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from artgen.core.events import Result, Step

__all__ = ["Control", "Listener"]


class Listener:
    """Hears the events of a run, and does nothing about those that it has no method for."""

    def note(self, sentence: str) -> None:
        """Something the user should know."""

    def step(self, step: Step) -> None:
        """A step was made, and may be shown."""

    def keep(self, step: Step, leaving: bool) -> None:
        """What is to be kept of a step; `leaving` if it is the last that is made."""

    def finish(self, result: Result) -> None:
        """The run came to its end."""


class Control(Listener):
    """A listener that is asked whether a run goes on, and that guards what is kept of it."""

    def leaving(self, step: Step) -> bool:
        """Whether no step is wanted after this one, which has been shown."""
        return False

    def writing(self) -> AbstractContextManager[None]:
        """Entered while something is kept, which is not to be cut short."""
        return nullcontext()
