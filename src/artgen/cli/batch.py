"""Many pictures from one command: what is missing is made, and what went wrong is listed last."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer

from artgen.cli.batch_view import BatchView, batch_view, duration, named
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.run import Common
from artgen.errors import UsageError
from artgen.images.formats import for_output
from artgen.jobs import forecast
from artgen.jobs.expand import Found, default_pattern, expand, find, is_many
from artgen.jobs.finished import hash_of, recogniser
from artgen.jobs.ledger import Entry, Ledger, entries, where
from artgen.jobs.local import Local, shares
from artgen.jobs.places import Outputs, is_url, outputs
from artgen.jobs.plan import Plan, make_plan, run
from artgen.jobs.studio import workshop
from artgen.jobs.work import Crew, Failed, Job, Order, Share
from artgen.runtime import devices
from artgen.settings import fields_of
from artgen.techniques import Technique, technique

__all__ = ["Batch", "Wanted", "is_batch", "one_picture", "run_batch"]

MANY = "Many pictures"  # a heading of `--help`
OF_ONE_PICTURE = ("save_every", "preview", "checkpoint")  # options of Common
SOME_FAILED = 3  # exit code


@dataclass(frozen=True)
class Batch:
    """The options that only matter when a folder or a glob is given; see Common."""

    each: Annotated[
        bool,
        typer.Option(
            "--each",
            help="one picture for each style (or sample), not one of them all",
            metavar="",
            rich_help_panel=MANY,
        ),
    ] = False
    pattern: Annotated[
        str,
        typer.Option(
            help="names of the pictures below -o, such as {content}-{style}.png",
            metavar="NAME",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = ""
    redo: Annotated[
        str,
        typer.Option(
            help="make those again that failed, or all; else only what is missing or changed",
            metavar="failed|all",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = ""
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="show what would be made", metavar="", rich_help_panel=MANY),
    ] = False
    workers: Annotated[
        str,
        typer.Option(
            help="processes that make pictures; auto is one on each GPU, or on a CPU one for "
            "every four threads",
            metavar="NUMBER|auto",
            rich_help_panel=MANY,
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        """Refuses what makes no sense in any batch."""
        if self.redo not in ("", "failed", "all"):
            raise UsageError(f"--redo cannot be {self.redo!r}.", "It can be failed or all.")
        if self.workers != "auto" and not (self.workers.isdecimal() and int(self.workers)):
            raise UsageError(f"--workers cannot be {self.workers!r}.", "Give a number, or auto.")

    @property
    def asked(self) -> bool:
        """Whether an option was given that one picture has no use for."""
        return self != Batch(workers=self.workers)


@dataclass(frozen=True)
class Wanted:
    """What a batch is to make: a technique, and the words that its inputs were given as."""

    name: str
    settings: Technique
    words: Mapping[str, Sequence[str]]


def is_batch(wanted: Wanted, common: Common, batch: Batch) -> bool:
    """Whether a command makes many pictures, or one into a folder, and not one into a file."""
    single = [wanted.words[one.name] for one in wanted.settings.inputs if not one.many]
    into = common.out.endswith(("/", os.sep)) or is_url(common.out) or os.path.isdir(common.out)
    several = any(len(words) > 1 or any(map(is_many, words)) for words in single)
    return bool(wanted.settings.inputs) and (several or into or batch.asked)


def one_picture(wanted: Wanted) -> dict[str, list[str]]:
    """The inputs of a single picture: a folder of styles is all of them, blended."""
    several = {one.name: one.style for one in wanted.settings.inputs if one.many}
    return {
        name: [
            found.source
            for word in words
            for found in (find(word, style=several[name]) if is_many(word) else [Found(word, "")])
        ]
        if name in several
        else list(words)
        for name, words in wanted.words.items()
    }


def run_batch(wanted: Wanted, common: Common, batch: Batch) -> int:
    """Makes what is missing; returns 0, 3 where some failed, 130 or 143 where it was interrupted.

    Raises:
        ArtgenError: where nothing can be made, or nothing more.
    """
    _refuse(common)
    with Interrupts():
        try:
            return _Session(wanted, common, batch).make()
        except Interrupted as stop:
            say("artgen: Interrupted: the pictures in hand are dropped. The same command goes on.")
            return stop.code


def _refuse(common: Common) -> None:
    if common.out in ("", "-"):
        raise UsageError("Many pictures go into a folder.", "Name it, as in: -o out/")
    for name in OF_ONE_PICTURE:
        if getattr(common, name) != Common.__dataclass_fields__[name].default:
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"{flag} is for one picture at a time.", "Leave it out.")


class _Session:
    """One batch: its jobs, its ledger, and those who work."""

    def __init__(self, wanted: Wanted, common: Common, batch: Batch) -> None:
        self.wanted, self.common, self.batch = wanted, common, batch
        self.root = common.out
        kind = technique(wanted.name)
        pattern = batch.pattern or default_pattern(wanted.name, kind)
        for_output(Path(pattern)).check(None, common.bits)
        self.jobs, fixed = expand(
            kind, wanted.settings, wanted.words, pattern, each=batch.each, without=self.root
        )
        self.order = _order(wanted, common, fixed)
        self.recipe = hash_of(self.order)
        self.outputs: Outputs = outputs(self.root)

    def make(self) -> int:
        """Makes what is missing, or tells what that is."""
        if self.batch.dry_run:
            return self._foretell()
        with Ledger(where(self.outputs.root)) as ledger:
            self.outputs.tidy()
            plan = self._plan(ledger.entries())
            ledger.expect(plan.news)
            common = self.common
            with (
                batch_view(len(plan.todo), quiet=common.quiet, as_json=common.json) as shown,
                self._crew() as crew,
            ):
                failed = plan.failed + self._work(plan.todo, ledger, crew, shown)
                self._sum_up(plan, failed, shown)
        for job, error in failed:
            say(f"artgen: {named(job, error)}")
        return SOME_FAILED if failed else 0

    def _plan(self, known: Mapping[str, Entry]) -> Plan:
        recognise = recogniser(self.order, self.outputs)
        return make_plan(self.jobs, self.recipe, known, self.outputs, recognise, self.batch.redo)

    def _crew(self) -> Crew:
        return Local(workshop(self.order, self.root), self._shares())

    def _shares(self) -> list[Share]:
        count = 0 if self.batch.workers == "auto" else int(self.batch.workers)
        there = devices() if self.common.device == "auto" else [self.common.device]
        return shares(count, there, torch.get_num_threads())

    def _work(
        self, todo: Sequence[Job], ledger: Ledger, crew: Crew, shown: BatchView
    ) -> list[tuple[Job, str]]:
        """Has the jobs made; returns those that failed."""
        failed = []
        for event in run(todo, ledger, crew, self.root):
            shown.event(event, self.outputs.source(event.job.output))
            if isinstance(event, Failed):
                failed.append((event.job, event.error))
        return failed

    def _sum_up(self, plan: Plan, failed: Sequence[tuple[Job, str]], shown: BatchView) -> None:
        made = len(plan.todo) + len(plan.failed) - len(failed)
        parts = [
            f"{made} made",
            f"{len(plan.done)} there already" if plan.done else "",
            f"{len(failed)} failed" if failed else "",
        ]
        shown.end(
            f"{self.root}: {', '.join(filter(None, parts))}.",
            made=made,
            there=len(plan.done),
            failed=len(failed),
        )

    def _foretell(self) -> int:
        """Prints the plan: sizes, and how long it will take; makes nothing."""
        path = where(self.outputs.root)
        known = entries(self.outputs.root) if path.is_file() else {}
        plan = self._plan(known)
        for job in plan.todo:
            size = forecast.result_size(self.wanted.settings, self.order, job)
            print(f"{job.name} -> {self.outputs.source(job.output)}" + (_pixels(size)))
        for job, error in plan.failed:
            say(f"artgen: {named(job, error)}")
        parts = [f"{len(plan.todo)} to make", f"{len(plan.done)} there already"]
        parts += [f"{len(plan.failed)} that failed"] if plan.failed else []
        say(f"{self.root}: {', '.join(parts)}{self._time(plan.todo, known)}.")
        return 0

    def _time(self, todo: Sequence[Job], known: Mapping[str, Entry]) -> str:
        """How long it will take, in words: from pictures made before, or from one begun."""
        sizes = [forecast.result_size(self.wanted.settings, self.order, job) for job in todo]
        pixels = sum(height * width for height, width in filter(None, sizes))
        if not pixels:
            return ""
        mine = self._shares()
        rate, how = forecast.known_rate(known.values(), self.recipe), "about"
        if rate is None:
            rate, how = forecast.tried_rate(self.order, mine[0], todo), "at most about"
        if rate is None:
            return ""
        workers = min(len(mine), len(todo))
        seconds = duration(rate * pixels / workers)
        return f"; {how} {seconds} with {workers} worker{'s' * (workers > 1)}"


def _pixels(size: tuple[int, int] | None) -> str:
    return f", {size[1]} x {size[0]} px" if size else ""


def _order(wanted: Wanted, common: Common, fixed: Mapping[str, tuple[str, ...]]) -> Order:
    """What all pictures have in common; pictures that settings name (`--init FILE`) included."""
    values, files = {}, {}
    for field in fields_of(type(wanted.settings)):
        value = values[field.name] = getattr(wanted.settings, field.name)
        if field.option.file and value not in field.option.choices:
            files[field.option.file] = (str(value),)
    return Order(
        wanted.name,
        values,
        common.seed,
        {**fixed, **files},
        common.precision,
        common.tile,
        common.max_pixels,
        common.bits,
        common.quality,
        common.keep_exif,
    )
