"""What a run tells of itself: steps, notes, and at the end a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Note", "Provenance", "Result", "State", "Step"]

State: TypeAlias = "Mapping[str, Tensor]"
"""All it takes to go on from a step: the canvas, how many steps were made, the optimiser's memory.

Its keys `canvas`, `index` (steps made) and `made` (of them at this scale) are always there.
"""


@dataclass(frozen=True)
class Provenance:
    """What makes the pictures of a run.

    Attributes:
        network: name of the network that looks or paints, its version with it; empty for none.
        sha256: of its weights.
        tile: side of the tiles in pixels; None for one piece.
    """

    network: str = ""
    sha256: str = ""
    tile: int | None = None


@dataclass(frozen=True)
class Step:
    """One iteration has been made: one evaluation of the loss and its gradient, one move.

    Attributes:
        index, total: which iteration of how many, over all scales, from 1.
        scale: (H, W) of the canvas now.
        losses: name -> 0-d tensor on the device, at the point before the move.
        picture: gives a copy of the picture (1, 3, H, W); valid until the generator goes on.
        state: gives what it takes to go on from here; valid until the generator goes on.
        provenance: what has made it.
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
    """Something the user should know, as one sentence."""

    sentence: str


@dataclass(frozen=True)
class Result:
    """The last event of a run.

    Attributes:
        pictures: by name, each (1, 3, H, W) in [0, 1].
        provenance: what has made them.
    """

    pictures: Mapping[str, Tensor]
    provenance: Provenance = Provenance()
