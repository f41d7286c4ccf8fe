"""Workers on this machine: separate processes, so that one may die and the others continue."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any

from artgen.errors import ArtgenError
from artgen.jobs.backlog import Backlog
from artgen.jobs.messages import Begun, Done, Event, Job, Moved, Share, Workshop
from artgen.jobs.process import Hand
from artgen.jobs.worker import Trouble, serve

__all__ = ["Local", "shares"]

AHEAD = 2  # jobs of a worker besides those being made: one is read, one written
STILLBORN = 2  # workers in a row that die before they are ready, after which the batch ends
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


class _Hand(Hand):
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
        self._hands: list[_Hand] = []
        self._stillborn = 0

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            hand.end()
        self._hands = []

    def make(self, jobs: Iterable[Job]) -> Iterator[Event]:
        """Make all jobs; see Crew."""
        backlog = Backlog(jobs)
        for share in self._shares[len(self._hands) : len(backlog)]:
            self._hands.append(_Hand(self._workshop, share))
        while backlog or any(hand.jobs for hand in self._hands):
            for hand in self._hands:
                self._supply(hand, backlog)
            pipes = {hand.pipe: hand for hand in self._hands}
            for pipe in wait(list(pipes)):
                assert isinstance(pipe, Connection)
                yield from self._hear(pipes[pipe], backlog)

    def _supply(self, hand: _Hand, backlog: Backlog) -> None:
        """Give a worker as many jobs as it may have; at the end they are shared out evenly."""
        room = hand.room if len(backlog) >= len(self._hands) else 1
        if any(map(backlog.alone, hand.jobs.values())):
            return
        while len(hand.jobs) < room and (job := backlog.take(idle=not hand.jobs)):
            hand.give(job)
            if backlog.alone(job):
                return

    def _hear(self, hand: _Hand, backlog: Backlog) -> Iterator[Event]:
        report = hand.heard()
        if report is None:
            yield from self._replace(hand, backlog)
            return
        what, job, more = report
        if what == "ready":
            hand.ready, hand.room, self._stillborn = True, AHEAD + more, 0
        elif what == "wrong":
            assert isinstance(more, Trouble)
            if more.fatal or job is None:
                raise ArtgenError(more.sentence)
            yield from backlog.wrong(hand.jobs.pop(job.output), more.sentence)
        elif what == "done" and job:
            backlog.done(job)
            yield Done(hand.jobs.pop(job.output), more)
        elif what == "begun" and job:
            hand.making = more
            yield Begun(job)
        elif what == "moved" and job:
            yield Moved(job, *more)

    def _replace(self, hand: _Hand, backlog: Backlog) -> Iterator[Event]:
        """Replace a worker that died; its jobs are tried once more."""
        how = hand.end()
        self._stillborn += not hand.ready
        why = f"The process that made it was {how}. Was there enough memory?"
        if self._stillborn >= STILLBORN:
            raise ArtgenError(f"Workers do not start: the process was {how}.")
        for output, job in hand.jobs.items():
            if hand.making == {output} or len(hand.jobs) == 1:
                yield from backlog.wrong(job, why)
            else:
                backlog.suspect(job)
        self._hands[self._hands.index(hand)] = _Hand(self._workshop, hand.share)
