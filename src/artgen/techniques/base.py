"""The interface of a technique: its inputs, its settings, its run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Protocol,
    TypeAlias,
    TypeVar,
    runtime_checkable,
)

from artgen.core.registry import Registry
from artgen.core.schema import Reads, fields_of, files_in
from artgen.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from artgen.core.events import Note, Provenance, Result, State, Step
    from artgen.runtime import Runtime

__all__ = [
    "TECHNIQUES",
    "CellRun",
    "Engine",
    "HasCells",
    "HasFlow",
    "HasFrameRate",
    "HasGraphs",
    "HasResolution",
    "HasSteadiness",
    "Input",
    "Inputs",
    "Technique",
    "check_given",
    "followed",
    "reads_of",
]


Event = TypeVar("Event")


@dataclass(frozen=True)
class Input:
    """A kind of picture that a technique takes as a positional argument.

    Attributes:
        name: its key among the inputs.
        help: one line.
        many: whether there may be several pictures.
        style: whether it may be one of the shipped styles, by name.
        folder: whether it is a folder of pictures, which are read one at a time.
        optional: whether it may be left out; only the last may.
        frame: whether the result takes its proportions, transparency and EXIF from it.
        reads: how its pictures are read; see Option.
        film: whether it may be a film, which is then processed frame by frame.
        followed: whether it may be a film of which key frames are made, which the others follow.
        together: how many pictures of one size may be given at once, stacked to (N, 3, H, W); the
            technique makes each of them as it would be made on its own.
    """

    name: str
    help: str
    many: bool = False
    style: bool = False
    folder: bool = False
    optional: bool = False
    frame: bool = False
    reads: Reads = "picture"
    film: bool = False
    followed: bool = False
    together: int = 1


Inputs: TypeAlias = "Mapping[str, Sequence[Tensor]]"
"""Name of an Input -> its pictures, each (1, 3, H, W), or with alpha (1, 4, H, W): see Reads."""


@dataclass(frozen=True)
class CellRun:
    """One cell of a sheet as a run of its own, at full size.

    Attributes:
        technique: its name.
        settings: those that differ from the defaults.
        inputs: for each input, the indices from 0 of the sheet's pictures that it takes.
    """

    technique: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, Sequence[int]]


class Engine(Protocol):
    """What a run computes with: a Runtime, or a GraphRuntime, which needs no torch.

    Attributes:
        graphs: whether it is a GraphRuntime, whose pictures are arrays and no tensors.
        seed: of all random numbers.
    """

    @property
    def graphs(self) -> bool: ...
    @property
    def seed(self) -> int: ...
    @property
    def tile(self) -> str: ...
    def check_room(self, size: tuple[int, int]) -> None:
        """See `Runtime.check_room`."""

    def machine(self, tile: int | None = None) -> dict[str, str | int]:
        """See `Runtime.machine`."""

    def paced(self, events: Iterator[Event]) -> Iterator[Event]:
        """See `Runtime.paced`."""

    def placed(self, picture: Any) -> Any:
        """See `Runtime.placed`."""

    def trained(
        self,
        shares: Mapping[str, float],
        strength: float,
        file: Path | None = None,
        *,
        exact: bool = False,
    ) -> tuple[Any, Provenance]:
        """See `Runtime.trained`."""

    def any_style(
        self, styles: Sequence[Any], weights: Sequence[float], strength: float
    ) -> tuple[Any, Provenance]:
        """See `Runtime.any_style`."""


class Technique(Protocol):
    """A frozen dataclass of settings, whose `run` makes pictures."""

    inputs: ClassVar[tuple[Input, ...]]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        """(H, W) of the picture that a run with these inputs makes; None if only the run can tell.

        `inputs` maps names to pictures (1, 3, H, W).
        """
        ...

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Yield a Step for each iteration and one Result at the end.

        Args:
            inputs: name of an Input -> its pictures, (1, 3, H, W) each, in [0, 1].
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs.
        """
        ...


@runtime_checkable
class HasCells(Protocol):
    """A technique whose picture is a sheet, with cells that can be made as runs of their own."""

    def cell(self, number: int, counts: Mapping[str, int]) -> CellRun:
        """A cell, by its number from 1; `counts` is the number of pictures of each input.

        Raises:
            UsageError: if there is no such cell.
        """
        ...


@runtime_checkable
class HasGraphs(Protocol):
    """A technique that makes some pictures without torch, by a GraphRuntime."""

    def has_graph(self, size: tuple[int, int], styles: int) -> bool:
        """Whether a photo (H, W) can be made so, with a number of style pictures."""
        ...


@runtime_checkable
class HasFrameRate(Protocol):
    """A technique whose steps may be the frames of a film."""

    @property
    def frames_a_second(self) -> Fraction | None:
        """Frames in a second of the film; None if the run makes a picture."""
        ...


@runtime_checkable
class HasResolution(Protocol):
    """A technique whose picture may be for a print of a certain resolution."""

    @property
    def dots_per_inch(self) -> float:
        """The resolution that is written into the file; 0 for none."""
        ...


@runtime_checkable
class HasSteadiness(Protocol):
    """A technique that can start a film's frame from the last one.

    Attributes:
        steady: how far, from 0 to 100.
    """

    @property
    def steady(self) -> float: ...


@runtime_checkable
class HasFlow(Protocol):
    """A technique that lets choose what estimates optical flow.

    Attributes:
        flow: a name for `Runtime.flow`.
    """

    @property
    def flow(self) -> str: ...


def followed(kind: type[Technique]) -> str | None:
    """The input that may be a film whose frames follow key frames; None if there is none."""
    return next((one.name for one in kind.inputs if one.followed), None)


def reads_of(settings: Technique) -> dict[str, Reads]:
    """Input -> how its pictures are read."""
    named = (one.option for one in fields_of(type(settings)))
    found: dict[str, Reads] = {one.name: one.reads for one in settings.inputs}
    return found | {option.file: option.reads for option in named if option.file}


def check_given(settings: Technique, inputs: Inputs) -> None:
    """Check that every input that the settings name has a picture (1, 3, H, W).

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
