"""The queue and its worker process: hands out jobs, handles reports, replaces a dead worker."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import wait
from typing import Any

from artgen.errors import ArtgenError, UsageError, explained
from artgen.jobs.process import WorkerProcess
from artgen.studio import orders
from artgen.studio.drafts import DraftQueue
from artgen.studio.folder import Folder
from artgen.studio.history import ENDED, Entry, History
from artgen.studio.messages import (
    DraftResult,
    JobDropped,
    JobFailed,
    JobFinished,
    JobNote,
    JobPaused,
    JobPreview,
    JobProgress,
    JobRequest,
    Report,
    RunJob,
    WorkerReady,
)
from artgen.studio.orders import Order
from artgen.studio.pictures import PictureStore
from artgen.studio.running import RunningJob, shown
from artgen.studio.worker import serve

__all__ = ["JobQueue", "Tell"]

Tell = Callable[[str, dict[str, Any]], None]
"""Is called with every event: its kind, and details that JSON can hold."""

MOST_FAILED_STARTS = 2  # workers in a row that die before they are ready; then none is started
# Never a plain fork, which would share torch's locks and the server's sockets.
_processes = multiprocessing.get_context("spawn")


class JobQueue:
    """The queue of jobs, and the owner of the worker process. Thread-safe.

    Args:
        folder, history, store: of the studio.
        tell: is called with every change.
    """

    def __init__(self, folder: Folder, history: History, store: PictureStore, tell: Tell) -> None:
        self.folder, self.history, self.store, self.tell = folder, history, store, tell
        self.broken = ""  # the reason why no worker starts
        self.drafts = DraftQueue()
        self.live = b""  # the last preview, as a JPEG
        self._lock = threading.RLock()
        self._running: RunningJob | None = None
        self._failed_starts = 0
        self._closing = False
        self._process = WorkerProcess(_processes, serve)
        self._wake_up, self._woken = _processes.Pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> JobQueue:
        self.history.recover()
        self._process.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._wake()
        self._thread.join()
        self._process.end()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    def add(self, order: Order, *, begin_with: str = "") -> Entry:
        """Add an order at the end of the queue.

        Args:
            order: the request.
            begin_with: reference of the picture to start from; the order's own start if empty.

        Raises:
            ArtgenError: if it cannot be made.
        """
        if begin_with:
            order = orders.onward(order, begin_with)
        order = orders.lasting(order, self.store)
        made = orders.resolve(order, self.store)
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
                self._start_worker()  # try a worker once more for the new job
        self._changed(entry)
        return entry

    def ask(self, job: int, what: str) -> None:
        """`pause`, `stop` or `continue` a job.

        Raises:
            UsageError: if that is not possible now.
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
                    raise UsageError("This cannot be paused.", "Stop it, or wait for its end.")
                if what == "stop" and running.moved and not running.moved.keeps:
                    raise UsageError("There is nothing to keep yet.", "Pause it, or delete it.")
                running.asked = what
                self._process.tell(JobRequest(job, what))
            else:
                raise UsageError(f"This job is {entry.state} now.", "Look once more.")

    def remove(self, job: int) -> None:
        """Remove a job from the queue or the history, with all its files.

        It is gone at once, so that no restart runs it again. A worker that is at it has PATIENCE
        seconds to leave it, and is replaced after that.
        """
        with self._lock:
            self._entry(job)
            self._forget(job)
            if self._running and self._running.entry.id == job:
                self._running.drop()
                self._process.tell(JobRequest(job, "drop"))
                self._wake()

    def add_draft(self, order: Order, styles: Sequence[str], page: str) -> tuple[int, Order | None]:
        """Request a draft of an order, before all jobs, in place of the page's older requests.

        Returns its number, 0 if the order has none. Where another technique makes it, with one of
        the shipped painter's `styles`, it is another picture, whose order is returned too.
        """
        small = orders.drafted(order, styles)
        if small is None:
            return 0, None
        made = orders.resolve(small, self.store)
        with self._lock:
            number = self.drafts.ask(page, made)
            self._supply()
        return number, small if small.technique != order.technique else None

    def state(self) -> dict[str, Any]:
        """Everything that a page needs when it is opened."""
        with self._lock:
            entries = [shown(entry) for entry in self.history.entries()]
            found: dict[str, Any] = {"jobs": entries, "worker": self._worker()}
            running = self._running
            if running and not running.dropped:
                found["losses"] = running.losses
                found["live"] = running.previews
                found["step"] = running.step()
            return found

    def _entry(self, job: int) -> Entry:
        entry = self.history.entry(job)
        if entry is None:
            raise UsageError("There is no such picture any more.", "Reload the page.")
        return entry

    def _changed(self, entry: Entry) -> None:
        self.tell("job", shown(entry))
        self._wake()

    def _worker(self) -> dict[str, Any]:
        return {"ready": self._process.ready, "broken": self.broken}

    # The methods below are about the worker.

    def _start_worker(self) -> None:
        self.broken, self._process = "", WorkerProcess(_processes, serve)
        self._process.start()

    def _wake(self) -> None:
        with suppress(OSError):
            self._wake_up.send(None)

    def _listen(self) -> None:
        """Until the studio is closed: handle the worker's reports, and give it the next job."""
        while not self._closing:
            known = [self._woken] if self.broken else [self._woken, self._process.pipe]
            for one in wait(known, self._running.patience() if self._running else None):
                if one is self._woken:
                    self._woken.recv()
                else:
                    self._safely(self._hear)
            self._safely(self._go_on)

    def _go_on(self) -> None:
        """Replace a worker that does not leave a deleted job, and hand out the next one."""
        with self._lock:
            if self._running and self._running.patience() == 0:
                self._replace()
            self._supply()

    def _safely(self, do: Callable[[], None]) -> None:
        """Do something; a full disk ends nothing: the next change tries again."""
        try:
            do()
        except (OSError, ArtgenError) as error:
            said = self.folder.unnamed(explained(error))
            self.tell("worker", self._worker() | {"broken": said})

    def _hear(self) -> None:
        report = self._process.heard()
        with self._lock:
            if report is None:
                self._replace()
            else:
                self._heard(report)

    def _supply(self) -> None:
        """Give the worker a draft if one is requested, and a job if it has none."""
        if not self._process.ready:
            return
        if draft := self.drafts.take():
            self._process.tell(draft)
        while self._running is None and (entry := self.history.next()):
            try:
                made = orders.resolve(Order.of(entry), self.store)
            except ArtgenError as error:
                self._changed(self._ended(entry, "failed", error=str(error)))
                continue
            entry = self.history.put(replace(entry, state="running"))
            losses = [(int(step), float(loss)) for step, loss in entry.losses]
            self._running = RunningJob(entry, entry.seconds, losses=losses)
            self._process.tell(RunJob(entry.id, made, self.folder.made(entry.id)))
            self.tell("job", shown(entry))

    def _heard(self, report: Report) -> None:
        if isinstance(report, WorkerReady):
            self._process.ready, self._failed_starts = True, 0
            self.tell("worker", self._worker())
        elif isinstance(report, DraftResult):
            self.drafts.put(report)
            error = self.folder.unnamed(report.sentence)
            said = {"number": report.number, "seconds": report.seconds, "error": error}
            self.tell("draft", said)
        elif self._running and self._running.entry.id == report.job:
            self._heard_of(report, self._running)

    def _heard_of(
        self,
        report: JobProgress
        | JobPreview
        | JobNote
        | JobFinished
        | JobPaused
        | JobDropped
        | JobFailed,
        running: RunningJob,
    ) -> None:
        entry = running.entry
        if running.dropped and isinstance(report, JobProgress | JobPreview | JobNote):
            return
        if isinstance(report, JobProgress):
            running.move(report)
            self.tell("step", running.step() or {})
        elif isinstance(report, JobPreview):
            self.live, running.previews = report.jpeg, running.previews + 1
            self.tell("live", {"id": entry.id, "number": running.previews})
        elif isinstance(report, JobNote):
            running.entry = self.history.put(replace(entry, notes=[*entry.notes, report.sentence]))
            self.tell("note", {"id": entry.id, "sentence": report.sentence})
        else:
            self._running = None
            self._over(report, running)

    def _over(
        self, report: JobFinished | JobPaused | JobDropped | JobFailed, running: RunningJob
    ) -> None:
        """The worker has ended a job."""
        entry = running.so_far()
        if running.dropped or isinstance(report, JobDropped):
            self.folder.forget(entry.id)  # what was written since
        elif isinstance(report, JobFailed):
            self._changed(self._ended(entry, "failed", error=report.sentence))
        elif isinstance(report, JobPaused):
            self._changed(self.history.put(replace(entry, state="paused", step=report.index)))
        else:
            height, width = report.size
            entry = replace(
                entry,
                files=report.names,
                labels=orders.labels(Order.of(entry), report.names, self.store),
                width=width,
                height=height,
                seconds=running.before + report.seconds,
                scalable=report.scalable,
            )
            self._changed(self._ended(entry, "kept" if report.interrupted else "done"))

    def _ended(self, entry: Entry, state: str, *, error: str = "") -> Entry:
        assert state in ENDED
        return self.history.put(replace(entry, state=state, error=self.folder.unnamed(error)))

    def _forget(self, job: int) -> None:
        self.store.forget_copies(f"made:{job}")
        self.history.remove(job)
        self.folder.forget(job)
        self.tell("gone", {"id": job})

    def _replace(self) -> None:
        """Replace a worker that died; its job has failed."""
        how = self._process.end()
        self._failed_starts += not self._process.ready
        running, self._running = self._running, None
        if running:
            why = f"The process that painted it was {how}. Was there enough memory?"
            self._over(JobFailed(running.entry.id, why), running)
        if drafting := self.drafts.being:
            sentence = f"The process that made the draft was {how}."
            self._heard(DraftResult(drafting.number, b"", 0.0, sentence))
        if self._failed_starts >= MOST_FAILED_STARTS:
            self.broken = f"The process that paints does not start: it was {how}."
            self._process.ready = False
        else:
            self._start_worker()
        self.tell("worker", self._worker())
