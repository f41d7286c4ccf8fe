"""What is moved about when many pictures are made: orders, jobs, and what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from artgen.core.defaults import MAX_PIXELS, QUALITY

__all__ = [
    "Again",
    "Begun",
    "Crew",
    "Done",
    "Event",
    "Failed",
    "Job",
    "Made",
    "Maker",
    "Moved",
    "Order",
    "Share",
    "Waiting",
    "Workshop",
    "digest",
]


@dataclass(frozen=True)
class Order:
    """What all pictures of a batch have in common.

    Attributes:
        technique, settings, seed: as in a recipe.
        fixed: the input pictures that are the same for all, role -> paths or URLs.
        precision, tile, max_pixels: as the runtime and the reader take them.
        bits, quality, keep_exif: how pictures are written.
    """

    technique: str
    settings: Mapping[str, Any]
    seed: int = 0
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    precision: str = "auto"
    tile: str = "auto"
    max_pixels: int = MAX_PIXELS
    bits: int = 8
    quality: int = QUALITY
    keep_exif: bool = False


@dataclass(frozen=True)
class Job:
    """One picture to make, some frames of a film, or that film of its chunks.

    Attributes:
        output: its place below the output folder, with slashes.
        name: what it is made of, as people read it: the content's place below its own folder.
        inputs: the input pictures that are its own, role -> paths or URLs.
        frames: of a film, from the first up to the second; None for anything else.
        after: the outputs that it cannot be made without; a film is joined of them.
        film: the output of the film that a chunk is for.
    """

    output: str
    name: str
    inputs: Mapping[str, tuple[str, ...]]
    frames: tuple[int, int] | None = None
    after: tuple[str, ...] = ()
    film: str = ""

    @property
    def joins(self) -> bool:
        """Whether it is a film, made of chunks that are there already."""
        return bool(self.after) and self.frames is None


@dataclass(frozen=True)
class Made:
    """What is known of a picture once it is written.

    Attributes:
        seconds: that it took, waiting not included.
        bytes: of its file.
        inputs: digest() of its own input pictures, as they were read.
        pixels: it has; 0 where nobody counted.
    """

    seconds: float
    bytes: int
    inputs: str
    pixels: int = 0


@dataclass(frozen=True)
class Begun:
    """A picture is being worked on."""

    job: Job


@dataclass(frozen=True)
class Moved:
    """How far a picture has got."""

    job: Job
    index: int
    total: int | None


@dataclass(frozen=True)
class Done:
    """A picture lies in its place, whole."""

    job: Job
    made: Made


@dataclass(frozen=True)
class Again:
    """Something went wrong; the job is tried once more, later and alone."""

    job: Job
    error: str


@dataclass(frozen=True)
class Failed:
    """It went wrong twice."""

    job: Job
    error: str


@dataclass(frozen=True)
class Waiting:
    """Nobody can work now, and why; it goes on by itself once that has changed."""

    sentence: str


Event: TypeAlias = "Begun | Moved | Done | Again | Failed"
"""What becomes of a job."""


@dataclass(frozen=True)
class Share:
    """A worker's share of the machine: a device, and threads (0 for as many as it likes)."""

    device: str = "cpu"
    threads: int = 0


class Maker(Protocol):
    """Makes pictures, one after the other, and keeps between them what they have in common.

    Loading, making and saving are called from three threads, each in the order of the jobs, so that
    a picture is read and another written while a third is made.

    Attributes:
        together: how many jobs are made in one go, at most.
    """

    together: int

    def aside(self) -> None:
        """Called first in each thread that reads or writes while another one makes."""
        ...

    def load(self, job: Job) -> Any:
        """What `make` wants to have of a job: its pictures, read."""
        ...

    def alike(self, one: Any, other: Any) -> bool:
        """Whether what was loaded for two jobs can be made in one go."""
        ...

    def make(
        self, jobs: Sequence[Job], loaded: Sequence[Any], tell: Callable[[int, int | None], None]
    ) -> Sequence[Any]:
        """What `save` wants of each; `tell` hears index and total of each step."""
        ...

    def save(self, job: Job, made: Any) -> Made:
        """Writes the picture."""
        ...


Workshop: TypeAlias = "Callable[[Share], Maker]"
"""Gives a maker in a worker; it is pickled on the way there."""


class Crew(Protocol):
    """Workers, here or elsewhere. They are there while it is entered."""

    def __enter__(self) -> Crew: ...
    def __exit__(self, *_: object) -> None: ...
    def make(self, jobs: Iterable[Job]) -> Iterator[Event | Waiting]:
        """Makes them all; each ends as Done or Failed.

        Raises:
            ArtgenError: where the rest cannot be made either (no weights, a full disk).
        """
        ...


def digest(hashes: Mapping[str, Sequence[str]]) -> str:
    """One hash for pictures, of their hashes by role."""
    lines = [f"{role} {one}" for role, many in sorted(hashes.items()) for one in many]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
