"""The studio's worker: where it dies or does not start, the queue goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from artgen.errors import UsageError
from artgen.studio import running
from artgen.studio.folder import Folder
from artgen.studio.history import History
from artgen.studio.orders import Order
from artgen.studio.pictures import PictureStore
from artgen.studio.queue import JobQueue

from .told import LONG, Told


@pytest.fixture
def job_queue(
    studio_folder: Folder, history: History, store: PictureStore, told: Told
) -> Iterator[JobQueue]:
    with JobQueue(studio_folder, history, store, told) as found:
        yield found


def test_in_turn_and_past_a_dead_worker(
    job_queue: JobQueue, told: Told, order: Order, history: History
) -> None:
    long = job_queue.add(replace(order, settings=LONG))
    after = job_queue.add(order)
    told.begun(long.id)
    drafted, instead = job_queue.add_draft(order, [], "page")
    assert instead is None, "it is a draft of the same technique"
    made = told.until("draft", lambda more: more["number"] == drafted)
    assert not made["error"]
    assert job_queue.drafts.jpeg(drafted).startswith(b"\xff\xd8")
    assert job_queue.live.startswith(b"\xff\xd8")
    state = job_queue.state()
    assert state["step"]["id"] == long.id
    assert [one["state"] for one in state["jobs"]] == ["running", "waiting"]
    first = job_queue.pid
    os.kill(first, getattr(signal, "SIGKILL", signal.SIGTERM))
    failed = told.ended(long.id, "failed")
    assert "Was there enough memory?" in failed["error"]
    assert failed["losses"]
    done = told.ended(after.id, "done")
    assert ([*done["files"]], done["width"]) == (["picture"], 32)
    assert job_queue.pid != first
    with pytest.raises(UsageError, match="is done now"):
        job_queue.ask(after.id, "pause")
    job_queue.remove(after.id)
    assert history.entry(after.id) is None
    assert not job_queue.folder.made(after.id).exists()


@pytest.mark.slow
def test_what_goes_wrong_is_said(job_queue: JobQueue, told: Told, order: Order) -> None:
    job = job_queue.add(replace(order, settings={**order.settings, "style_layers": "conv9_9"}))
    assert "conv9_9" in told.ended(job.id, "failed")["error"]
    wrong = replace(order, settings={"style_layers": "conv9_9"})
    number, _ = job_queue.add_draft(wrong, [], "page")
    assert "conv9_9" in told.until("draft", lambda more: more["number"] == number)["error"]
    with pytest.raises(UsageError, match="no such picture"):
        job_queue.remove(999)


@pytest.mark.slow
def test_a_worker_that_does_not_start(
    studio_folder: Folder,
    history: History,
    store: PictureStore,
    told: Told,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("artgen.studio.queue.serve", stillborn)
    with JobQueue(studio_folder, history, store, told) as job_queue:
        told.until("worker", lambda more: "does not start" in more["broken"])
        monkeypatch.undo()
        job = job_queue.add(order)
        told.ended(job.id, "done")


def stillborn(pipe: object) -> None:
    """A worker that dies before it is ready."""
    time.sleep(0.01)
    os._exit(9)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows has no SIGSTOP")
def test_a_job_that_is_deleted_stays_deleted(
    job_queue: JobQueue, told: Told, order: Order, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if its worker does not answer: a stopped process stands for one that is stuck."""
    monkeypatch.setattr(running, "PATIENCE", 0.5)
    long = job_queue.add(replace(order, settings=LONG))
    told.begun(long.id)
    stuck = job_queue.pid
    os.kill(stuck, signal.SIGSTOP)
    job_queue.remove(long.id)
    assert told.events[-1] == ("gone", {"id": long.id})
    assert history.entries() == []
    after = job_queue.add(order)
    told.ended(after.id, "done")
    assert job_queue.pid != stuck
    assert not job_queue.folder.made(long.id).exists()
