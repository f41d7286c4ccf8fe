"""The loop over the events of a film's run, each step a frame that is added to its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from artgen import video
from artgen.core.events import Result, Step
from artgen.core.listeners import Control, Listener
from artgen.errors import PictureError
from artgen.runs import films
from artgen.runs.execute import Event, Run, execute

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["Filming"]


class Filming(Listener):
    """Makes the frames of a film that are not made yet, and adds them to it.

    Args:
        film: the file that grows.
        run: the run, of a Runtime.
        clip: the film that it is made from; None if the technique makes one from pictures.
        known: see `films.shoot`.
    """

    def __init__(
        self,
        film: video.Film,
        run: Run,
        clip: video.Clip | None,
        known: films.Known = films.nothing_known,
    ) -> None:
        self.film, self.run, self.clip, self.known = film, run, clip, known
        self.last: Step | None = None

    def execute(self, *listeners: Listener, control: Control | None = None) -> Result | None:
        """Film to the end, or until the control stops it; returns the result, if any.

        Raises:
            PictureError: of a film that cannot be read to its end; what was made is kept.
        """
        try:
            return execute(self.run.runtime, self._events(), *listeners, self, control=control)
        except PictureError:
            with suppress(PictureError):
                if self.last is not None:
                    self.film.keep(self.last.state())
            raise

    def _events(self) -> Iterator[Event]:
        """The events of the run, after the frames made already."""
        film, run = self.film, self.run
        if self.clip is None:
            return run.events(film.state or None)
        return films.shoot(
            *(run.settings, run.inputs, self.clip, cast("Runtime", run.runtime)),
            start=film.done,
            state=film.state,
            known=self.known,
        )

    def keep(self, step: Step, leaving: bool) -> None:
        self.film.add(step.picture(), step.state)
        self.last = step
        if leaving:
            self.film.keep(step.state())

    def finish(self, result: Result) -> None:
        # Only now the network and its tiles are known.
        self.film.finish(self.run.recipe(result))
