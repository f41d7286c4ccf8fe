"""One picture from start to file: load, refuse what cannot work, run, show, save."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from torch import Tensor

from artgen.cli.common import Common
from artgen.cli.filming import film_among, make_film
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.recording import Recording
from artgen.cli.view import View, runtime_of, view
from artgen.core.events import Note, Result, State, Step
from artgen.errors import UsageError
from artgen.ops.resize import resize
from artgen.runs import films
from artgen.runs.checkpoint import Checkpoint
from artgen.runs.inputs import Read, files_of, read_files, skipped, tensors
from artgen.runs.output import PICTURE, Output
from artgen.runs.recipes import Recipe
from artgen.techniques.base import Technique

__all__ = ["run_technique"]


def run_technique(
    name: str,
    settings: Technique,
    paths: Mapping[str, Sequence[str]],
    common: Common,
    state: State | None = None,
) -> int:
    """Makes one picture and returns the exit code: 0, or 130 or 143 where it was interrupted."""
    began = time.monotonic()
    with Interrupts() as interrupts:
        try:
            film, rate = film_among(settings, paths), films.rate_of(settings)
            if film is not None and rate is not None:
                raise UsageError(f"{film} is a film already.", "Give a picture, or no --zoom.")
            if film is not None:
                if common.record:
                    raise UsageError("--record is of pictures: what comes out is a film already.")
                role = films.film_role(settings) or ""
                clip, first = films.load(film)
                files = files_of(settings, {**paths, role: []})
                loaded = read_files(settings, files, common.max_pixels)
                return make_film(
                    name, settings, {**loaded, role: [first]}, clip, common, interrupts
                )
            loaded = read_files(settings, files_of(settings, paths), common.max_pixels)
            if rate is not None:
                return make_film(name, settings, loaded, None, common, interrupts)
            return _Run(name, settings, loaded, common, interrupts, began).make(state)
        except Interrupted as stop:
            if interrupts.running:
                say("artgen: Interrupted twice: the picture so far was not kept.")
            else:
                say("artgen: Interrupted before the first step: nothing was made.")
            return stop.code


class _Run:
    """One run: its pictures, where its own goes, and what is kept of it on the way."""

    def __init__(
        self,
        name: str,
        settings: Technique,
        loaded: Read,
        common: Common,
        interrupts: Interrupts,
        began: float,
    ) -> None:
        self.name, self.settings, self.loaded, self.common = name, settings, loaded, common
        self.interrupts, self.began = interrupts, began
        self.inputs = tensors(loaded)
        self.size = settings.result_size(self.inputs)
        stream = sys.stdout.buffer if common.out == "-" else None
        self.output = Output(name, settings, loaded, self.size, common, common.out, stream)
        self.checkpoint = Checkpoint(self.output.path, common.checkpoint)
        self.recording = Recording(common.record) if common.record else None

    def make(self, state: State | None) -> int:
        """Runs to the end, or until a signal; returns the exit code."""
        common = self.common
        as_json = common.json and common.out != "-"
        with view(quiet=common.quiet, as_json=as_json, preview=common.preview) as shown:
            self.runtime = runtime_of(common, shown)
            for sentence in skipped(self.loaded):
                shown.note(sentence)
            events = self.settings.run(self.inputs, self.runtime, state)
            for event in self.runtime.paced(events):
                if isinstance(event, Note):
                    shown.note(event.sentence)
                elif isinstance(event, Result):
                    self._save(shown, event.pictures[PICTURE], 0, last=True, result=event)
                    self._end_recording(event.pictures[PICTURE], shown, 0)
                    self.checkpoint.remove()
                    break
                elif self._after(event, shown):
                    break
        return self.interrupts.code

    def _after(self, step: Step, shown: View) -> bool:
        """Shows a step and keeps what is to be kept of it; whether the run is to stop."""
        self.interrupts.running = True
        shown.step(step)
        common = self.common
        code, every = self.interrupts.code, common.save_every
        if self.recording is not None:
            with self.interrupts.writing():
                if self.recording.film is None and self.size:
                    self.recording.begin(self.size)
                self.recording.add(step)
        # A step that nothing can go on from has no state.
        kept = self.checkpoint.due(leaving=bool(code)) and bool(step.state())
        if kept:
            with self.interrupts.writing():
                recipe = self._recipe(step.index).dumps()
                self.checkpoint.write(step, {"recipe": recipe, "bits": str(common.bits)})
        if code or (every and step.index % every == 0):
            picture = step.picture().cpu()
            picture = resize(picture, self.size) if self.size else picture
            self._save(shown, picture, step.index, last=bool(code))
            if code:
                self._end_recording(picture, shown, step.index)
        if code:
            say(f"artgen: Interrupted at iteration {step.index}; the picture so far is kept.")
            if kept:
                say(f"artgen: Go on with: artgen again {self.checkpoint.path}")
        return bool(code)

    def _end_recording(self, picture: Tensor, shown: View, interrupted: int) -> None:
        """The film of the run, up to the picture."""
        if self.recording is not None:
            with self.interrupts.writing():
                self.recording.finish(picture, self._recipe(interrupted).dumps())
            shown.note(f"{self.recording.path}: the film of it.")

    def _recipe(self, interrupted: int) -> Recipe:
        return Recipe.of(
            self.name, self.settings, self.runtime, self.loaded, interrupted=interrupted
        )

    def _save_besides(self, shown: View, result: Result) -> None:
        """The result's other pictures, each beside the place of the one that was asked for."""
        for name, picture in result.pictures.items():
            if name == PICTURE:
                continue
            with self.interrupts.writing():
                path = self.output.write_beside(name, picture, self._recipe(0).dumps())
            if path is None:
                shown.note(f"The {name} is not written: there is no place for it on stdout.")
            else:
                shown.note(f"{path}: {picture.shape[-1]} x {picture.shape[-2]} px, the {name}.")

    def _save(
        self,
        shown: View,
        picture: Tensor,
        interrupted: int,
        *,
        last: bool,
        result: Result | None = None,
    ) -> None:
        """Writes the picture, and those that the result has beside it."""
        with self.interrupts.writing():
            self.output.write(picture, self._recipe(interrupted).dumps())
        if result is not None:
            self._save_besides(shown, result)
        where = "-" if self.output.path is None else str(self.output.path)
        size = (picture.shape[-2], picture.shape[-1])
        shown.saved(where, size, time.monotonic() - self.began, last=last)
