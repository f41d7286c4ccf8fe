"""What a technique is: its inputs, its settings, its run; and the registry of them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from artgen.core.registry import Registry
from artgen.core.schema import fields_of, files_in
from artgen.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.core.events import Note, Result, State, Step
    from artgen.runtime import Runtime

__all__ = [
    "TECHNIQUES",
    "Cut",
    "HasCells",
    "HasFrameRate",
    "HasSteadiness",
    "Input",
    "Inputs",
    "Technique",
    "check_given",
]


@dataclass(frozen=True)
class Input:
    """A kind of picture that a technique takes as a positional argument.

    Attributes:
        name: its key among the inputs.
        help: one line.
        many: whether there may be several.
        style: whether it may be one of the shipped styles, by name.
        folder: whether it is a folder of pictures, and they are read one at a time.
        optional: whether it may be left out; only the last may.
        frame: whether the result takes over its proportions, transparency and EXIF.
        film: whether it may be a film, which is then worked on frame by frame.
        together: as how many pictures of one size, (N, 3, H, W), a single one may come, where the
            technique makes each of them as it would be made by itself.
    """

    name: str
    help: str
    many: bool = False
    style: bool = False
    folder: bool = False
    optional: bool = False
    frame: bool = False
    film: bool = False
    together: int = 1


Inputs: TypeAlias = "Mapping[str, Sequence[Tensor]]"
"""Name of an Input -> its pictures, each (1, 3, H, W)."""


@dataclass(frozen=True)
class Cut:
    """A cell of a sheet as a run of its own, in full.

    Attributes:
        technique: its name.
        settings: those that differ from the defaults.
        inputs: which of the sheet's pictures it takes, of each input, from 0.
    """

    technique: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, Sequence[int]]


class Technique(Protocol):
    """A frozen dataclass of settings that makes pictures, and may know how large they will be."""

    inputs: ClassVar[tuple[Input, ...]]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        """(H, W) of the picture that a run with these inputs makes; None if only the run tells."""
        ...

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Yields a Step for each iteration and one Result at the end.

        With the `state` of a step of a run with the same settings and inputs, it goes on from
        there.
        """
        ...


@runtime_checkable
class HasCells(Protocol):
    """A technique whose picture is a sheet, and can tell a cell of it as a run of its own."""

    def cell(self, number: int, counts: Mapping[str, int]) -> Cut:
        """A cell, from 1; `counts` says how many pictures there are of each input.

        Raises:
            UsageError: if there is no such cell.
        """
        ...


@runtime_checkable
class HasFrameRate(Protocol):
    """A technique whose steps may be the frames of a film."""

    @property
    def frames_a_second(self) -> Fraction | None:
        """Of the film; None where a picture is made."""
        ...


@runtime_checkable
class HasSteadiness(Protocol):
    """A technique that makes a film's frame of the last one too.

    Attributes:
        steady: how far, from 0 to 100.
    """

    @property
    def steady(self) -> float: ...


def check_given(settings: Technique, inputs: Inputs) -> None:
    """Refuses inputs without a picture that the settings name.

    Raises:
        UsageError: for the first that is missing.
    """
    for field in fields_of(type(settings)):
        for named in files_in(field, getattr(settings, field.name)):
            if not inputs.get(named.role):
                raise UsageError(
                    f"The picture {named.path!r} for {named.role!r} was not given.",
                    f"Give it as the input {named.role!r}.",
                )


TECHNIQUES: Registry[type[Technique]] = Registry("technique")
