"""What is still to be made, and the one rule about what went wrong: once more, alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from artgen.jobs.messages import Again, Failed, Job

__all__ = ["Backlog"]


class Backlog:
    """Jobs in their order; those that went wrong come again at the end, and once only.

    A worker that dies may have several pictures in its hands. The one it was making is taken to be
    the cause; the others, or all where it was making several, are only suspected. All of them are
    tried by a worker that has nothing else beside: then it is known.

    Some jobs wait for others: nobody gets them until those are done, and where one of those fails
    they fail with it.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._fresh: deque[Job] = deque()
        self._waiting: dict[str, Job] = {}
        self._missing: dict[str, set[str]] = {}  # output -> what is to be done before it
        coming: set[str] = set()
        for job in jobs:
            coming.add(job.output)
            missing = coming.intersection(job.after)
            if missing:
                self._waiting[job.output], self._missing[job.output] = job, missing
            else:
                self._fresh.append(job)
        self._apart: deque[Job] = deque()
        self._suspects: set[str] = set()
        self._wrong: set[str] = set()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._apart) + len(self._waiting)

    def take(self, *, idle: bool) -> Job | None:
        """The next job for a worker; None where there is none that it may have."""
        if self._fresh:
            return self._fresh.popleft()
        return self._apart.popleft() if idle and self._apart else None

    def alone(self, job: Job) -> bool:
        """Whether a worker is to have no other job beside this one."""
        return job.output in self._suspects

    def suspect(self, job: Job) -> None:
        """It was in the hands of a worker that died; later, alone, it will be seen why."""
        self._suspects.add(job.output)
        self._apart.append(job)

    def done(self, job: Job) -> None:
        """It is made: those that waited for nothing else can be."""
        for output, missing in list(self._missing.items()):
            missing.discard(job.output)
            if not missing:
                # Before all others: who goes on with a film still has it open.
                self._fresh.appendleft(self._waiting.pop(output))
                del self._missing[output]

    def wrong(self, job: Job, error: str) -> Iterator[Again | Failed]:
        """Something went wrong with it: the first time, or the second."""
        if job.output not in self._wrong:
            self._wrong.add(job.output)
            self.suspect(job)
            yield Again(job, error)
            return
        yield Failed(job, error)
        lost = {job.output}
        for waiting in list(self._waiting.values()):
            if not lost.isdisjoint(waiting.after):
                lost.add(waiting.output)
                del self._waiting[waiting.output], self._missing[waiting.output]
                if not waiting.film:
                    yield Failed(waiting, error)
