"""The one loop over the events of a run, and its listeners, which show, save and stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from artgen.core.events import Note, Result, State, Step
from artgen.core.listeners import Control, Listener
from artgen.ops.resize import resize
from artgen.runs.inputs import Read, taken
from artgen.runs.output import PICTURE, Output
from artgen.runs.recipes import Recipe
from artgen.techniques.base import Engine, Inputs, Technique

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["Event", "Progress", "Run", "SavedFilesView", "Saving", "events_of", "execute"]

Event: TypeAlias = "Step | Note | Result"


def execute(
    runtime: Engine,
    events: Iterator[Event],
    *listeners: Listener,
    control: Control | None = None,
) -> Result | None:
    """Run until the result, or until the control stops the run; returns the result, if any.

    Each step is shown to all listeners, then the control is asked whether it is the last, then all
    listeners keep it. The control comes first. Threads are adapted between the events.
    """
    control = control or Control()
    everyone = (control, *listeners)
    with closing(_paced(runtime, events)) as paced:
        for event in paced:
            if isinstance(event, Note):
                for one in everyone:
                    one.note(event.sentence)
            elif isinstance(event, Result):
                with control.writing():
                    for one in everyone:
                        one.finish(event)
                return event
            else:
                for one in everyone:
                    one.step(event)
                leaving = control.leaving(event)
                with control.writing():
                    for one in everyone:
                        one.keep(event, leaving)
                if leaving:
                    return None
    return None


def _paced(runtime: Engine, events: Iterator[Event]) -> Generator[Event, None, None]:
    """The events; closing this generator ends the run at once."""
    yield from runtime.paced(events)


def events_of(
    settings: Technique, inputs: Inputs, runtime: Engine, state: State | None = None
) -> Iterator[Event]:
    """The events of a technique's run.

    `runtime` is a Runtime, or the GraphRuntime that at_once() chooses for techniques that run with
    one.
    """
    return settings.run(inputs, cast("Runtime", runtime), state)


@dataclass(frozen=True)
class Run:
    """A technique with its inputs.

    Attributes:
        name, settings: the technique.
        read: its inputs, as read from files.
        runtime: device, precision, tiles and seed.
        follow: see `Recipe.follow`.
    """

    name: str
    settings: Technique
    read: Read
    runtime: Engine
    follow: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> Inputs:
        """The inputs as the technique takes them: name -> pictures (1, 3, H, W)."""
        return taken(self.read, self.runtime.graphs)

    @cached_property
    def size(self) -> tuple[int, int] | None:
        """(H, W) of the result; None if only the run can tell."""
        return self.settings.result_size(self.inputs)

    def recipe(self, event: Step | Result | None = None) -> str:
        """The recipe of the result after an event; a step means that the run was interrupted."""
        found = Recipe.of(self.name, self.settings, self.runtime, self.read, event)
        return replace(found, follow=dict(self.follow)).dumps()

    def execute(
        self, *listeners: Listener, control: Control | None = None, state: State | None = None
    ) -> Result | None:
        """Run the technique, from a state if one is given; see `execute`."""
        return execute(self.runtime, self.events(state), *listeners, control=control)

    def events(self, state: State | None = None) -> Iterator[Event]:
        """The events of the technique's run, from a state if one is given."""
        return events_of(self.settings, self.inputs, self.runtime, state)


class Progress(Listener):
    """Passes on the index and the total of each step."""

    def __init__(self, tell: Callable[[int, int | None], None]) -> None:
        self.tell = tell

    def step(self, step: Step) -> None:
        self.tell(step.index, step.total)


class SavedFilesView(Protocol):
    """A view that is told of files that were written."""

    def note(self, sentence: str) -> None: ...
    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None: ...


class Saving(Listener):
    """Writes a run's picture: at its end, when it is stopped, and every `every` steps.

    Args:
        run: the run.
        output: where the picture goes.
        every: steps between two unfinished pictures; 0 for none.
        shown: is told of each file.
        began: start of the run, by `time.monotonic`.
    """

    def __init__(
        self, run: Run, output: Output, every: int, shown: SavedFilesView, began: float
    ) -> None:
        self.run, self.output, self.every = run, output, every
        self.shown, self.began = shown, began

    def keep(self, step: Step, leaving: bool) -> None:
        if leaving or (self.every and step.index % self.every == 0):
            picture, size = step.picture(), self.run.size
            picture = resize(picture, size) if size else picture
            self.output.write(picture, self.run.recipe(step))
            self._tell(picture.shape[-2:], last=leaving)

    def finish(self, result: Result) -> None:
        recipe = self.run.recipe(result)
        self.output.write(result.pictures[PICTURE], recipe)
        for name, picture in result.pictures.items():
            if name == PICTURE:
                continue
            height, width = picture.shape[-2:]
            path = self.output.write_beside(name, picture, recipe, result.data.get(name, 0))
            if path is None:
                self.shown.note(f"The {name} is not written: there is no place for it on stdout.")
            else:
                self.shown.note(f"{path}: {width} x {height} px, the {name}.")
        for name, page in result.pages.items():
            if (path := self.output.write_page(name, page)) is not None:
                self.shown.note(f"{path}: the {name}, for a browser.")
        if result.files is not None:
            written = self.output.write_files(result.files)
            if not written:
                title = result.files.title
                self.shown.note(f"There is no place on stdout for {title}, which is a folder.")
            else:
                names = ", ".join(path.name for path in written)
                self.shown.note(f"{written[0].parent}: {result.files.title}: {names}.")
        self._tell(result.pictures[PICTURE].shape[-2:], last=True)

    def _tell(self, size: tuple[int, ...], *, last: bool) -> None:
        where = "-" if self.output.path is None else str(self.output.path)
        took = time.monotonic() - self.began
        self.shown.saved(where, (size[0], size[1]), took, last=last)
