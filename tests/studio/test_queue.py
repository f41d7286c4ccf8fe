"""The queue with its worker, a process of its own: in turn, killed, put aside, and begun again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History
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


@pytest.mark.slow
def test_put_aside_and_stopped(job_queue: JobQueue, told: Told, order: Order) -> None:
    long = job_queue.add(replace(order, settings=LONG))
    told.begun(long.id)
    job_queue.ask(long.id, "pause")
    aside = told.ended(long.id, "paused")
    assert job_queue.folder.state(long.id).exists()
    between = job_queue.add(order)
    told.ended(between.id, "done")
    told.events.clear()
    job_queue.ask(long.id, "continue")
    assert told.begun(long.id)["index"] > aside["step"] > 0
    job_queue.ask(long.id, "stop")
    kept = told.ended(long.id, "kept")
    assert kept["seconds"] > aside["seconds"]
    assert not job_queue.folder.state(long.id).exists()
    # Go on from what was kept, with other settings; it may be deleted meanwhile.
    onward = job_queue.add(order, begin_with=f"made:{long.id}")
    job_queue.remove(long.id)
    assert told.ended(onward.id, "done")["settings"]["init"].startswith("upload:")
    # A sheet says of each of its cells what it shows.
    sheet = job_queue.add(replace(order, technique="explore"))
    found = told.ended(sheet.id, "done")
    assert [*found["files"]] == ["picture", "style-1", "cell-1"]
    assert found["labels"] == ["", "", "oil"]
    # What is deleted while it runs is gone with all it has made.
    again = job_queue.add(replace(order, settings=LONG))
    told.begun(again.id)
    job_queue.remove(again.id)
    told.until("gone", lambda more: more["id"] == again.id)
    assert not job_queue.folder.made(again.id).exists()


@pytest.mark.slow
def test_history_and_queue_outlive_the_server(
    studio_folder: Folder, history: History, store: PictureStore, told: Told, order: Order
) -> None:
    with JobQueue(studio_folder, history, store, told) as job_queue:
        long = job_queue.add(replace(order, settings=LONG))
        later = job_queue.add(order)
        broken = job_queue.add(order)
        told.begun(long.id)
    assert [one.state for one in history.entries()] == ["running", "waiting", "waiting"]
    # Its photo is gone meanwhile: that one fails, with a sentence, and no other.
    pictures = {**order.pictures, "content": ["upload:gone"]}
    history.put(replace(history.entry(broken.id) or broken, pictures=pictures))
    told.events.clear()
    with JobQueue(studio_folder, history, store, told) as job_queue:
        told.begun(long.id)
        job_queue.ask(long.id, "stop")
        told.ended(long.id, "kept")
        told.ended(later.id, "done")
        assert "is gone" in told.ended(broken.id, "failed")["error"]


def test_the_entry_of_a_new_job(
    studio_folder: Folder, history: History, store: PictureStore, told: Told, order: Order
) -> None:
    job_queue = JobQueue(studio_folder, history, store, told)  # nobody works yet
    entry = job_queue.add(order)
    assert isinstance(entry, Entry)
    assert (entry.state, entry.title, entry.stem) == ("waiting", "frog, oil", "frog-oil")
    assert told.events == [("job", job_queue.state()["jobs"][0])]
    job_queue.remove(entry.id)
    assert told.events[-1] == ("gone", {"id": entry.id})
