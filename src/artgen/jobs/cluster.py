"""Workers on the nodes of a Ray cluster: an actor for each GPU, or for a few processors each.

An actor gets a job when it has none: waiting jobs stay in the driver, which has the ledger. If an
actor's process or node dies, another actor is requested, which Ray starts where there is room, now
or later. The picture that it was making goes to any free actor, by the same rule as on one machine
(backlog.py): a task that Ray itself retries waits for its own actor to be placed again, which
without another node never happens.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from artgen.errors import ArtgenError, UsageError
from artgen.jobs.backlog import Backlog
from artgen.jobs.messages import Event, Job, JobDone, JobStarted, Made, PoolWaiting, Share, Workshop
from artgen.jobs.worker import SentError, sent_error, step_by_step

__all__ = ["Cluster"]

THREADS = 4  # processors of an actor without a GPU
PATIENCE = 1.0  # seconds after which the driver handles a signal at the latest
LONG = 30.0  # seconds without any actor, after which the user is told
NO_ROOM = (
    "The cluster has no room for a worker ({}) now. It is waited for: others may be at work there, "
    "or a node may be missing (see: ray status)."
)


def _ray() -> Any:
    """Ray itself, which takes a second to import and is an extra.

    Raises:
        UsageError: if it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no usage statistics are sent
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "Ray is not installed.", "Install it: pip install 'artgen[ray]'"
        ) from error
    return ray


class Actor:
    """The actor's class. It raises no exception for which the driver would need other packages.

    Args:
        workshop, share: construct its maker.
    """

    def __init__(self, workshop: Workshop, share: Share) -> None:
        self.sent_error: SentError | None = None
        try:
            self.maker = workshop(share)
        except Exception as error:
            self.sent_error = sent_error(error)

    def ready(self) -> SentError | None:
        """The error that keeps it from working; None if there is none."""
        return self.sent_error

    def make(self, job: Job) -> Made | SentError:
        """A picture from file to file, or the error."""
        try:
            return step_by_step(self.maker, job)
        except Exception as error:
            return sent_error(error)


class Cluster:
    """Actors of a Ray cluster; see WorkerPool.

    Args:
        address: `ray://host:port`, `auto` for the cluster that this machine is a node of, `local`
            for one on this machine alone.
        workshop: constructs a maker in an actor; artgen has to be installed on every node.
        workers: how many; 0 for one on each GPU, or for every four processors.

    Raises:
        UsageError: if Ray is not installed, or the address is invalid.
    """

    def __init__(self, address: str, workshop: Workshop, workers: int = 0) -> None:
        if address not in ("auto", "local") and not address.startswith("ray://"):
            raise UsageError(
                f"--cluster cannot be {address!r}.", "Give ray://HOST:PORT, auto or local."
            )
        self._ray = _ray()
        self._address, self._workshop, self._workers = address, workshop, workers
        self._actors: list[Any] = []
        self._waiting: dict[Any, tuple[Any, Job | None]] = {}  # task -> its actor and its job
        self._idle: list[Any] = []
        self._share, self._needs = Share(), {"num_cpus": 1.0}
        self._failed_starts = 0  # actors that died before they were ready, in a row

    def __enter__(self) -> Cluster:
        """Connect to the cluster.

        Raises:
            ArtgenError: if there is no cluster at that address.
        """
        local = {"include_dashboard": False} if self._address == "local" else {}
        try:
            self._ray.init(
                address=self._address, log_to_driver=False, logging_level="ERROR", **local
            )
        except Exception as error:  # Ray raises a dozen kinds
            raise ArtgenError(
                f"There is no Ray cluster at {self._address}: {error}.",
                "Start one: ray start --head",
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self._actors:
            self._ray.kill(actor)
        self._ray.shutdown()

    def make(self, jobs: Iterable[Job]) -> Iterator[Event | PoolWaiting]:
        """Make all jobs; see WorkerPool."""
        backlog = Backlog(jobs)
        self._start_actors(len(backlog))
        yield from self._supply(backlog)
        alone: float | None = time.monotonic()
        while backlog or any(job for _, job in self._waiting.values()):
            if any(job for _, job in self._waiting.values()):
                alone = time.monotonic()
            elif alone is not None and time.monotonic() - alone > LONG:
                alone = None  # one message is enough
                needs = ", ".join(f"{n:g} {one[4:].upper()}" for one, n in self._needs.items())
                yield PoolWaiting(NO_ROOM.format(needs))
            heard = list(self._hear(backlog))
            begun = self._supply(backlog)  # before the events are handled, which takes time
            yield from (*heard, *begun)

    def _supply(self, backlog: Backlog) -> list[JobStarted]:
        """Give a job to every actor that has none."""
        begun = []
        while self._idle and (job := backlog.take(idle=True)):
            actor = self._idle.pop()
            self._waiting[actor.make.remote(job)] = (actor, job)
            begun.append(JobStarted(job))
        return begun

    def _start_actors(self, jobs: int) -> None:
        """Request as many actors as there are jobs for."""
        there = self._ray.cluster_resources()
        gpus, processors = int(there.get("GPU", 0)), int(there.get("CPU", 1))
        count = self._workers or gpus or max(processors // THREADS, 1)
        # More actors than GPUs or processors share them.
        if gpus:
            self._share, self._needs = Share("cuda", 1), {"num_gpus": min(gpus / count, 1.0)}
        else:
            alive = [one["Resources"].get("CPU", 0) for one in self._ray.nodes() if one["Alive"]]
            smallest = min(filter(None, alive), default=1.0)  # an actor runs on one node
            each = min(processors / count, smallest, float(THREADS))
            whole = max(int(each), 1)
            self._share, self._needs = Share("cpu", whole), {"num_cpus": min(each, whole)}
        for _ in range(min(count, jobs) - len(self._actors)):
            self._start()

    def _start(self) -> None:
        """Request one actor; it starts when the cluster has room for it."""
        actor = self._ray.remote(max_restarts=0, **self._needs)(Actor).remote(
            self._workshop, self._share
        )
        self._actors.append(actor)
        self._waiting[actor.ready.remote()] = (actor, None)

    def _replace(self, actor: Any, job: Job | None, error: Exception) -> None:
        """Replace an actor that died; gives up if several in a row die before they are ready."""
        self._failed_starts += job is None
        if self._failed_starts > 1 + len(self._actors):
            raise ArtgenError(
                f"Actors do not start: {error}", "Is artgen installed on every node, as it is here?"
            )
        self._actors.remove(actor)
        self._ray.kill(actor)  # it may only have been unreachable
        self._start()

    def _hear(self, backlog: Backlog) -> Iterator[Event]:
        """The events of a task, if one ends within PATIENCE."""
        done, _ = self._ray.wait(list(self._waiting), timeout=PATIENCE)
        for task in done:
            actor, job = self._waiting.pop(task)
            try:
                found: Made | SentError | None = self._ray.get(task)
            except self._ray.exceptions.RayError as error:
                self._replace(actor, job, error)
                if job:
                    why = f"The process or the node that made it died ({type(error).__name__})."
                    yield from backlog.wrong(job, why)
                continue
            if isinstance(found, SentError) and (found.fatal or job is None):
                raise ArtgenError(found.sentence)
            self._idle.append(actor)
            self._failed_starts = 0
            if isinstance(found, SentError) and job:
                yield from backlog.wrong(job, found.sentence)
            elif isinstance(found, Made) and job:
                backlog.done(job)
                yield JobDone(job, found)
