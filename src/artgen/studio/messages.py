"""What the server and its worker say to each other, through a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from artgen.studio.orders import Commission

__all__ = [
    "Aside",
    "Ask",
    "Draft",
    "Drafted",
    "Dropped",
    "Live",
    "Made",
    "Moved",
    "Noted",
    "Paint",
    "Ready",
    "Report",
    "Wish",
    "Wrong",
]


@dataclass(frozen=True)
class Paint:
    """To the worker: paint this, from the state in the folder if there is one."""

    job: int
    commission: Commission
    folder: Path


@dataclass(frozen=True)
class Ask:
    """To the worker: `pause`, `stop` (and keep) or `drop` the job, if it has it in its hands."""

    job: int
    what: str


@dataclass(frozen=True)
class Draft:
    """To the worker: a small picture now, between two steps of whatever it does."""

    number: int
    commission: Commission


Wish: TypeAlias = "Paint | Ask | Draft"


@dataclass(frozen=True)
class Ready:
    """The worker has imported what it needs, and can begin at once."""


@dataclass(frozen=True)
class Moved:
    """A job has got on.

    Attributes:
        job: its number.
        index, total: the step, of how many; 0 where nobody knows.
        scale: (H, W) of the canvas.
        losses: by name.
        seconds: since it was begun, in this worker.
        left: seconds that it will still take; None where nobody knows.
        holds: whether it can be put aside and go on from here.
    """

    job: int
    index: int
    total: int
    scale: tuple[int, int]
    losses: Mapping[str, float]
    seconds: float
    left: float | None
    holds: bool


@dataclass(frozen=True)
class Live:
    """What a job looks like now, as a JPEG."""

    job: int
    jpeg: bytes


@dataclass(frozen=True)
class Noted:
    """A sentence that the user should read."""

    job: int
    sentence: str


@dataclass(frozen=True)
class Made:
    """A job's pictures lie in its folder, as 0.png, 1.png and so on.

    Attributes:
        job: its number.
        names: of the pictures; the first is `picture`.
        size: (H, W) of that.
        seconds: that it took, in this worker.
        interrupted: the step at which it was stopped; 0 if it came to its end.
        scalable: whether its size is one of its settings.
    """

    job: int
    names: Sequence[str]
    size: tuple[int, int]
    seconds: float
    interrupted: int
    scalable: bool


@dataclass(frozen=True)
class Aside:
    """A job was put aside; its state lies in its folder."""

    job: int
    index: int
    seconds: float


@dataclass(frozen=True)
class Dropped:
    """A job was given up, and nothing of it is kept."""

    job: int


@dataclass(frozen=True)
class Wrong:
    """A job cannot be made."""

    job: int
    sentence: str


@dataclass(frozen=True)
class Drafted:
    """A draft as a JPEG; or why there is none."""

    number: int
    jpeg: bytes
    seconds: float
    sentence: str = ""


Report: TypeAlias = "Ready | Moved | Live | Noted | Made | Aside | Dropped | Wrong | Drafted"
