"""The queue, and the one worker process that it has: gives it jobs, hears of them, replaces it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from artgen.errors import ArtgenError, UsageError, explained
from artgen.jobs.worker import how_it_ended
from artgen.studio import orders
from artgen.studio.folder import Folder
from artgen.studio.history import ENDED, Entry, History
from artgen.studio.orders import Order
from artgen.studio.shelf import Shelf
from artgen.studio.talk import (
    Aside,
    Ask,
    Draft,
    Drafted,
    Dropped,
    Live,
    Made,
    Moved,
    Noted,
    Paint,
    Ready,
    Report,
    Wish,
    Wrong,
)
from artgen.studio.worker import serve

__all__ = ["Foreman", "Tell"]

Tell = Callable[[str, dict[str, Any]], None]
"""Hears of what happens: of which kind, and more of it, fit for JSON."""

STILLBORN = 2  # workers that die before they are ready, one after the other
KEPT = 8  # drafts
POINTS = 240  # of a loss curve
_processes = multiprocessing.get_context("spawn")


@dataclass
class _Running:
    """The job in the worker's hands."""

    entry: Entry
    before: float  # seconds that it had taken when it was put aside
    moved: Moved | None = None
    jpeg: bytes = b""
    previews: int = 0
    losses: list[tuple[int, float]] = field(default_factory=list)
    asked: str = ""


