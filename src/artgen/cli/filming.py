"""One film from start to file: each frame made, shown, and kept chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from artgen import video
from artgen.cli.common import Common
from artgen.cli.interrupts import Interrupts
from artgen.cli.messages import say
from artgen.cli.view import runtime_of, view
from artgen.core.events import Note, Step
from artgen.errors import UsageError
from artgen.runs import films
from artgen.runs.inputs import Read, tensors
from artgen.runs.output import film_path
from artgen.runs.recipes import Recipe
from artgen.techniques.base import Technique

__all__ = ["film_among", "make_film"]


def film_among(settings: Technique, paths: Mapping[str, Sequence[str]]) -> str | None:
    """The path of the film among the inputs, None where there is none.

    Raises:
        UsageError: for a film where the technique takes none.
    """
    role = films.film_role(settings)
    for name, many in paths.items():
        for path in many:
            if not video.is_film(path) or not Path(path).is_file():
                continue
            if name != role or len(many) > 1:
                raise UsageError(f"{path} is a film, and a picture belongs here.")
            return path
    return None


def make_film(
    name: str,
    settings: Technique,
    loaded: Read,
    clip: video.Clip | None,
    common: Common,
    interrupts: Interrupts,
) -> int:
    """Makes the film, or goes on with it; returns 0, or 130 or 143 where it was interrupted.

    Args:
        name, settings: the technique.
        loaded: its inputs, of the film its first frame.
        clip: the film; None where the technique makes one of pictures.
        common: the options.
        interrupts: hears of signals.

    Raises:
        UsageError: for options that a film has not.
    """
    path = _place(name, settings, loaded, common)
    began = time.monotonic()
    inputs = tensors(loaded)
    size, rate = settings.result_size(inputs), films.rate_of(settings)
    if clip is not None:
        size, rate = size or clip.size, clip.rate
    assert size is not None
    assert rate is not None
    with view(quiet=common.quiet, as_json=common.json, preview=common.preview) as shown:
        runtime = runtime_of(common, shown)
        recipe = Recipe.of(name, settings, runtime, loaded).dumps()
        film = video.Film(path, size, rate, recipe=recipe, sound=clip, quality=common.quality)
        if film.done:
            shown.note(f"Going on after frame {film.done}, of {film.growing}.")
        start, state = film.done, film.state
        events = (
            settings.run(inputs, runtime, state or None)
            if clip is None
            else films.shoot(settings, inputs, clip, runtime, start=start, state=state)
        )
        for event in runtime.paced(events):
            if isinstance(event, Note):
                shown.note(event.sentence)
            if not isinstance(event, Step):
                continue
            interrupts.running = True
            shown.step(event)
            with interrupts.writing():
                film.add(event.picture(), event.state)
            if interrupts.code:
                return _left(film, event, interrupts)
        with interrupts.writing():
            # Only now it is known which network was at work, and in which tiles.
            film.finish(Recipe.of(name, settings, runtime, loaded).dumps())
        shown.saved(str(path), size, time.monotonic() - began, last=True)
    return 0


def _left(film: video.Film, step: Step, interrupts: Interrupts) -> int:
    with interrupts.writing():
        film.keep(step.state())
    say(f"artgen: Interrupted after frame {step.index} of {step.total}; {film.growing} has them.")
    say("artgen: The same command goes on from there.")
    return interrupts.code


def _place(name: str, settings: Technique, loaded: Read, common: Common) -> Path:
    """Where the film goes."""
    if common.out == "-":
        raise UsageError("A film cannot go to stdout.", "Give -o a file, such as film.mp4.")
    if common.bits != 8:
        raise UsageError("A film has 8 bits a channel.", "Leave out --bits.")
    return film_path(name, settings, loaded, common.out)
