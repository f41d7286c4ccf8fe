"""The messages of a batch: orders, jobs, events; and the interfaces of makers and worker pools."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from artgen.core.defaults import MAX_PIXELS, QUALITY

__all__ = [
    "Event",
    "Job",
    "JobDone",
    "JobFailed",
    "JobProgress",
    "JobRetried",
    "JobStarted",
    "Made",
    "Maker",
    "Order",
    "PoolWaiting",
    "Share",
    "WorkerPool",
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
        exposure: stops by which linear light is exposed.
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
    exposure: float = 0.0


@dataclass(frozen=True)
class Job:
    """One picture to make, some frames of a film, or a film to join from its chunks.

    Attributes:
        output: its place below the output folder, with slashes.
        name: for display: the content's place below its own folder.
        inputs: the input pictures of its own, role -> paths or URLs.
        frames: of a film, from the first up to the second (excluded); None for anything else.
        after: the outputs that have to be made before it; a film is joined from them.
        film: the output of the film that a chunk belongs to.
    """

    output: str
    name: str
    inputs: Mapping[str, tuple[str, ...]]
    frames: tuple[int, int] | None = None
    after: tuple[str, ...] = ()
    film: str = ""

    @property
    def joins(self) -> bool:
        """Whether it is a film to join from chunks that are made already."""
        return bool(self.after) and self.frames is None


@dataclass(frozen=True)
class Made:
    """Facts about a picture that has been written.

    Attributes:
        seconds: that it took, without waiting.
        bytes: of its file.
        inputs: digest() of its own input pictures, as they were read.
        pixels: of the picture; 0 if unknown.
        notes: what its reading left out, as pairs of a file's name and a sentence about it.
    """

    seconds: float
    bytes: int
    inputs: str
    pixels: int = 0
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class JobStarted:
    """A worker has begun to make a picture."""

    job: Job


@dataclass(frozen=True)
class JobProgress:
    """The progress of a picture."""

    job: Job
    index: int
    total: int | None


@dataclass(frozen=True)
class JobDone:
    """A picture is finished and in its place."""

    job: Job
    made: Made


@dataclass(frozen=True)
class JobRetried:
    """A job failed; it is tried once more, later and on its own."""

    job: Job
    error: str


@dataclass(frozen=True)
class JobFailed:
    """A job failed for the second time."""

    job: Job
    error: str


@dataclass(frozen=True)
class PoolWaiting:
    """No worker is available, and why; the batch continues by itself once one is."""

    sentence: str


Event: TypeAlias = "JobStarted | JobProgress | JobDone | JobRetried | JobFailed"
"""What happens to a job."""


@dataclass(frozen=True)
class Share:
    """A worker's share of the machine: a device, and threads (0 for no limit)."""

    device: str = "cpu"
    threads: int = 0


class Maker(Protocol):
    """Makes pictures, one after the other, and keeps between them what they have in common.

    Loading, making and saving are called from three threads, each in the order of the jobs, so that
    a picture is read and another written while a third is made.

    Attributes:
        together: how many jobs are made at once, at most.
    """

    together: int

    def aside(self) -> None:
        """Called first in each thread that reads or writes while another one makes."""
        ...

    def load(self, job: Job) -> Any:
        """What `make` needs for a job: its pictures, read."""
        ...

    def alike(self, one: Any, other: Any) -> bool:
        """Whether two jobs, as loaded, can be made at once."""
        ...

    def make(
        self, jobs: Sequence[Job], loaded: Sequence[Any], tell: Callable[[int, int | None], None]
    ) -> Sequence[Any]:
        """What `save` needs for each job; calls `tell` with index and total of each step."""
        ...

    def save(self, job: Job, made: Any) -> Made:
        """Write the picture."""
        ...


Workshop: TypeAlias = "Callable[[Share], Maker]"
"""Constructs a maker in a worker process, to which it is sent by pickle."""


class WorkerPool(Protocol):
    """Workers, on this machine or elsewhere; a context manager that starts and ends them."""

    def __enter__(self) -> WorkerPool: ...
    def __exit__(self, *_: object) -> None: ...
    def make(self, jobs: Iterable[Job]) -> Iterator[Event | PoolWaiting]:
        """Make all jobs; each ends as JobDone or JobFailed.

        Raises:
            ArtgenError: if the rest cannot be made either (no weights, a full disk).
        """
        ...


def digest(hashes: Mapping[str, Sequence[str]]) -> str:
    """One hash of several pictures, from their hashes by role."""
    lines = [f"{role} {one}" for role, many in sorted(hashes.items()) for one in many]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
