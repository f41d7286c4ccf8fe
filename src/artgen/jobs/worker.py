"""A worker process: constructs a maker, and makes one picture after the other.

While one picture is made, the next is read and the last is written: three threads, and a pipe to
the parent process. When the parent ends, the worker ends at once, whatever it is doing; the next
run makes those pictures again.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from queue import Empty, Queue
from typing import Any, TypeAlias

from artgen.core.files import FULL
from artgen.errors import DeviceError, WeightsError, explained
from artgen.jobs.messages import Job, Made, Maker, Share, Workshop

__all__ = [
    "Report",
    "SentError",
    "leave_with_parent",
    "sent_error",
    "serve",
    "step_by_step",
]

OFTEN = 0.25  # seconds between two progress reports of a picture


@dataclass(frozen=True)
class SentError:
    """An error, in a form that can be sent through a pipe.

    Attributes:
        sentence: for the user.
        fatal: whether all other jobs would fail, too.
    """

    sentence: str
    fatal: bool


Report: TypeAlias = "tuple[str, Job | None, Any]"
"""An event, its job, and details: `ready`, `begun`, `moved`, `done`, `wrong`."""


def sent_error(error: BaseException) -> SentError:
    """An error in the form that is sent to the parent process."""
    cause = error if isinstance(error, OSError) else error.__cause__
    full = isinstance(cause, OSError) and cause.errno in FULL - {errno.EFBIG}
    return SentError(explained(error), full or isinstance(error, DeviceError | WeightsError))


def serve(pipe: Connection, workshop: Workshop, share: Share) -> None:
    """The main function of a worker process; returns when it is told to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent handles signals, and ends the worker
    threading.Thread(target=leave_with_parent, daemon=True).start()
    lock = threading.Lock()

    def report(what: str, job: Job | None = None, more: Any = None) -> None:
        with lock:
            pipe.send((what, job, more))

    try:
        maker = workshop(share)
    except Exception as error:
        report("wrong", None, SentError(explained(error), fatal=True))
        return
    report("ready", None, maker.together)
    _Pipeline(maker, report).work(pipe)


def leave_with_parent() -> None:
    """Wait for the end of the parent process, then end this one, too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@dataclass
class _LoadedJob:
    """A job on its way through the three threads."""

    job: Job
    thing: Any
    seconds: float = 0.0


class _Pipeline:
    """Reads, makes and writes at the same time, in three threads."""

    def __init__(self, maker: Maker, report: Callable[..., None]) -> None:
        self.maker, self.report = maker, report
        self.loaded: Queue[_LoadedJob | None] = Queue(maker.together)
        self.made: Queue[_LoadedJob | None] = Queue(1)
        self.settled = threading.Barrier(3)

    def work(self, pipe: Connection) -> None:
        """Work until None comes through the pipe, or it is closed."""
        threads = [
            threading.Thread(target=self._load, args=(pipe,)),
            threading.Thread(target=self._save),
        ]
        for thread in threads:
            thread.start()
        self.settled.wait()
        for pieces in self._groups():
            jobs = [piece.job for piece in pieces]
            for job in jobs:
                self.report("begun", job, {one.output for one in jobs})
            began = time.monotonic()
            tell = _seldom(partial(self._tell, jobs))
            made = self._try(jobs, self.maker.make, jobs, [one.thing for one in pieces], tell)
            each = (time.monotonic() - began) / len(jobs)
            for job, thing in zip(jobs, made or (), strict=bool(made)):
                self.made.put(_LoadedJob(job, thing, each))
        self.made.put(None)
        for thread in threads:
            thread.join()

    def _groups(self) -> Iterator[list[_LoadedJob]]:
        """A job that has been read, with others read by now that can be made together with it."""
        group: list[_LoadedJob] = []
        while True:
            try:
                piece = self.loaded.get(block=not group)
            except Empty:
                yield group
                group = []
                continue
            if piece and (not group or self._fits(piece, group)):
                group.append(piece)
                continue
            if group:
                yield group
            if piece is None:
                return
            group = [piece]

    def _fits(self, piece: _LoadedJob, group: list[_LoadedJob]) -> bool:
        room = len(group) < self.maker.together
        return room and self.maker.alike(group[0].thing, piece.thing)

    def _settle(self) -> None:
        self.maker.aside()
        self.settled.wait()

    def _load(self, pipe: Connection) -> None:
        self._settle()
        while job := _received(pipe):
            loaded = self._try([job], self.maker.load, job)
            if loaded is not None:
                self.loaded.put(_LoadedJob(job, loaded))
        self.loaded.put(None)

    def _save(self) -> None:
        self._settle()
        while piece := self.made.get():
            made = self._try([piece.job], self.maker.save, piece.job, piece.thing)
            if made is not None:
                self.report("done", piece.job, _timed(made, piece.seconds))

    def _tell(self, jobs: Sequence[Job], index: int, total: int | None) -> None:
        for job in jobs:
            self.report("moved", job, (index, total))

    def _try(self, jobs: Sequence[Job], part: Callable[..., Any], *things: Any) -> Any:
        try:
            return part(*things)
        except Exception as error:
            for job in jobs:
                self.report("wrong", job, sent_error(error))
            return None


def step_by_step(maker: Maker, job: Job) -> Made:
    """A job from file to file, one stage after the other."""
    loaded = maker.load(job)
    began = time.monotonic()
    (made,) = maker.make([job], [loaded], lambda *_: None)
    return _timed(maker.save(job, made), time.monotonic() - began)


def _received(pipe: Connection) -> Job | None:
    try:
        job: Job | None = pipe.recv()
    except (EOFError, OSError):
        return None
    return job


def _timed(made: Made, seconds: float) -> Made:
    return replace(made, seconds=seconds)


def _seldom(tell: Callable[[int, int | None], None]) -> Callable[[int, int | None], None]:
    """Passes on a step now and then, not each one."""
    last = 0.0

    def told(index: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= OFTEN:
            last = now
            tell(index, total)

    return told
