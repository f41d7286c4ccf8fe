"""Events of a run: steps, notes, and at the end a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FileSet", "Note", "Provenance", "Result", "State", "Step"]

State: TypeAlias = "Mapping[str, Tensor]"
"""What is needed to resume after a step: canvas, counts of steps, the optimiser's state.

The keys `canvas`, `index` (steps made) and `made` (steps made at this scale) are always there.
"""


@dataclass(frozen=True)
class Provenance:
    """Which network, weights and tiles made the pictures of a run.

    Attributes:
        network: name and version of the network, as in `slim@1`; empty for none.
        sha256: of its weights, in hex.
        tile: side of the tiles in pixels; None for one piece.
        beside: name and SHA-256 of each further network that took part.
    """

    network: str = ""
    sha256: str = ""
    tile: int | None = None
    beside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """One iteration: an evaluation of the loss and its gradient, and an update of the canvas.

    Attributes:
        index, total: which iteration of how many, over all scales, from 1.
        scale: (H, W) of the canvas now, in pixels.
        losses: name -> 0-d tensor on the device, evaluated before the update.
        picture: returns a copy of the picture (1, 3, H, W); valid until the generator resumes.
        state: returns what is needed to resume from here; valid until the generator resumes.
        provenance: which network, weights and tiles made it.
    """

    index: int
    total: int | None
    scale: tuple[int, int]
    losses: Mapping[str, Tensor]
    picture: Callable[[], Tensor]
    state: Callable[[], State] = dict
    provenance: Provenance = Provenance()


@dataclass(frozen=True)
class Note:
    """A sentence that the user should read.

    Attributes:
        seconds: of one that says what a run will take, the estimate of its time; 0 otherwise.
    """

    sentence: str
    seconds: float = 0


@dataclass(frozen=True)
class FileSet:
    """Files of a result that belong together, for a folder beside the picture.

    Attributes:
        folder: what the folder's name ends with, after the picture's.
        files: yields (name, bytes) of each, encoded as it is asked for, by the picture's name.
        title: what it is, in a sentence.
    """

    folder: str
    files: Callable[[str], Iterator[tuple[str, bytes]]]
    title: str


@dataclass(frozen=True)
class Result:
    """The last event of a run.

    Attributes:
        pictures: by name, each (1, 3, H, W) in [0, 1], or (1, 4, H, W) with alpha.
        provenance: which network, weights and tiles made them.
        data: name -> bits a channel, of those that are data and no pictures: (1, 1 to 4, H, W).
        pages: by name, HTML pages that need no other file.
        measured: name -> a number found in the finished picture, which its recipe keeps.
        files: a set of files made from it, if any.
    """

    pictures: Mapping[str, Tensor]
    provenance: Provenance = Provenance()
    data: Mapping[str, int] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)
    files: FileSet | None = None
