"""A database that is damaged is begun again, and one that is not ours to change stays as it is."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from artgen.core import database
from artgen.core.database import opened_base, refusing
from artgen.errors import ArtgenError, PictureError

TABLE = "CREATE TABLE one (name TEXT, number INTEGER)"


def opened(path: Path) -> tuple[list[tuple[str, int]], str]:
    """The rows and the note of a database, which is closed again."""

    def read(base: sqlite3.Connection) -> list[tuple[str, int]]:
        return base.execute("SELECT name, number FROM one").fetchall()

    base, note = opened_base(path, 1, TABLE, read)
    try:
        return read(base), note
    finally:
        base.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.sqlite"
    assert opened(found) == ([], "")
    change(found, "INSERT INTO one VALUES ('a', 1)")
    assert opened(found) == ([("a", 1)], "")
    return found


def change(path: Path, sql: str) -> None:
    base = sqlite3.connect(path)
    base.executescript(sql)
    base.close()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"no base at all, but long enough to look like one" * 99),
        lambda path: os.truncate(path, 5000),
        lambda path: change(path, "DROP TABLE one"),
        lambda path: change(path, "ALTER TABLE one DROP COLUMN number"),
        lambda path: change(path, "INSERT INTO one VALUES (CAST(x'ff' AS TEXT), 1)"),
        lambda path: change(path, "PRAGMA user_version = 0"),
        lambda path: change(path, "PRAGMA user_version = -5"),
    ],
)
def test_a_damaged_one_is_put_aside(path: Path, harm: Callable[[Path], None]) -> None:
    harm(path)
    rows, note = opened(path)
    assert rows == []
    assert "a.sqlite was damaged: it is now a.broken" in note
    assert path.with_suffix(".broken").is_file()
    assert opened(path) == ([], "")


def test_a_newer_one_stays_as_it_is(path: Path) -> None:
    change(path, "PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(ArtgenError, match="written by a newer version"):
        opened(path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["a.sqlite"]


def test_one_in_use_is_said_to_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ArtgenError, match="in use by another program"):
        opened(path)
    other.rollback()
    other.close()
    assert opened(path)[0] == [("a", 1)]


@pytest.mark.parametrize(
    ("said", "cause", "words"),
    [
        ("database or disk is full", None, "There is no room"),
        ("unable to open database file", errno.ENOSPC, "There is no room"),
        ("unable to open database file", errno.EACCES, "may not be written"),
        ("disk I/O error", None, "ulimit -f"),
        ("attempt to write a readonly database", None, "permissions"),
    ],
)
def test_what_is_outside_is_said(
    tmp_path: Path, said: str, cause: int | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cause is not None:

        def touch(_: Path) -> None:
            raise OSError(cause, os.strerror(cause))

        monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(PictureError) as caught, refusing(tmp_path / "a.sqlite"):
        raise sqlite3.OperationalError(said)
    assert words in str(caught.value)
