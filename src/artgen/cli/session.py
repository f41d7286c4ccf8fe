"""The run of a batch: its jobs, ledger and workers, and what is printed about it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from artgen.cli.batch import OF_ONE_PICTURE, Batch, BatchRequest
from artgen.cli.batch_view import BatchView, Notes, batch_view, duration, named
from artgen.cli.common import Common
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.core.processors import may_have_gpu
from artgen.core.schema import fields_of, unusual
from artgen.errors import PictureError, UsageError
from artgen.images.formats import for_output
from artgen.jobs import estimate, report
from artgen.jobs.cluster import Cluster
from artgen.jobs.expand import SUFFIXES, default_pattern, expand, fixed_inputs
from artgen.jobs.film_chunks import FOLDER, cut, notes_of
from artgen.jobs.film_maker import workshop
from artgen.jobs.ledger import Entry, Ledger, entries, where
from artgen.jobs.local import Local, shares
from artgen.jobs.messages import Job, JobDone, JobFailed, Order, PoolWaiting, Share, WorkerPool
from artgen.jobs.recognise import hash_of, recogniser
from artgen.jobs.storage import Outputs, anywhere, outputs, tidied
from artgen.jobs.todo import Plan, make_plan, run, stamps
from artgen.optim.threads import Threads
from artgen.runs.inputs import files_named
from artgen.techniques import technique
from artgen.techniques.base import HasGraphs
from artgen.video import FILMS

__all__ = ["Session", "run_batch", "run_watch"]

SOME_FAILED = 3  # exit code
LISTED = 5  # failed pictures that the last line names


def run_batch(wanted: BatchRequest, common: Common, batch: Batch) -> int:
    """Make what is missing; returns 0, 3 if some failed, 130 or 143 if it was interrupted.

    Raises:
        ArtgenError: if nothing can be made, or nothing more.
    """
    with Interrupts():
        try:
            return Session(wanted, common, batch).make()
        except Interrupted as stop:
            say("artgen: Interrupted: unfinished pictures are dropped. The same command goes on.")
            return stop.code


def run_watch(wanted: BatchRequest, common: Common, batch: Batch, seconds: float) -> int:
    """Make what appears in a folder; returns 130 or 143, by the signal that ends it.

    Raises:
        ArtgenError: if nothing can be made, or nothing more.
    """
    with Interrupts():
        try:
            Session(wanted, common, batch).watch(seconds)
        except Interrupted as stop:
            return stop.code


def refuse(common: Common) -> None:
    """Refuse options that are not for many pictures, before any work."""
    if common.out in ("", "-"):
        raise UsageError("Many pictures go into a folder.", "Name it, as in: -o out/")
    if Path(common.out).suffix.lower() in {*SUFFIXES, *FILMS} and not Path(common.out).is_dir():
        raise UsageError(
            f"Many pictures go into a folder, and {common.out} is a file's name.",
            f"Name a folder, as in: -o {Path(common.out).stem}/",
        )
    for name in OF_ONE_PICTURE:
        if getattr(common, name) != Common.__dataclass_fields__[name].default:
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"{flag} is for one picture at a time.", "Leave it out.")


class Session:
    """One batch: its jobs, its ledger, and its workers."""

    def __init__(self, wanted: BatchRequest, common: Common, batch: Batch) -> None:
        self.wanted, self.common, self.batch = wanted, common, batch
        refuse(common)
        self.root = common.out
        self.kind = technique(wanted.name)
        self.pattern = batch.pattern or default_pattern(wanted.name, self.kind)
        for_output(Path(self.pattern)).check(None, common.bits)
        self.order = _order(wanted, common, fixed_inputs(self.kind, wanted.words, each=batch.each))
        self.recipe = hash_of(self.order)
        self.outputs: Outputs = outputs(self.root)

    def make(self) -> int:
        """Make what is missing, or print what that is; returns the exit code."""
        jobs = self.jobs(self._recorded())
        if self.batch.dry_run:
            return self._foretell(jobs)
        with self._ledger() as ledger, tidied(self.outputs), self._pool() as pool:
            failed = self._round(jobs, ledger, pool)
            if self.batch.report:
                self._report(jobs, failed, ledger.entries())
        return SOME_FAILED if failed else 0

    def watch(self, seconds: float) -> NoReturn:
        """Make what appears among the inputs, until a signal ends it.

        A file is processed once it is the same in two checks, `seconds` apart: before that it may
        still be written.
        """
        with self._ledger() as ledger, tidied(self.outputs), self._pool() as pool:
            before: dict[str, str] = {}
            while True:
                with suppress(PictureError):  # the folder is empty, or missing for a moment
                    jobs = self.jobs(ledger.entries())
                    now = {job.output: stamps(job) for job in jobs}
                    settled = [one for one in jobs if before.get(one.output) == now[one.output]]
                    before = now
                    self._round(settled, ledger, pool, idle=True)
                time.sleep(seconds)

    def _recorded(self) -> dict[str, Entry]:
        """The ledger's entries, as far as they can be read without opening it for writing."""
        with suppress(PictureError):
            return entries(self.outputs.root)
        return {}

    def jobs(self, recorded: Mapping[str, Entry]) -> list[Job]:
        """All jobs for the present inputs; films in chunks. What is recorded keeps its output."""
        wanted = expand(
            self.kind,
            self.wanted.settings,
            self.wanted.words,
            self.pattern,
            each=self.batch.each,
            without=self.root,
            exclude=self.batch.exclude,
            recorded={output: one.name for output, one in recorded.items()},
        )
        if self.batch.cluster:
            wanted = [
                replace(job, inputs={role: tuple(map(anywhere, m)) for role, m in one.items()})
                for job in wanted
                for one in (job.inputs,)
            ]
        return list(cut(wanted, self.wanted.settings))

    def _ledger(self) -> Ledger:
        ledger = Ledger(where(self.outputs.root))
        if ledger.note:
            say(f"artgen: {ledger.note} The pictures themselves tell what is made.")
        return ledger

    def _round(
        self, jobs: Sequence[Job], ledger: Ledger, pool: WorkerPool, *, idle: bool = False
    ) -> list[tuple[Job, str]]:
        """Make what is missing now; returns failures. `idle`: print nothing if there is nothing."""
        plan = self._plan(jobs, ledger.entries())
        ledger.expect(plan.news)
        if not idle:  # a watched folder is seen file by file
            ledger.forsaken(one for one in plan.forsaken if f"{FOLDER}/" not in one)
        for job in plan.done:
            if job.joins:  # a killed process may have left the chunks of a finished film
                self.outputs.remove(job.output + FOLDER)
        if idle and not plan.todo:
            return plan.failed
        common = self.common
        with batch_view(len(plan.todo), quiet=common.quiet, as_json=common.json) as shown:
            for (
                job,
                error,
            ) in plan.failed:  # of an earlier run: those of this one are shown
                if not (idle or job.film):  # a film whose chunk failed is listed itself
                    say(f"artgen: {named(job, error)}")
            failed = plan.failed + self._work(plan.todo, ledger, pool, shown)
            self._sum_up(plan, failed, shown)
        return failed

    def _plan(self, jobs: Sequence[Job], known: Mapping[str, Entry]) -> Plan:
        recognise = recogniser(self.order, self.outputs)
        return make_plan(jobs, self.recipe, known, self.outputs, recognise, self.batch.redo)

    def _pool(self) -> WorkerPool:
        if not self.batch.cluster:
            return Local(workshop(self.order, self.root), self._shares())
        fixed = {role: tuple(map(anywhere, many)) for role, many in self.order.fixed.items()}
        opened = workshop(replace(self.order, fixed=fixed), anywhere(self.root))
        return Cluster(self.batch.cluster, opened, self.batch.count)

    def _shares(self) -> list[Share]:
        torch = not isinstance(self.wanted.settings, HasGraphs) or may_have_gpu()
        there = [self.common.device]
        if self.common.device == "auto":
            there = _devices() if torch else ["cpu"]
        return shares(self.batch.count, there, Threads(self.common.threads, torch=torch).most)

    def _work(
        self, todo: Sequence[Job], ledger: Ledger, pool: WorkerPool, shown: BatchView
    ) -> list[tuple[Job, str]]:
        """Run the jobs; returns those that failed."""
        failed, noted = [], Notes()
        settings = self.wanted.settings
        for sentence in (*unusual(settings), *notes_of(todo, settings)):
            shown.note(sentence)
        for event in run(todo, ledger, pool, self.root):
            if isinstance(event, PoolWaiting):
                shown.note(event.sentence)
                continue
            shown.event(event, self.outputs.source(event.job.output))
            if isinstance(event, JobFailed):
                failed.append((event.job, event.error))
            elif isinstance(event, JobDone):
                noted.add(event.made.notes)
        for sentence in noted.sentences():
            shown.note(sentence)
        return failed

    def _sum_up(self, plan: Plan, failed: Sequence[tuple[Job, str]], shown: BatchView) -> None:
        lost = len(_whole(job for job, _ in failed))
        made = len(_whole(plan.todo)) + len(_whole(job for job, _ in plan.failed)) - lost
        there = len(_whole(plan.done))
        parts = [
            f"{made} made",
            f"{there} there already" if there else "",
            f"{lost} failed" if lost else "",
        ]
        sentence = f"{self.root}: {', '.join(filter(None, parts))}"
        if names := [job.name for job, _ in failed if not job.film]:
            sentence += f": {', '.join(names[:LISTED])}" + " and others" * (len(names) > LISTED)
        shown.end(f"{sentence}.", made=made, there=there, failed=lost)

    def _report(
        self, jobs: Sequence[Job], failed: Sequence[tuple[Job, str]], known: Mapping[str, Entry]
    ) -> None:
        why = {job.output: error for job, error in failed}
        title = f"artgen {self.wanted.name.replace('_', ' ')}: {Path(self.root).name}"
        page = report.report(title, _whole(jobs), why, known, self.outputs)
        self.outputs.write(report.NAME, page.encode())

    def _foretell(self, jobs: Sequence[Job]) -> int:
        """Print the plan: sizes, and an estimate of the time; make nothing."""
        path = where(self.outputs.root)
        known = entries(self.outputs.root) if path.is_file() else {}
        plan = self._plan(jobs, known)
        for job in _whole(plan.todo):
            size = estimate.result_size(self.wanted.settings, self.order, job)
            print(f"{job.name} -> {self.outputs.source(job.output)}" + _said(size))
        lost = [(job, error) for job, error in plan.failed if not job.film]
        for job, error in lost:
            say(f"artgen: {named(job, error)}")
        todo, there = len(_whole(plan.todo)), len(_whole(plan.done))
        parts = [f"{todo} to make", f"{there} there already"]
        parts += [f"{len(lost)} that failed"] if lost else []
        say(f"{self.root}: {', '.join(parts)}{self._time(plan.todo, known)}.")
        return 0

    def _time(self, todo: Sequence[Job], known: Mapping[str, Entry]) -> str:
        """The estimated time in words: from pictures made before, or from one begun."""
        pixels = sum(map(self._pixels, todo))
        if not pixels:
            return ""
        mine = self._shares()
        rate, how = estimate.known_rate(known.values(), self.recipe), "about"
        if rate is None:
            tried = estimate.tried_rate(self.order, mine[0], todo)
            if tried is None:
                return ""
            rate, how = tried
        workers = min(len(mine), len(todo))
        seconds = duration(rate * pixels / workers)
        return f"; {how} {seconds} with {workers} worker{'s' * (workers > 1)}"

    def _pixels(self, job: Job) -> int:
        """The pixels that a job computes; joining a film counts as none."""
        if job.joins:
            return 0
        size = estimate.result_size(self.wanted.settings, self.order, job)
        start, stop = job.frames or (0, 1)
        return size[0] * size[1] * (stop - start) if size else 0


def _devices() -> list[str]:
    """The devices of this machine, best first."""
    from artgen.runtime import devices  # imports torch

    return devices()


def _whole(jobs: Iterable[Job]) -> list[Job]:
    """The jobs without the chunks of films."""
    return [job for job in jobs if not job.film]


def _said(size: tuple[int, int] | None) -> str:
    return f", {size[1]} x {size[0]} px" if size else ""


def _order(wanted: BatchRequest, common: Common, fixed: Mapping[str, tuple[str, ...]]) -> Order:
    """What all pictures have in common, including pictures that settings name (`--init FILE`)."""
    settings = wanted.settings
    values = {field.name: getattr(settings, field.name) for field in fields_of(type(settings))}
    named = {role: tuple(many) for role, many in files_named(settings).items()}
    return Order(
        wanted.name,
        values,
        common.seed,
        {**fixed, **named},
        common.precision,
        common.tile,
        common.max_pixels,
        common.bits,
        common.quality,
        common.keep_exif,
        common.exposure,
    )
