"""One film from start to file: its frames are made, shown, and saved in chunks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artgen import video
from artgen.cli.common import Common
from artgen.cli.interrupts import Interrupts
from artgen.cli.messages import say
from artgen.cli.view import runtime_of, view
from artgen.core.schema import unusual
from artgen.errors import UsageError
from artgen.runs import films
from artgen.runs.execute import Run
from artgen.runs.filming import Filming
from artgen.runs.inputs import Read
from artgen.runs.output import NONE, film_path
from artgen.techniques.base import Technique

__all__ = ["film_among", "make_film"]


def film_among(
    settings: Technique, paths: Mapping[str, Sequence[str]], common: Common
) -> str | None:
    """The path of the film among the inputs, None if there is none.

    An animated picture is a film where the technique takes one, and the output can be one.

    Raises:
        UsageError: for a film if the technique takes none.
    """
    role = films.film_role(settings)
    filmed = films.rate_of(settings) is not None or bool(common.record)
    for name, many in paths.items():
        alone = name == role and len(many) == 1
        for path in many:
            if not Path(path).is_file():
                continue
            if not films.moves(path, common.out, still=filmed or not alone):
                continue
            if not alone:
                followed = any(one.followed and one.name == name for one in settings.inputs)
                raise UsageError(
                    f"{path} is a film, and a picture belongs here.",
                    "With --follow, key frames of it are painted, and the others follow them."
                    * followed,
                )
            return path
    return None


def make_film(
    name: str,
    settings: Technique,
    read: Read,
    clip: video.Clip | None,
    common: Common,
    interrupts: Interrupts,
    titles: Mapping[str, str] = NONE,
    known: films.Known = films.nothing_known,
    follow: Mapping[str, Any] = NONE,
) -> int:
    """Make the film, or continue it; returns 0, or 130 or 143 if it was interrupted.

    Args:
        name, settings: the technique.
        read: its inputs, with the film's first frame.
        clip: the film; None if the technique makes one from pictures.
        common: the options.
        interrupts: handles signals.
        titles: names for the file's name; see `runs.output.stem`.
        known, follow: see `films.shoot` and `Recipe.follow`.

    Raises:
        UsageError: for options that films do not have.
    """
    path = _place(name, settings, read, common, clip, titles)
    began = time.monotonic()
    with view(quiet=common.quiet, as_json=common.json, preview=common.preview) as shown:
        runtime = runtime_of(common, shown)
        run = Run(name, settings, read, runtime, follow)
        size, rate = run.size, films.rate_of(settings)
        timing = video.Timing(rate) if rate is not None else None
        if clip is not None:
            size, timing = size or clip.size, clip.timing
        assert size is not None
        assert timing is not None
        film = video.Film(
            path, size, timing, recipe=run.recipe(), source=clip, quality=common.quality
        )
        for sentence in (*unusual(settings), *(clip.notes if clip else ()), *film.notes):
            shown.note(sentence)
        if film.done:
            shown.note(f"Going on after frame {film.done}, of {film.growing}.")
        Filming(film, run, clip, known).execute(shown, control=interrupts)
        if last := interrupts.last:
            say(
                f"artgen: Interrupted after frame {last.index} of {last.total}; "
                f"{film.growing} has them."
            )
            say("artgen: The same command goes on from there.")
            return interrupts.code
        shown.saved(str(path), size, time.monotonic() - began, last=True)
    return 0


def _place(
    name: str,
    settings: Technique,
    read: Read,
    common: Common,
    clip: video.Clip | None,
    titles: Mapping[str, str],
) -> Path:
    """The film's path."""
    if common.out == "-":
        raise UsageError("A film cannot go to stdout.", "Give -o a file, such as film.mp4.")
    if common.bits != 8:
        raise UsageError("A film has 8 bits a channel.", "Leave out --bits.")
    return film_path(name, settings, read, common.out, clip.path if clip else None, titles)
