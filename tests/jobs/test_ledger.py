"""The ledger: cut short or spoilt it costs no picture, and it names no folder."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from simulated import batch, finished

from artgen.errors import ArtgenError, PictureError
from artgen.jobs.ledger import NAME, Ledger, entries, where


@pytest.mark.parametrize("length", [0, 1000, 5000])
def test_a_ledger_cut_short_costs_no_picture(photos: Path, out: Path, length: int) -> None:
    batch(photos, out)
    before = finished(photos, out)
    os.truncate(out / NAME, length)
    plan, events = batch(photos, out)
    assert (len(plan.done), len(plan.todo), list(events)) == (6, 0, [])
    assert finished(photos, out) == before
    with Ledger(where(str(out))) as ledger:
        assert {entry.state for entry in ledger.entries().values()} == {"done"}


def test_a_ledger_of_noise_is_put_aside(photos: Path, out: Path) -> None:
    batch(photos, out)
    (out / NAME).write_bytes(os.urandom(5000))
    plan, _ = batch(photos, out)
    assert len(plan.done) == 6
    assert (out / ".artgen.broken").exists()


def test_the_ledger_names_no_folder_of_this_machine(photos: Path, out: Path) -> None:
    (photos / "2.txt").write_text("broken")
    batch(photos, out)
    with sqlite3.connect(out / NAME) as base:
        rows = base.execute("SELECT * FROM jobs").fetchall()
    base.close()
    assert len(rows) == 6
    said = [str(value) for row in rows for value in row]
    assert any("2.txt is broken" in one for one in said)
    assert not [one for one in said if str(photos.parent) in one or "/" in one]


@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE jobs DROP COLUMN pixels",
        "ALTER TABLE jobs RENAME TO others",
        "UPDATE jobs SET name = CAST(x'ff' AS TEXT)",
        "UPDATE jobs SET error = x'00'",
        "UPDATE jobs SET bytes = 'many'",
    ],
)
def test_a_damaged_ledger_is_begun_again_from_the_pictures(
    photos: Path, out: Path, harm: str
) -> None:
    batch(photos, out)
    before = finished(photos, out)
    base = sqlite3.connect(out / NAME)
    with base:
        base.execute(harm)
    base.close()
    with pytest.raises(PictureError, match="cannot be read"):
        entries(str(out))
    with Ledger(where(str(out))) as ledger:
        assert "was damaged: it is now .artgen.broken" in ledger.note
    plan, events = batch(photos, out)
    assert (len(plan.done), list(events)) == (6, [])
    assert finished(photos, out) == before


def test_a_newer_ledger_is_refused_and_left_alone(photos: Path, out: Path) -> None:
    batch(photos, out)
    base = sqlite3.connect(out / NAME)
    base.execute("PRAGMA user_version = 2")
    base.close()
    before = (out / NAME).read_bytes()
    for opening in (lambda: Ledger(where(str(out))), lambda: entries(str(out))):
        with pytest.raises(ArtgenError, match="written by a newer version"):
            opening()
    assert (out / NAME).read_bytes() == before
