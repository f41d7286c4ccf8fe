"""One picture from start to file: load, check, run, show, save."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from artgen.cli.common import Common
from artgen.cli.filming import film_among, make_film
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.recording import Recorder, Recording
from artgen.cli.view import runtime_of, view
from artgen.core.events import State
from artgen.core.listeners import Listener
from artgen.errors import UsageError
from artgen.runs import films
from artgen.runs.checkpoint import Checkpoint, Checkpointing
from artgen.runs.execute import Run, Saving
from artgen.runs.inputs import Read, files_of, notes_of, read_files, tensors
from artgen.runs.output import Output
from artgen.techniques.base import Technique

__all__ = ["run_technique"]


def run_technique(
    name: str,
    settings: Technique,
    paths: Mapping[str, Sequence[str]],
    common: Common,
    state: State | None = None,
) -> int:
    """Make one picture; returns the exit code: 0, or 130 or 143 if it was interrupted."""
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
                return make_film(name, settings, read, clip, common, interrupts)
            files = files_of(settings, paths)
            read = read_files(settings, files, common.max_pixels, common.exposure)
            if rate is not None:
                return make_film(name, settings, read, None, common, interrupts)
            return _Picture(name, settings, read, common).make(state, interrupts, began)
        except Interrupted as stop:
            if interrupts.running:
                say("artgen: Interrupted twice: the picture so far was not kept.")
            else:
                say("artgen: Interrupted before the first step: nothing was made.")
            return stop.code


class _Picture:
    """One picture: checked before any work whether it can be written, then made."""

    def __init__(self, name: str, settings: Technique, read: Read, common: Common) -> None:
        self.name, self.settings, self.read, self.common = name, settings, read, common
        size = settings.result_size(tensors(read))
        stream = sys.stdout.buffer if common.out == "-" else None
        self.output = Output(name, settings, read, size, common, common.out, stream)
        self.checkpoint = Checkpoint(self.output.path, common.checkpoint)
        self.recording = Recording(common.record) if common.record else None

    def make(self, state: State | None, interrupts: Interrupts, began: float) -> int:
        """Run to the end, or until a signal; returns the exit code."""
        common = self.common
        as_json = common.json and common.out != "-"
        with view(quiet=common.quiet, as_json=as_json, preview=common.preview) as shown:
            run = Run(self.name, self.settings, self.read, runtime_of(common, shown))
            for sentence in notes_of(self.read):
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
