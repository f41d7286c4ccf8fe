"""The queue with its worker, a process of its own: in turn, killed, put aside, and begun again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from artgen.errors import UsageError
from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History
from artgen.studio.orders import Order
from artgen.studio.pictures import Shelf
from artgen.studio.queue import Foreman

PATIENCE = 120.0  # seconds, on a busy machine
LONG = {"net": "tiny", "size": 64, "iterations": 100_000}


class Told:
    """Everything that was told, and a way to wait for more."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.changed = threading.Condition()

    def __call__(self, kind: str, more: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((kind, more))
            self.changed.notify_all()

    def until(self, kind: str, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event of a kind that is good, waited for."""

        def found() -> dict[str, Any] | None:
            return next((more for one, more in self.events if one == kind and good(more)), None)

        with self.changed:
            assert self.changed.wait_for(lambda: found() is not None, PATIENCE), self.events[-5:]
            return found() or {}

    def ended(self, job: int, state: str) -> dict[str, Any]:
        """Waits until a job is in a state."""
        return self.until("job", lambda more: more["id"] == job and more["state"] == state)

    def begun(self, job: int) -> dict[str, Any]:
        """Waits until a job has made a step."""
        return self.until("step", lambda more: more["id"] == job)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def foreman(studio_folder: Folder, history: History, shelf: Shelf, told: Told) -> Iterator[Foreman]:
    with Foreman(studio_folder, history, shelf, told) as found:
        yield found


def test_in_turn_and_past_a_dead_worker(
    foreman: Foreman, told: Told, order: Order, history: History
) -> None:
    long = foreman.add(replace(order, settings=LONG))
    after = foreman.add(order)
    told.begun(long.id)
    drafted = foreman.sketch(order, [], "page")
    made = told.until("draft", lambda more: more["number"] == drafted)
    assert not made["error"]
    assert foreman.sketches.jpeg(drafted).startswith(b"\xff\xd8")
    assert foreman.live.startswith(b"\xff\xd8")
    state = foreman.state()
    assert state["step"]["id"] == long.id
    assert [one["state"] for one in state["jobs"]] == ["running", "waiting"]
    first = foreman.pid
    os.kill(first, getattr(signal, "SIGKILL", signal.SIGTERM))
    failed = told.ended(long.id, "failed")
    assert "Was there enough memory?" in failed["error"]
    assert failed["losses"]
    done = told.ended(after.id, "done")
    assert ([*done["files"]], done["width"]) == (["picture"], 32)
    assert foreman.pid != first
    with pytest.raises(UsageError, match="is done now"):
        foreman.ask(after.id, "pause")
    foreman.remove(after.id)
    assert history.entry(after.id) is None
    assert not foreman.folder.made(after.id).exists()


@pytest.mark.slow
def test_put_aside_and_stopped(foreman: Foreman, told: Told, order: Order) -> None:
    long = foreman.add(replace(order, settings=LONG))
    told.begun(long.id)
    foreman.ask(long.id, "pause")
    aside = told.ended(long.id, "paused")
    assert foreman.folder.state(long.id).exists()
    between = foreman.add(order)
    told.ended(between.id, "done")
    told.events.clear()
    foreman.ask(long.id, "continue")
    assert told.begun(long.id)["index"] > aside["step"] > 0
    foreman.ask(long.id, "stop")
    kept = told.ended(long.id, "kept")
    assert kept["seconds"] > aside["seconds"]
    assert not foreman.folder.state(long.id).exists()
    # Go on from what was kept, with other settings; it may be deleted meanwhile.
    onward = foreman.add(order, begin_with=f"made:{long.id}")
    foreman.remove(long.id)
    assert told.ended(onward.id, "done")["settings"]["init"].startswith("upload:")
    # A sheet says of each of its cells what it shows.
    sheet = foreman.add(replace(order, technique="explore"))
    found = told.ended(sheet.id, "done")
    assert [*found["files"]] == ["picture", "style-1", "cell-1"]
    assert found["labels"] == ["", "", "oil"]
    # What is deleted while it runs is gone with all it has made.
    again = foreman.add(replace(order, settings=LONG))
    told.begun(again.id)
    foreman.remove(again.id)
    told.until("gone", lambda more: more["id"] == again.id)
    assert not foreman.folder.made(again.id).exists()


@pytest.mark.slow
def test_history_and_queue_outlive_the_server(
    studio_folder: Folder, history: History, shelf: Shelf, told: Told, order: Order
) -> None:
    with Foreman(studio_folder, history, shelf, told) as foreman:
        long = foreman.add(replace(order, settings=LONG))
        later = foreman.add(order)
        broken = foreman.add(order)
        told.begun(long.id)
    assert [one.state for one in history.entries()] == ["running", "waiting", "waiting"]
    # Its photo is gone meanwhile: that one fails, with a sentence, and no other.
    pictures = {**order.pictures, "content": ["upload:gone"]}
    history.put(replace(history.entry(broken.id) or broken, pictures=pictures))
    told.events.clear()
    with Foreman(studio_folder, history, shelf, told) as foreman:
        told.begun(long.id)
        foreman.ask(long.id, "stop")
        told.ended(long.id, "kept")
        told.ended(later.id, "done")
        assert "is gone" in told.ended(broken.id, "failed")["error"]


@pytest.mark.slow
def test_what_goes_wrong_is_said(foreman: Foreman, told: Told, order: Order) -> None:
    job = foreman.add(replace(order, settings={**order.settings, "style_layers": "conv9_9"}))
    assert "conv9_9" in told.ended(job.id, "failed")["error"]
    number = foreman.sketch(replace(order, settings={"style_layers": "conv9_9"}), [], "page")
    assert "conv9_9" in told.until("draft", lambda more: more["number"] == number)["error"]
    with pytest.raises(UsageError, match="no such picture"):
        foreman.remove(999)


@pytest.mark.slow
def test_a_worker_that_does_not_start(
    studio_folder: Folder,
    history: History,
    shelf: Shelf,
    told: Told,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("artgen.studio.queue.serve", stillborn)
    with Foreman(studio_folder, history, shelf, told) as foreman:
        told.until("worker", lambda more: "does not start" in more["broken"])
        monkeypatch.undo()
        job = foreman.add(order)
        told.ended(job.id, "done")


def stillborn(pipe: object) -> None:
    """A worker that dies before it is ready."""
    time.sleep(0.01)
    os._exit(9)


def test_the_entry_of_a_new_job(
    studio_folder: Folder, history: History, shelf: Shelf, told: Told, order: Order
) -> None:
    foreman = Foreman(studio_folder, history, shelf, told)  # nobody works yet
    entry = foreman.add(order)
    assert isinstance(entry, Entry)
    assert (entry.state, entry.title, entry.stem) == ("waiting", "frog, oil", "frog-oil")
    assert told.events == [("job", foreman.state()["jobs"][0])]
    foreman.remove(entry.id)
    assert told.events[-1] == ("gone", {"id": entry.id})
