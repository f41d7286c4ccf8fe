"""The messages between the server and its worker, through a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from artgen.studio.orders import ResolvedOrder

__all__ = [
    "DraftRequest",
    "DraftResult",
    "JobDropped",
    "JobFailed",
    "JobFinished",
    "JobNote",
    "JobPaused",
    "JobPreview",
    "JobProgress",
    "JobRequest",
    "Report",
    "RunJob",
    "WorkerReady",
    "WorkerRequest",
]


@dataclass(frozen=True)
class RunJob:
    """To the worker: run this order, from the state in the folder if there is one."""

    job: int
    order: ResolvedOrder
    folder: Path


@dataclass(frozen=True)
class JobRequest:
    """To the worker: `pause`, `stop` (and keep) or `drop` the job, if it is running."""

    job: int
    what: str


@dataclass(frozen=True)
class DraftRequest:
    """To the worker: make a small picture now, between two steps of the running job."""

    number: int
    order: ResolvedOrder


WorkerRequest: TypeAlias = "RunJob | JobRequest | DraftRequest"


@dataclass(frozen=True)
class WorkerReady:
    """The worker has imported everything it needs."""


@dataclass(frozen=True)
class JobProgress:
    """The progress of a job.

    Attributes:
        job: its number.
        index, total: the step, of how many; 0 if unknown.
        scale: (H, W) of the canvas.
        losses: by name.
        seconds: since the job was begun, in this worker.
        left: estimated seconds to the end; None if unknown.
        holds: whether it can be paused and continued from here.
        counted: what a step is: `step`, `lesson` of a training, `frame` of a film; `flow` before
            the first lesson.
        keeps: whether there is a result already, which is kept if it is stopped.
    """

    job: int
    index: int
    total: int
    scale: tuple[int, int]
    losses: Mapping[str, float]
    seconds: float
    left: float | None
    holds: bool
    counted: str = "step"
    keeps: bool = True


@dataclass(frozen=True)
class JobPreview:
    """A preview of the running job, as a JPEG."""

    job: int
    jpeg: bytes


@dataclass(frozen=True)
class JobNote:
    """A note: a sentence for the user."""

    job: int
    sentence: str


@dataclass(frozen=True)
class JobFinished:
    """A job is finished; its pictures are in its folder, as 0.png, 1.png and so on.

    Attributes:
        job: its number.
        names: of the pictures; the first is `picture`, or `film`, of which the file is 0.mp4.
        size: (H, W) of the first.
        seconds: that it took, in this worker.
        interrupted: the step at which it was stopped; 0 if it was completed.
        scalable: whether its size is one of its settings.
    """

    job: int
    names: Sequence[str]
    size: tuple[int, int]
    seconds: float
    interrupted: int
    scalable: bool


@dataclass(frozen=True)
class JobPaused:
    """A job was paused; its state is in its folder."""

    job: int
    index: int
    seconds: float


@dataclass(frozen=True)
class JobDropped:
    """A job was dropped, and nothing of it is kept."""

    job: int


@dataclass(frozen=True)
class JobFailed:
    """A job failed."""

    job: int
    sentence: str


@dataclass(frozen=True)
class DraftResult:
    """A draft as a JPEG; or the reason why there is none."""

    number: int
    jpeg: bytes
    seconds: float
    sentence: str = ""


Report: TypeAlias = (
    "WorkerReady | JobProgress | JobPreview | JobNote | JobFinished | JobPaused | JobDropped"
    " | JobFailed | DraftResult"
)
