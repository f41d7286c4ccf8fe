"""What the words of a command ask for: its inputs in either order, and those of a preset."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artgen.core.schema import fields_of
from artgen.errors import UsageError
from artgen.runs.gallery import styles
from artgen.runs.own_style import with_own_style
from artgen.runs.presets import Preset
from artgen.runs.word_order import in_order
from artgen.techniques.base import Technique

__all__ = ["Request", "full", "request"]

PRESET = "preset"


@dataclass(frozen=True)
class Request:
    """What a command's words and options ask for.

    Attributes:
        settings: setting -> value, in their own types.
        words: input -> the words for it.
        titles: names for the file's name; see `runs.output.stem`.
        seed: that of the preset; None if there is none, or another one was given.
    """

    settings: Mapping[str, Any]
    words: Mapping[str, Sequence[str]]
    titles: Mapping[str, str]
    seed: int | None


def request(
    kind: type[Technique],
    settings: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    said: set[str],
    preset: Preset | None,
) -> Request:
    """Complete what was given by what a preset has; a given value counts more than the preset's.

    Args:
        kind: the technique.
        settings: all its settings.
        words: input -> the words given for it.
        said: names of the settings that were given.
        preset: the preset, if any.

    Raises:
        UsageError: if an input is missing (the hint lists the styles if it may be one), or a
            picture's own style cannot be found.
    """
    settings, given = in_order(kind, settings, words)
    complete: dict[str, Sequence[str]] = {**given}
    if preset is not None:
        given_now = {key: settings[key] for key in settings if key in said}
        settings = {**settings, **preset.settings, **given_now}
        complete = {key: given[key] or preset.pictures.get(key, ()) for key in given}
    for one in kind.inputs:
        if not (complete[one.name] or one.optional):
            hint = f"Name one, as in: artgen … {' '.join(map(str.upper, complete))}."
            if one.style:
                hint = f"Name a picture, or one of {', '.join(styles())}; or give a --preset."
            raise UsageError(f"There is no {one.name.upper()}.", hint)
    settings = with_own_style(kind, settings, complete)
    seed = preset.seed if preset is not None and "seed" not in said else None
    return Request(settings, complete, _titles(preset, complete, given), seed)


def _titles(
    preset: Preset | None, words: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Names for the file's name: the preset's for its pictures, a folder's for those in it."""
    titles = {
        role: Path(many[0]).resolve().name
        for role, many in words.items()
        if len(many) == 1 and os.path.isdir(many[0])
    }
    if preset is not None:
        own = [role for role, many in words.items() if many and not given[role]]
        titles |= dict.fromkeys(own or [PRESET], preset.path.stem)
    return titles


def full(settings: Technique) -> str:
    """The options with which `artgen again` makes a draft's picture in full."""
    drafted = (field for field in fields_of(type(settings)) if field.option.draft is not None)
    values = ((field, getattr(settings, field.name)) for field in drafted)
    return " ".join(f"{field.flag} {value}" for field, value in values if value != "")
