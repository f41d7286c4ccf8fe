"""One picture from start to file: load, refuse what cannot work, run, show, save."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from artgen import images
from artgen.cli.common import Common
from artgen.cli.filming import film_among, make_film
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.output import Loaded, Output
from artgen.cli.recording import Recording
from artgen.cli.view import View, runtime_of, view
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import fields_of, files_in
from artgen.errors import UsageError
from artgen.ops.resize import resize
from artgen.runs import films
from artgen.runs.checkpoint import Checkpoint
from artgen.runs.gallery import find_style, find_styles
from artgen.runs.recipes import Recipe
from artgen.techniques.base import Technique

__all__ = ["run_technique"]

MENTIONED = 5  # files of a folder that are named where they cannot be read


def _load(settings: Technique, paths: Mapping[str, Sequence[str]], most: int) -> Loaded:
    """Every input picture, those that a setting names included (`--init FILE`)."""
    wanted = {one.name: list(paths.get(one.name, [])) for one in settings.inputs}
    for one in settings.inputs:
        if one.style:
            found = [
                find_styles(text) if one.many else [find_style(text)] for text in paths[one.name]
            ]
            wanted[one.name] = [str(path) for several in found for path in several]
    for field in fields_of(type(settings)):
        for named in files_in(field, getattr(settings, field.name)):
            path = str(find_style(named.path)) if named.style else named.path
            wanted.setdefault(named.role, []).append(path)
    folders = {one.name for one in settings.inputs if one.folder}
    loaded: dict[str, Sequence[images.Loaded | images.LoadedFolder]] = {}
    for name, many in wanted.items():
        if name in folders:
            loaded[name] = [images.load_folder(path, max_pixels=most) for path in many]
        else:
            loaded[name] = [images.load(path, max_pixels=most) for path in many]
    return loaded


def _skipped(loaded: Loaded) -> Iterator[str]:
    """Says of each folder which of its files are no pictures."""
    for many in loaded.values():
        for one in many:
            if isinstance(one, images.LoadedFolder) and one.skipped:
                names = [path.name for path in one.skipped]
                shown = ", ".join(names[:MENTIONED]) + " and others" * (len(names) > MENTIONED)
                yield f"Left out of {one.path.name}, for no picture can be read: {shown}."


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
                loaded = _load(settings, {**paths, role: []}, common.max_pixels)
                return make_film(
                    name, settings, {**loaded, role: [first]}, clip, common, interrupts
                )
            loaded = _load(settings, paths, common.max_pixels)
            if rate is not None:
                return make_film(name, settings, loaded, None, common, interrupts)
            return _Run(name, settings, loaded, common, interrupts, began).make(state)
        except Interrupted as stop:
            if interrupts.running:
                say("artgen: Interrupted twice: the picture so far was not kept.")
            else:
                say("artgen: Interrupted before the first step: nothing was made.")
            return stop.code


def _pictures(many: Sequence[images.Loaded | images.LoadedFolder]) -> Sequence[Tensor]:
    """The pictures of an input; those of a folder are not read yet."""
    if len(many) == 1:
        return many[0].pictures
    return [picture for one in many for picture in one.pictures]


class _Run:
    """One run: its pictures, where its own goes, and what is kept of it on the way."""

    def __init__(
        self,
        name: str,
        settings: Technique,
        loaded: Loaded,
        common: Common,
        interrupts: Interrupts,
        began: float,
    ) -> None:
        self.name, self.settings, self.loaded, self.common = name, settings, loaded, common
        self.interrupts, self.began = interrupts, began
        self.inputs = {role: _pictures(many) for role, many in loaded.items()}
        self.size = settings.result_size(self.inputs)
        self.output = Output(name, settings, loaded, self.size, common)
        self.checkpoint = Checkpoint(self.output.path, common.checkpoint)
        self.recording = Recording(common.record) if common.record else None

    def make(self, state: State | None) -> int:
        """Runs to the end, or until a signal; returns the exit code."""
        common = self.common
        as_json = common.json and common.out != "-"
        with view(quiet=common.quiet, as_json=as_json, preview=common.preview) as shown:
            self.runtime = runtime_of(common, shown)
            for sentence in _skipped(self.loaded):
                shown.note(sentence)
            events = self.settings.run(self.inputs, self.runtime, state)
            for event in self.runtime.paced(events):
                if isinstance(event, Note):
                    shown.note(event.sentence)
                elif isinstance(event, Result):
                    self._save(shown, event.pictures["picture"], 0, last=True, result=event)
                    self._end_recording(event.pictures["picture"], shown, 0)
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
            if name == "picture":
                continue
            with self.interrupts.writing():
                path = self.output.write_beside(name, picture.cpu(), self._recipe(0))
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
            self.output.write(picture.cpu(), self._recipe(interrupted))
        if result is not None:
            self._save_besides(shown, result)
        where = "-" if self.output.path is None else str(self.output.path)
        size = (picture.shape[-2], picture.shape[-1])
        shown.saved(where, size, time.monotonic() - self.began, last=last)
