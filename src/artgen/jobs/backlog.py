"""What is still to be made, and the one rule about what went wrong: once more, alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from artgen.jobs.work import Again, Failed, Job

__all__ = ["Backlog"]


class Backlog:
    """Jobs in their order; those that went wrong come again at the end, and once only.

    A worker that dies may have several pictures in its hands. The one it was making is taken to be
    the cause; the others are only suspected. All of them are tried by a worker that has nothing
    else beside: then it is known.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._fresh = deque(jobs)
        self._apart: deque[Job] = deque()
        self._suspects: set[str] = set()
        self._wrong: set[str] = set()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._apart)

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

    def wrong(self, job: Job, error: str) -> Again | Failed:
        """Something went wrong with it: the first time, or the second."""
        if job.output in self._wrong:
            return Failed(job, error)
        self._wrong.add(job.output)
        self.suspect(job)
        return Again(job, error)
