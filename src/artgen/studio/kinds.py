"""What the page can ask for: the techniques, and films that follow painted frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar

from artgen.core.schema import Field, Option, fields_of, validate
from artgen.errors import UsageError
from artgen.runs.following import Following
from artgen.runs.recipes import built
from artgen.techniques import summaries, technique
from artgen.techniques.base import Input
from artgen.techniques.common.options import FILM, Flow, Steady
from artgen.techniques.fast_apply import FastApply

__all__ = ["FOLLOW", "FollowFilm", "allowed", "kind", "known_fields", "offered", "settings"]

FOLLOW = "fast_follow"  # as the command is called


@dataclass(frozen=True)
class FollowFilm(Following):
    """Settings of a film that follows painted frames: of the training, and how it is painted."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("film", "a film", film=True),)

    key: Annotated[
        tuple[str, ...],
        Option(
            "painted frames of the film, each with the number of its frame",
            file="key",
            placed=True,
            metavar="PLACE=FILE",
        ),
    ] = ()
    propagate: Annotated[
        bool,
        Option(
            "put the painted frames themselves, moved along, where the film shows the same",
            first=True,
        ),
    ] = True
    steady: Steady = FastApply.steady
    flow: Flow = FastApply.flow

    def __post_init__(self) -> None:
        validate(self)
        if not self.key:
            raise UsageError("There is no painted frame yet.", "Take a frame, and paint it.")


@cache
def offered() -> Mapping[str, str]:
    """What the page offers: name -> what it does.

    Techniques that need a folder of pictures are left out.
    """
    abouts = summaries()
    folders = {name for name in abouts if any(one.folder for one in technique(name).inputs)}
    found = {name: about for name, about in abouts.items() if name not in folders}
    return {**found, FOLLOW: "Paint one frame of a film, and let all the others follow it"}


def kind(name: str) -> Any:
    """The settings class of what the page offers by this name."""
    return FollowFilm if name == FOLLOW else technique(name)


def known_fields(name: str) -> list[Field]:
    """The settings that the page may set of what it offers by this name."""
    found = kind(name)
    return [one for one in fields_of(found) if allowed(one, film=found is FollowFilm)]


def allowed(one: Field, *, film: bool = False) -> bool:
    """Whether the page may set it: no file of this machine, no folder of files, and of a film
    only where one is asked for.
    """
    return not (one.option.local or one.option.folder) and (film or one.option.group != FILM)


def settings(name: str, values: Mapping[str, Any]) -> Any:
    """Settings from a table.

    Raises:
        RecipeError: for an unknown setting; the hint has the closest one.
        UsageError: for values outside their limits.
    """
    return built(kind(name), name, values)
