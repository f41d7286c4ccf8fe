"""Workers on this machine: separate processes, so that one may die and the others continue."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any

from artgen.errors import ArtgenError
from artgen.jobs.backlog import Backlog
from artgen.jobs.messages import Event, Job, JobDone, JobProgress, JobStarted, Share, Workshop
from artgen.jobs.process import WorkerProcess
from artgen.jobs.worker import SentError, serve

__all__ = ["Local", "shares"]

AHEAD = 2  # jobs of a worker besides those being made: one is read, one written
MOST_FAILED_STARTS = (
    2  # workers in a row that die before they are ready, after which the batch ends
)
THREADS = 4  # that a worker can use well; more pictures in parallel use more threads better

# Never a plain fork, which would share CUDA's state and locks. A server process that has imported
# everything and used none of it may be forked: the second worker starts at once.
SERVER = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_processes: Any = multiprocessing.get_context(SERVER)


def shares(workers: int, devices: Sequence[str], threads: int) -> list[Share]:
    """The machine divided among workers.

    Args:
        workers: how many; 0 for one on each GPU, or on a CPU one for every four threads.
        devices: of this machine, best first; the CPU last.
        threads: that may be used in all.
    """
    gpus = [device for device in devices if device != "cpu"]
    count = workers or len(gpus) or max(threads // THREADS, 1)
    mine = max(threads // count, 1)
    return [Share((gpus or ["cpu"])[i % max(len(gpus), 1)], mine) for i in range(count)]


def module_of(workshop: Workshop) -> str:
    """The module that a workshop is from, and that its workers will import."""
    if isinstance(workshop, partial):
        return str(workshop.func.__module__)
    return str(getattr(workshop, "__module__", __name__))


class _Worker(WorkerProcess):
    """Handle to one worker, and the jobs it has."""

    def __init__(self, workshop: Workshop, share: Share) -> None:
        super().__init__(_processes, serve, workshop, share)
        self.share = share
        self.room = 0  # number of further jobs it can take, once it is ready
        self.jobs: dict[str, Job] = {}
        self.making: set[str] = set()  # the outputs of the jobs begun last
        self.start()

    def give(self, job: Job) -> None:
        self.jobs[job.output] = job
        self.tell(job)


class Local:
    """Workers on this machine.

    Args:
        workshop: constructs a maker in a worker.
        shares: one for each worker.
    """

    def __init__(self, workshop: Workshop, shares: Sequence[Share]) -> None:
        self._workshop, self._shares = workshop, shares
        _processes.set_forkserver_preload([module_of(workshop)])
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []

    def make(self, jobs: Iterable[Job]) -> Iterator[Event]:
        """Make all jobs; see WorkerPool."""
        backlog = Backlog(jobs)
        for share in self._shares[len(self._workers) : len(backlog)]:
            self._workers.append(_Worker(self._workshop, share))
        while backlog or any(worker.jobs for worker in self._workers):
            for worker in self._workers:
                self._supply(worker, backlog)
            pipes = {worker.pipe: worker for worker in self._workers}
            for pipe in wait(list(pipes)):
                assert isinstance(pipe, Connection)
                yield from self._hear(pipes[pipe], backlog)

    def _supply(self, worker: _Worker, backlog: Backlog) -> None:
        """Give a worker as many jobs as it may have; at the end they are shared out evenly."""
        room = worker.room if len(backlog) >= len(self._workers) else 1
        if any(map(backlog.alone, worker.jobs.values())):
            return
        while len(worker.jobs) < room and (job := backlog.take(idle=not worker.jobs)):
            worker.give(job)
            if backlog.alone(job):
                return

    def _hear(self, worker: _Worker, backlog: Backlog) -> Iterator[Event]:
        report = worker.heard()
        if report is None:
            yield from self._replace(worker, backlog)
            return
        what, job, more = report
        if what == "ready":
            worker.ready, worker.room, self._failed_starts = True, AHEAD + more, 0
        elif what == "wrong":
            assert isinstance(more, SentError)
            if more.fatal or job is None:
                raise ArtgenError(more.sentence)
            yield from backlog.wrong(worker.jobs.pop(job.output), more.sentence)
        elif what == "done" and job:
            backlog.done(job)
            yield JobDone(worker.jobs.pop(job.output), more)
        elif what == "begun" and job:
            worker.making = more
            yield JobStarted(job)
        elif what == "moved" and job:
            yield JobProgress(job, *more)

    def _replace(self, worker: _Worker, backlog: Backlog) -> Iterator[Event]:
        """Replace a worker that died; its jobs are tried once more."""
        how = worker.end()
        self._failed_starts += not worker.ready
        why = f"The process that made it was {how}. Was there enough memory?"
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise ArtgenError(f"Workers do not start: the process was {how}.")
        for output, job in worker.jobs.items():
            if worker.making == {output} or len(worker.jobs) == 1:
                yield from backlog.wrong(job, why)
            else:
                backlog.suspect(job)
        self._workers[self._workers.index(worker)] = _Worker(self._workshop, worker.share)
