"""Views of a batch: a progress bar in a terminal, plain lines elsewhere, or JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn

from artgen.cli.messages import say
from artgen.jobs.messages import Event, Job, JobDone, JobFailed, JobProgress, JobRetried, JobStarted

__all__ = ["BatchView", "Notes", "QuietBatchView", "batch_view", "duration", "named"]

# What `--json` calls each event.
EVENTS: dict[type[Event], str] = {
    JobStarted: "begun",
    JobProgress: "moved",
    JobDone: "done",
    JobRetried: "again",
    JobFailed: "failed",
}


class BatchView(Protocol):
    """Is called with the events of a batch; entered while it runs."""

    def __enter__(self) -> BatchView: ...
    def __exit__(self, *_: object) -> None: ...
    def event(self, event: Event, path: str) -> None: ...
    def note(self, sentence: str) -> None: ...
    def end(self, sentence: str, **counts: int) -> None: ...


class Notes:
    """What was left out of pictures: each kind once, however many pictures it is said of."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, str]] = {}  # sentence without a name -> by name

    def add(self, notes: Iterable[tuple[str, str]]) -> None:
        """Add pairs of a file's name and a sentence with it."""
        for name, sentence in notes:
            self._found.setdefault(sentence.replace(name, ""), {})[name] = sentence

    def sentences(self) -> Iterator[str]:
        """The first sentence of each kind, and how many more pictures it is true of."""
        for named in self._found.values():
            first, *others = named.values()
            yield first + (f" So it is with {len(others)} more." if others else "")


class QuietBatchView:
    """Prints nothing but the paths of finished pictures, on stdout, and what failed."""

    def __enter__(self) -> QuietBatchView:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def event(self, event: Event, path: str) -> None:
        if isinstance(event, JobDone) and not event.job.film:
            print(path, flush=True)
        elif isinstance(event, JobFailed) and not event.job.film:
            say(f"artgen: {named(event.job, event.error)}")

    def note(self, sentence: str) -> None:
        pass

    def end(self, sentence: str, **counts: int) -> None:
        pass


class JsonBatchView(QuietBatchView):
    """Prints JSON events on stdout, one on each line."""

    def event(self, event: Event, path: str) -> None:
        said: dict[str, Any] = {"event": EVENTS[type(event)], "picture": event.job.name}
        if isinstance(event, JobDone):
            said |= {"path": path, "seconds": round(event.made.seconds, 2)}
        elif isinstance(event, JobFailed | JobRetried):
            said["error"] = event.error
        elif isinstance(event, JobProgress):
            said |= {"index": event.index, "total": event.total}
        print(json.dumps(said), flush=True)
        if isinstance(event, JobFailed):
            super().event(event, path)

    def note(self, sentence: str) -> None:
        print(json.dumps({"event": "note", "note": sentence}), flush=True)

    def end(self, sentence: str, **counts: int) -> None:
        print(json.dumps({"event": "end", **counts}), flush=True)


class TerminalBatchView(QuietBatchView):
    """A progress bar on stderr if that is a terminal, or else a line for each picture."""

    def __init__(self, total: int) -> None:
        self.total, self.ended, self.began = total, 0, time.monotonic()
        self.console = Console(stderr=True, highlight=False, markup=False)
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[detail]}", markup=False),
            console=self.console,
        )
        self.live = Live(console=self.console, auto_refresh=False, transient=True)
        self.all = self.progress.add_task("pictures", total=total, detail="")
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> TerminalBatchView:
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def event(self, event: Event, path: str) -> None:
        job = event.job
        if isinstance(event, JobStarted):
            short = job.name if len(job.name) <= 40 else "…" + job.name[-39:]
            self.tasks[job.output] = self.progress.add_task(short, total=None, detail="")
        elif isinstance(event, JobProgress) and job.output in self.tasks:
            task = self.tasks[job.output]
            detail = f"{event.index}/{event.total}" if event.total else str(event.index)
            self.progress.update(task, completed=event.index, total=event.total, detail=detail)
        elif isinstance(event, JobDone | JobRetried | JobFailed):
            self._over(event, path)
        if self.console.is_terminal:
            self.live.update(self.progress, refresh=True)

    def _over(self, event: JobDone | JobRetried | JobFailed, path: str) -> None:
        task = self.tasks.pop(event.job.output, None)
        if task is not None:
            self.progress.remove_task(task)
        if isinstance(event, JobRetried):
            say(f"{event.job.name} failed, and is tried once more.")  # its error follows, if any
            return
        self.ended += 1
        self.progress.update(self.all, completed=self.ended, detail=self._pace())
        if isinstance(event, JobFailed):
            if not event.job.film:  # the film itself fails with the same error
                say(f"[{self.ended}/{self.total}] {named(event.job, event.error)}")
            return
        if not self.console.is_terminal:
            what = event.job.name if event.job.film else path
            say(f"[{self.ended}/{self.total}] {what}, {event.made.seconds:.1f} s")
        if not sys.stdout.isatty() and not event.job.film:
            print(path, flush=True)

    def _pace(self) -> str:
        each = (time.monotonic() - self.began) / self.ended
        left = duration(each * (self.total - self.ended))
        return f"{self.ended}/{self.total}, {3600 / each:.0f} an hour, {left} left"

    def note(self, sentence: str) -> None:
        say(sentence)

    def end(self, sentence: str, **counts: int) -> None:
        self.live.stop()
        say(sentence)


def named(job: Job, error: str) -> str:
    """An error message that begins with the picture's name."""
    return error if job.name in error else f"{job.name}: {error}"


def duration(seconds: float) -> str:
    """Seconds in readable units: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def batch_view(total: int, *, quiet: bool, as_json: bool) -> BatchView:
    """The view that the options ask for."""
    if as_json:
        return JsonBatchView()
    return QuietBatchView() if quiet else TerminalBatchView(total)