class Foreman:
    """Owns the queue. Its methods may be called from any thread.

    Args:
        folder, history, shelf: of the studio.
        tell: hears of every change.
    """

    def __init__(self, folder: Folder, history: History, shelf: Shelf, tell: Tell) -> None:
        self.folder, self.history, self.shelf, self.tell = folder, history, shelf, tell
        self.broken = ""  # why no worker starts
        self.drafts: dict[int, Drafted] = {}  # the last ones
        self._lock = threading.RLock()
        self._running: _Running | None = None
        self._drafting: Draft | None = None
        self._drafts_wanted: dict[str, Draft] = {}  # of each page the last that it asked for
        self._drafts = 0
        self._stillborn = 0
        self._closing = False
        self._ready = False
        self._bell, self._rung = _processes.Pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Foreman:
        self.history.recover()
        self._hire()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._ring()
        self._thread.join()
        self._dismiss()

    @property
    def pid(self) -> int:
        """Of the worker."""
        return int(self._process.pid or 0)

    def add(self, order: Order, *, begin_with: str = "") -> Entry:
        """Puts an order at the end of the queue.

        Args:
            order: what is asked for.
            begin_with: a picture from which it goes on; from its own beginning if empty.

        Raises:
            ArtgenError: if it cannot be made.
        """
        if begin_with:
            order = orders.onward(order, begin_with)
        order = self._lasting(order)
        made = orders.commission(order, self.shelf)
        entry = Entry(
            id=0,
            place=0.0,
            state="waiting",
            technique=order.technique,
            settings=order.settings,
            pictures=order.pictures,
            seed=order.seed,
            title=made.title,
            stem=made.stem,
            asked=time.time(),
        )
        entry = self.history.add(entry)
        with self._lock:
            if self.broken:
                self._hire()  # once more, for whoever still wants a picture
        self._changed(entry)
        return entry

    def ask(self, job: int, what: str) -> None:
        """`pause`, `stop` or `continue` a job.

        Raises:
            UsageError: if that cannot be done with it now.
        """
        with self._lock:
            entry, running = self._entry(job), self._running
            if what == "continue" and entry.state == "paused":
                self._changed(
                    self.history.put(
                        replace(entry, state="waiting", place=self.history.first_place())
                    )
                )
            elif what in ("pause", "stop") and running and running.entry.id == job:
                if what == "pause" and not (running.moved and running.moved.holds):
                    raise UsageError("This cannot be put aside.", "Stop it, or wait for its end.")
                running.asked = what
                self._send(Ask(job, what))
            else:
                raise UsageError(f"This job is {entry.state} now.", "Look once more.")

    def remove(self, job: int) -> None:
        """Takes a job out of the queue or the history, with all that it has made."""
        with self._lock:
            self._entry(job)
            if self._running and self._running.entry.id == job:
                self._running.asked = "drop"
                self._send(Ask(job, "drop"))
                return
        self._forget(job)

    def sketch(self, order: Order, styles: Sequence[str], page: str) -> int:
        """Asks for a draft, before all jobs; returns its number, 0 where none is made of this.

        Args:
            order: in full.
            styles: that the painter knows.
            page: who asks: it has no use for an older one any more.
        """
        small = orders.drafted(order, styles)
        if small is None:
            return 0
        made = orders.commission(small, self.shelf)
        with self._lock:
            self._drafts += 1
            self._drafts_wanted.pop(page, None)
            self._drafts_wanted[page] = Draft(self._drafts, made)
            self._supply()
            return self._drafts

    def live(self) -> bytes:
        """What the running job looks like, as a JPEG; empty where there is nothing to see."""
        running = self._running
        return running.jpeg if running else b""

    def state(self) -> dict[str, Any]:
        """All that a page needs to know when it is opened."""
        with self._lock:
            entries = [shown(entry) for entry in self.history.entries()]
            found: dict[str, Any] = {"jobs": entries, "worker": self._worker()}
            running = self._running
            if running:
                found["losses"] = running.losses
                found["live"] = running.previews
                found["step"] = _step(running.moved, running.before) if running.moved else None
            return found

    def _entry(self, job: int) -> Entry:
        entry = self.history.entry(job)
        if entry is None:
            raise UsageError("There is no such picture any more.", "Reload the page.")
        return entry

    def _lasting(self, order: Order) -> Order:
        """The order with copies of the pictures that were made here and may be deleted."""
        keep = self.shelf.keep
        settings = {
            key: keep(value) if isinstance(value, str) else value
            for key, value in order.settings.items()
        }
        pictures = {role: [keep(one) for one in many] for role, many in order.pictures.items()}
        return replace(order, settings=settings, pictures=pictures)

    def _changed(self, entry: Entry) -> None:
        self.tell("job", shown(entry))
        self._ring()

    def _worker(self) -> dict[str, Any]:
        return {"ready": self._ready, "broken": self.broken}

    # What follows is about the worker.

    def _hire(self) -> None:
        self._ready, self.broken = False, ""
        self._pipe: Connection
        self._pipe, theirs = _processes.Pipe()
        self._process = _processes.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # or nobody would hear that the worker's end is closed

    def _dismiss(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _ring(self) -> None:
        with suppress(OSError):
            self._bell.send(None)

    def _send(self, wish: Wish) -> None:
        with suppress(OSError):  # it is dead, and will be found to be
            self._pipe.send(wish)

    def _listen(self) -> None:
        """Until the studio is closed: hears the worker, and gives it what comes next."""
        while not self._closing:
            for one in wait([self._rung] if self.broken else [self._rung, self._pipe]):
                if one is self._rung:
                    self._rung.recv()
                else:
                    self._hear()
            try:
                with self._lock:
                    self._supply()
            except (OSError, sqlite3.Error) as error:  # a full disk; the next change tries again
                self.tell("worker", self._worker() | {"broken": explained(error)})

    def _hear(self) -> None:
        try:
            report: Report = self._pipe.recv()
        except (EOFError, OSError):
            self._replace()
            return
        with self._lock:
            self._heard(report)

    def _supply(self) -> None:
        """A draft if one is wanted, and a job if the worker has none."""
        if not self._ready:
            return
        if self._drafts_wanted and not self._drafting:
            self._drafting = self._drafts_wanted.pop(next(iter(self._drafts_wanted)))
            self._send(self._drafting)
        while self._running is None and (entry := self.history.next()):
            try:
                made = orders.commission(Order.of(entry), self.shelf)
            except ArtgenError as error:
                self._changed(self._ended(entry, "failed", error=str(error)))
                continue
            entry = self.history.put(replace(entry, state="running"))
            losses = [(int(step), float(loss)) for step, loss in entry.losses]
            self._running = _Running(entry, entry.seconds, losses=losses)
            self._send(Paint(entry.id, made, self.folder.made(entry.id)))
            self.tell("job", shown(entry))

    def _heard(self, report: Report) -> None:
        if isinstance(report, Ready):
            self._ready, self._stillborn = True, 0
            self.tell("worker", self._worker())
        elif isinstance(report, Drafted):
            self._drafting = None
            self.drafts[report.number] = report
            self.drafts.pop(report.number - KEPT, None)
            said = {"number": report.number, "seconds": report.seconds, "error": report.sentence}
            self.tell("draft", said)
        elif self._running and self._running.entry.id == report.job:
            self._heard_of(report, self._running)

    def _heard_of(
        self,
        report: Moved | Live | Noted | Made | Aside | Dropped | Wrong,
        running: _Running,
    ) -> None:
        entry = running.entry
        if isinstance(report, Moved):
            running.moved = report
            if report.losses:
                running.losses.append((report.index, sum(report.losses.values())))
                running.losses = _thinned(running.losses)
            self.tell("step", _step(report, running.before))
        elif isinstance(report, Live):
            running.jpeg, running.previews = report.jpeg, running.previews + 1
            self.tell("live", {"id": entry.id, "number": running.previews})
        elif isinstance(report, Noted):
            running.entry = self.history.put(replace(entry, notes=[*entry.notes, report.sentence]))
            self.tell("note", {"id": entry.id, "sentence": report.sentence})
        else:
            self._running = None
            self._over(report, running)

    def _over(self, report: Made | Aside | Dropped | Wrong, running: _Running) -> None:
        """A job has left the worker's hands."""
        entry = _so_far(running)
        if isinstance(report, Dropped) or running.asked == "drop":
            self._forget(entry.id)
        elif isinstance(report, Wrong):
            self._changed(self._ended(entry, "failed", error=report.sentence))
        elif isinstance(report, Aside):
            self._changed(self.history.put(replace(entry, state="paused", step=report.index)))
        else:
            height, width = report.size
            entry = replace(
                entry,
                files=report.names,
                labels=self._labels(entry, len(report.names) - 1),
                width=width,
                height=height,
                seconds=running.before + report.seconds,
                scalable=report.scalable,
            )
            self._changed(self._ended(entry, "kept" if report.interrupted else "done"))

    def _labels(self, entry: Entry, cells: int) -> list[str]:
        """What each cell of a sheet shows."""
        order, found = Order.of(entry), []
        for number in range(1, cells + 1):
            try:
                cut = orders.cell(order, number, 1, self.shelf)
                found.append(orders.described(cut, self.shelf))
            except ArtgenError:  # no sheet of cells
                return []
        return found

    def _ended(self, entry: Entry, state: str, *, error: str = "") -> Entry:
        assert state in ENDED
        return self.history.put(replace(entry, state=state, error=error))

    def _forget(self, job: int) -> None:
        self.history.remove(job)
        self.folder.forget(job)
        self.tell("gone", {"id": job})

    def _replace(self) -> None:
        """Another worker for one that died; what it had in its hands has failed."""
        self._dismiss()
        with self._lock:
            how = how_it_ended(self._process.exitcode or 0)
            self._stillborn += not self._ready
            running, self._running = self._running, None
            if running:
                why = f"The process that painted it was {how}. Was there enough memory?"
                self._over(Wrong(running.entry.id, why), running)
            if drafting := self._drafting:
                sentence = f"The process that sketched it was {how}."
                self._heard(Drafted(drafting.number, b"", 0.0, sentence))
            if self._stillborn >= STILLBORN:
                self.broken = f"The process that paints does not start: it was {how}."
            else:
                self._hire()
            self.tell("worker", self._worker())


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as the page has it."""
    return asdict(entry)


def _so_far(running: _Running) -> Entry:
    """The entry of a job, with how far it got."""
    entry = replace(running.entry, losses=running.losses)
    if not running.moved:
        return entry
    moved = running.moved
    seconds = running.before + moved.seconds
    return replace(entry, step=moved.index, total=moved.total, seconds=seconds)


def _step(moved: Moved, before: float) -> dict[str, Any]:
    return {
        "id": moved.job,
        "index": moved.index,
        "total": moved.total,
        "scale": moved.scale,
        "losses": moved.losses,
        "seconds": before + moved.seconds,
        "left": moved.left,
        "holds": moved.holds,
    }


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Every second point, once there are too many."""
    return points if len(points) <= POINTS else [*points[:-1:2], points[-1]]
