"""The backlog of a batch, and its rule for failures: a job is tried once more, on its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from artgen.jobs.messages import Job, JobFailed, JobRetried

__all__ = ["Backlog"]


class Backlog:
    """Jobs in their order; failed ones come again at the end, once.

    A worker that dies may have several pictures in progress. The one it was making is taken to be
    the cause; the others, or all if it was making several at once, are only suspected. All of them
    are tried again by a worker that has no other job: then the cause is certain.

    Some jobs depend on others: they are not given out until those are done, and fail if one of
    those fails.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._fresh: deque[Job] = deque()
        self._waiting: dict[str, Job] = {}
        self._missing: dict[str, set[str]] = {}  # output -> outputs that have to be done before
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
        """The next job for a worker; None if there is none that it may have."""
        if self._fresh:
            return self._fresh.popleft()
        return self._apart.popleft() if idle and self._apart else None

    def alone(self, job: Job) -> bool:
        """Whether a worker should have no other job besides this one."""
        return job.output in self._suspects

    def suspect(self, job: Job) -> None:
        """A worker died with this job in progress; try it again later, on its own."""
        self._suspects.add(job.output)
        self._apart.append(job)

    def done(self, job: Job) -> None:
        """It is made: jobs that waited only for it can begin."""
        for output, missing in list(self._missing.items()):
            missing.discard(job.output)
            if not missing:
                # Before all others: a worker that continues a film still has it open.
                self._fresh.appendleft(self._waiting.pop(output))
                del self._missing[output]

    def wrong(self, job: Job, error: str) -> Iterator[JobRetried | JobFailed]:
        """It failed: the first time (Again) or the second (Failed)."""
        if job.output not in self._wrong:
            self._wrong.add(job.output)
            self.suspect(job)
            yield JobRetried(job, error)
            return
        yield JobFailed(job, error)
        lost = {job.output}
        for waiting in list(self._waiting.values()):
            if not lost.isdisjoint(waiting.after):
                lost.add(waiting.output)
                del self._waiting[waiting.output], self._missing[waiting.output]
                if not waiting.film:
                    yield JobFailed(waiting, error)
