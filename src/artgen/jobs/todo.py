"""The plan of a batch: the jobs, without those whose picture is finished and still right."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath
from typing import TypeAlias

from artgen.errors import UsageError
from artgen.jobs import storage
from artgen.jobs.ledger import Entry, Ledger
from artgen.jobs.messages import (
    Event,
    Job,
    JobDone,
    JobFailed,
    Made,
    PoolWaiting,
    WorkerPool,
    digest,
)
from artgen.jobs.storage import Outputs, is_url, stamp

__all__ = ["FileState", "Plan", "Recognise", "make_plan", "run"]


@dataclass(frozen=True)
class FileState:
    """What a file at a picture's place says about itself.

    Attributes:
        made: how it was made, if it is this very picture, complete.
        foreign: whether it is a complete picture that artgen has not made.
    """

    made: Made | None = None
    foreign: bool = False


ABSOLUTE = re.compile(r"(?<![\w./:~])(?:/|[A-Za-z]:\\)(?:[^\s/\\:]+[/\\])+")
FOREIGN = (
    "{} is there already, and is not this picture. Move it away, or take --redo all to replace it."
)
Recognise: TypeAlias = Callable[[Job], FileState]


@dataclass
class Plan:
    """The plan of a batch.

    Attributes:
        todo: to be made.
        done: made already.
        failed: failed before, or impossible to make, each with its reason.
        news: entries that the ledger does not have yet.
        forsaken: finished outputs whose input is not among the jobs' any more; they stay.
    """

    todo: list[Job] = field(default_factory=list)
    done: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, str]] = field(default_factory=list)
    news: list[Entry] = field(default_factory=list)
    forsaken: list[str] = field(default_factory=list)


def make_plan(
    jobs: Sequence[Job],
    recipe: str,
    known: Mapping[str, Entry],
    outputs: Outputs,
    recognise: Recognise,
    redo: str = "",
) -> Plan:
    """Compare the jobs with the ledger and the files; nothing is changed.

    Args:
        jobs: all jobs of the batch.
        recipe: hash of the order they are made by.
        known: the ledger's entries.
        outputs: where pictures go.
        recognise: reads a picture that the ledger does not have as finished.
        redo: `failed` to try those again, `all` to make everything again.

    Raises:
        UsageError: if a picture would replace an input.
    """
    _keep_inputs(jobs, outputs)
    plan = Plan()
    found = {job.output: _look(job, recipe, known, outputs, recognise, redo) for job in jobs}
    errors: dict[str, str] = {}
    over = {job.output for job in jobs if job.joins and found[job.output].over}
    for job in jobs:
        look = found[job.output]
        dragged = next((errors[one] for one in job.after if one in errors), "")
        if job.film in over:
            continue  # the film is joined, or has failed: its chunks are not needed
        if error := look.error or dragged:
            errors[job.output] = error
            plan.failed.append((job, error))
        elif look.made:
            plan.done.append(job)
            plan.news.append(look.now.finished(look.made))
        else:
            plan.todo.append(job)
            plan.news.append(look.now)
    plan.news = [one for one in plan.news if known.get(one.output) != one]
    here = {job.output for job in jobs}
    plan.forsaken = [
        output
        for output, one in known.items()
        if output not in here and one.state == "done" and not one.error
    ]
    return plan


@dataclass(frozen=True)
class _JobState:
    """A job's new ledger entry, and its state: made, failed, or neither."""

    now: Entry
    made: Made | None = None
    error: str = ""

    @property
    def over(self) -> bool:
        return bool(self.made or self.error)


def _look(
    job: Job,
    recipe: str,
    known: Mapping[str, Entry],
    outputs: Outputs,
    recognise: Recognise,
    redo: str,
) -> _JobState:
    now = Entry(job.output, job.name, recipe, stamps(job))
    before = known.get(job.output)
    same = before if before and before.recipe == recipe and _unchanged(job, before) else None
    if same and same.state == "failed" and not redo:
        return _JobState(now, error=same.error)
    there = FileState() if redo == "all" else _there(job, same, outputs, recognise)
    if there.foreign and before is None:
        return _JobState(now, error=FOREIGN.format(job.output))
    return _JobState(now, there.made)


def _there(job: Job, same: Entry | None, outputs: Outputs, recognise: Recognise) -> FileState:
    """The file at a job's output."""
    size = outputs.size(job.output)
    if size is None:
        return FileState()
    if same and same.state == "done" and size == same.bytes:
        return FileState(same.made)
    return recognise(job)


def _unchanged(job: Job, before: Entry) -> bool:
    """Whether the inputs are unchanged, by their fingerprints, or else by their bytes."""
    return stamps(job) == before.stamp or bool(before.inputs and before.inputs == job_digest(job))


def _keep_inputs(jobs: Sequence[Job], outputs: Outputs) -> None:
    """Refuse to overwrite inputs."""
    if is_url(outputs.root):
        return
    sources = (one for job in jobs for many in job.inputs.values() for one in many)
    inputs = {os.path.realpath(one) for one in sources if not is_url(one)}
    for job in jobs:
        if os.path.realpath(outputs.source(job.output)) in inputs:
            raise UsageError(
                f"{job.output} is an input too, and would be overwritten.",
                "Choose another -o, or another --pattern.",
            )


def stamps(job: Job) -> str:
    """Fingerprint of a job's inputs: changes when one of them does."""
    return " ".join(stamp(one) for _, many in sorted(job.inputs.items()) for one in many)


@cache
def _hash(source: str, seen: str) -> str:
    return storage.sha256(source)


def job_digest(job: Job) -> str:
    """digest() of a job's inputs as they are now; each file is read once."""
    return digest(
        {role: [_hash(one, stamp(one)) for one in many] for role, many in job.inputs.items()}
    )


def run(
    jobs: Sequence[Job], ledger: Ledger, pool: WorkerPool, root: str = ""
) -> Iterator[Event | PoolWaiting]:
    """Make the jobs, and enter the result of each in the ledger before passing it on.

    Args:
        jobs: to be made.
        ledger: the ledger.
        pool: makes them.
        root: the output folder, which is left out of messages.

    Raises:
        ArtgenError: if the rest cannot be made either; finished pictures are in the ledger.
    """
    for event in pool.make(jobs):
        if isinstance(event, JobDone):
            ledger.done(event.job.output, event.made)
        elif isinstance(event, JobFailed):
            event = JobFailed(event.job, _unplaced(event.error, event.job, root))
            ledger.failed(event.job.output, event.error)
        yield event


def _unplaced(sentence: str, job: Job, root: str) -> str:
    """Without the folders of this machine: ledger and report may be given to anybody."""
    for many in job.inputs.values():
        for one in many:
            sentence = sentence.replace(one, PurePath(one).name)
    for folder in filter(None, (os.path.realpath(root), root, os.getcwd())):
        sentence = sentence.replace(folder + os.sep, "")
    return ABSOLUTE.sub("", sentence)
