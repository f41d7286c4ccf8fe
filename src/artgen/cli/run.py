"""One picture from start to file: load, check, run, show, save."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping, Sequence

import typer

from artgen.cli.common import Common
from artgen.cli.filming import film_among, make_film
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.recording import Recorder, Recording
from artgen.cli.view import graph_runtime_of, runtime_of, view
from artgen.core.events import State
from artgen.core.listeners import Listener
from artgen.core.schema import unusual
from artgen.errors import UsageError
from artgen.runs import films
from artgen.runs.at_once import at_once
from artgen.runs.checkpoint import Checkpoint, Checkpointing
from artgen.runs.execute import Run, Saving
from artgen.runs.inputs import Read, files_of, notes_of, read_files, taken
from artgen.runs.output import NONE, Output
from artgen.techniques.base import HasCells, Technique

__all__ = ["run_technique"]


def run_technique(
    name: str,
    settings: Technique,
    paths: Mapping[str, Sequence[str]],
    common: Common,
    state: State | None = None,
    *,
    titles: Mapping[str, str] = NONE,
    full: str = "",
    graphs: bool = True,
) -> int:
    """Make one picture; returns the exit code: 0, or 130 or 143 if it was interrupted.

    Args:
        name, settings, paths, common: the technique, its inputs' files, and the options.
        state: that of the step to go on from.
        titles: names for the file's name; see `runs.output.stem`.
        full: of a draft, the options with which `artgen again` makes it in full.
        graphs: whether graphs may make it, where they can.
    """
    began = time.monotonic()
    with Interrupts() as interrupts:
        try:
            film, rate = film_among(settings, paths, common), films.rate_of(settings)
            if film is not None and rate is not None:
                raise UsageError(f"{film} is a film already.", "Give a picture, or no --zoom.")
            if film is not None:
                if common.record:
                    raise UsageError("--record is of pictures: what comes out is a film already.")
                role = films.film_role(settings) or ""
                clip, first = films.load(film)
                files = files_of(settings, {**paths, role: []})
                others = read_files(settings, files, common.max_pixels, common.exposure)
                read: Read = {**others, role: [first]}
                return make_film(name, settings, read, clip, common, interrupts, titles)
            files = files_of(settings, paths)
            read = read_files(settings, files, common.max_pixels, common.exposure)
            if rate is not None:
                return make_film(name, settings, read, None, common, interrupts, titles)
            picture = _Picture(name, settings, read, common, titles, graphs)
            code = picture.make(state, interrupts, began)
            if not code:
                picture.tell_of_more(full)
                picture.open()
            return code
        except Interrupted as stop:
            if interrupts.running:
                say("artgen: Interrupted twice: the picture so far was not kept.")
            else:
                say("artgen: Interrupted before the first step: nothing was made.")
            return stop.code


class _Picture:
    """One picture: checked before any work whether it can be written, then made."""

    def __init__(
        self,
        name: str,
        settings: Technique,
        read: Read,
        common: Common,
        titles: Mapping[str, str],
        graphs: bool,
    ) -> None:
        self.name, self.settings, self.read, self.common = name, settings, read, common
        asked = {key: getattr(common, key) for key in ("device", "precision", "tile")}
        self.graphs = graphs and not common.record and at_once(settings, read, **asked)
        size = settings.result_size(taken(read, self.graphs))
        stream = sys.stdout.buffer if common.out == "-" else None
        self.output = Output(name, settings, read, size, common, common.out, stream, titles)
        self.checkpoint = Checkpoint(self.output.path, common.checkpoint)
        self.recording = Recording(common.record) if common.record else None

    def make(self, state: State | None, interrupts: Interrupts, began: float) -> int:
        """Run to the end, or until a signal; returns the exit code."""
        common = self.common
        as_json = common.json and common.out != "-"
        with view(quiet=common.quiet, as_json=as_json, preview=common.preview) as shown:
            runtime = (graph_runtime_of if self.graphs else runtime_of)(common, shown)
            run = Run(self.name, self.settings, self.read, runtime)
            for sentence in (*unusual(self.settings), *notes_of(self.read)):
                shown.note(sentence)
            checkpointing = Checkpointing(self.checkpoint, run, common.bits)
            listeners: list[Listener] = [
                shown,
                Saving(run, self.output, common.save_every, shown, began),
                checkpointing,
            ]
            if self.recording is not None:
                listeners.insert(2, Recorder(self.recording, run, shown.note))
            run.execute(*listeners, control=interrupts, state=state)
            if last := interrupts.last:
                say(f"artgen: Interrupted at iteration {last.index}; the picture so far is kept.")
                if checkpointing.left:
                    say(f"artgen: Go on with: artgen again {self.checkpoint.path}")
        return interrupts.code

    def tell_of_more(self, full: str) -> None:
        """Print the commands that make more of the picture: a draft in full, a cell of a sheet."""
        if self.common.quiet or self.common.json or self.output.path is None:
            return
        again = f"artgen again {shlex.quote(str(self.output.path))}"
        if full:
            say(f"This is a draft. In full: {again} {full}")
        if isinstance(self.settings, HasCells):
            say(f"One cell in full: {again} --cell 1 --size 1024")

    def open(self) -> None:
        """Show the finished picture in the system's viewer, if that is asked for."""
        if self.common.open and self.output.path is not None:
            typer.launch(str(self.output.path))
