"""The worker process: one job after the other, and drafts between two steps of a job."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import cast

import torch

from artgen import images
from artgen.errors import ArtgenError, explained
from artgen.jobs.worker import leave_with_parent
from artgen.optim.threads import Threads
from artgen.runs.execute import execute
from artgen.runs.inputs import read_each
from artgen.runs.output import PICTURE
from artgen.runtime import Runtime
from artgen.studio.kinds import FollowFilm
from artgen.studio.messages import (
    DraftRequest,
    DraftResult,
    JobFailed,
    JobRequest,
    Report,
    RunJob,
    WorkerReady,
    WorkerRequest,
)
from artgen.studio.orders import ResolvedOrder
from artgen.studio.pictures import MOST_PIXELS
from artgen.studio.reports import PREVIEW, jpeg
from artgen.studio.run_film import FilmRun
from artgen.studio.run_job import JobRun
from artgen.techniques.base import Technique, reads_of

__all__ = ["serve"]

GLANCE = 768  # px, long side at which a draft reads its pictures
NICE = 5  # priority below that of the page and other processes


def serve(pipe: Connection) -> None:
    """The worker's main function; returns when the pipe is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent handles signals, and ends the worker
    threading.Thread(target=leave_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICE)
    worker = _Worker(pipe)
    worker.tell(WorkerReady())
    worker.work()


class _Worker:
    """The worker's loop over requests, in their order."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.later: deque[RunJob] = deque()
        self.runtime = Runtime(threads=Threads())  # of the drafts, which all use the same networks
        with suppress(ArtgenError):  # a job that needs it will fail with the reason
            self.runtime.painter()

    def tell(self, report: Report) -> None:
        """Send a report to the server; if that is gone, the worker ends."""
        try:
            self.pipe.send(report)
        except OSError:
            os._exit(1)

    def work(self) -> None:
        """Handle requests until the pipe is closed."""
        while request := self.later.popleft() if self.later else self._next():
            if isinstance(request, DraftRequest):
                self._draft(request)
            elif isinstance(request, RunJob):
                self._paint(request)
            # A JobRequest is ignored here: its job has just ended.

    def _next(self) -> WorkerRequest | None:
        try:
            request: WorkerRequest = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return request

    def _asked(self, job: int) -> str:
        """The request for a job since the last step; drafts are made meanwhile."""
        found = ""
        while self.pipe.poll():
            request = self._next()
            if request is None:
                os._exit(1)
            if isinstance(request, DraftRequest):
                self._draft(request)
            elif isinstance(request, JobRequest) and request.job == job:
                found = request.what
            elif isinstance(request, RunJob):
                self.later.append(request)
        return found

    def _paint(self, task: RunJob) -> None:
        try:
            film = isinstance(task.order.settings, FollowFilm)
            run = (FilmRun if film else JobRun)(task, self.tell, self._asked)
            run.paint()
        except Exception as error:
            self.tell(JobFailed(task.job, explained(error)))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()  # after an out-of-memory error, for the next job

    def _draft(self, request: DraftRequest) -> None:
        began = time.monotonic()
        try:
            picture = self._small(request.order)
        except Exception as error:
            self.tell(DraftResult(request.number, b"", time.monotonic() - began, explained(error)))
            return
        self.tell(DraftResult(request.number, picture, time.monotonic() - began))

    def _small(self, order: ResolvedOrder) -> bytes:
        settings = cast("Technique", order.settings)  # a film has no draft
        reads = reads_of(settings)
        inputs = read_each(
            order.sources,
            lambda role, one: images.thumbnail(
                one.path, GLANCE, max_pixels=MOST_PIXELS, reads=reads.get(role, "picture")
            ),
        )
        result = execute(self.runtime, settings.run(inputs, self.runtime))
        assert result is not None, "a run ends with its result"
        return jpeg(result.pictures[PICTURE], PREVIEW, quality=88)
