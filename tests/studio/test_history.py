"""The history outlives its process, a damaged file, and a job that was running."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from artgen.errors import ArtgenError
from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History, Upload

ENTRY = Entry(0, 0.0, "waiting", "style", {"size": 64}, {"content": ["x"]}, 1, "a, b", "a-b", 5.0)


def test_what_is_written_is_read(history: History) -> None:
    added = history.add(ENTRY)
    done = replace(
        added,
        state="done",
        files=("picture", "cell-1"),
        losses=([1, 0.5],),
        scalable=True,
        settings={"size": 64, "vary": ["a=1"], "tileable": True},
    )
    history.put(done)
    assert history.entry(added.id) == done
    assert history.entries() == [done]
    history.remove(added.id)
    assert history.entry(added.id) is None
    assert history.add(ENTRY).id > added.id, "a number is never used again"


def test_turns_and_recovery(history: History) -> None:
    first, second, third = (history.add(ENTRY) for _ in range(3))
    assert history.next() == first
    history.put(replace(first, state="done"))
    history.put(replace(second, state="running"))
    assert history.next() == third
    history.recover()
    found = history.next()
    assert found is not None
    assert (found.id, found.state) == (second.id, "waiting"), "it was begun first"


def test_uploads(history: History) -> None:
    given = Upload("ab", "frog.jpg", ".jpg", 4, 3)
    history.add_upload(given)
    history.add_upload(given)
    assert history.upload("ab") == given
    assert history.upload("cd") is None


@pytest.mark.parametrize("harm", ["damaged", "UPDATE jobs SET seed = 'x'"])
def test_what_cannot_be_read_is_put_aside(studio_folder: Folder, harm: str) -> None:
    history = History(studio_folder.base)
    history.add(ENTRY)
    history.close()
    if harm == "damaged":
        studio_folder.base.write_bytes(b"no base at all, but long enough to look like one" * 99)
    else:
        base = sqlite3.connect(studio_folder.base)
        with base:
            base.execute(harm)
        base.close()
    history = History(studio_folder.base)
    assert history.entries() == []
    assert "damaged" in history.note
    assert studio_folder.base.with_suffix(".broken").exists()
    history.close()


def test_a_newer_history_is_left_alone(studio_folder: Folder) -> None:
    History(studio_folder.base).close()
    base = sqlite3.connect(studio_folder.base)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(ArtgenError, match="newer version"):
        History(studio_folder.base)
    assert not studio_folder.base.with_suffix(".broken").exists()
