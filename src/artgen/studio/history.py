"""All jobs, finished and waiting, in SQLite: kept when the server or its worker ends."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from artgen.core.database import opened_base, refusing
from artgen.core.schema import fits

__all__ = ["ENDED", "Entry", "History", "Upload"]

FORMAT = 1
PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
ENDED = ("done", "kept", "failed")
TABLES = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, place REAL, state TEXT, technique TEXT, settings TEXT,
    pictures TEXT, seed INTEGER, title TEXT, stem TEXT, asked REAL, seconds REAL, step INTEGER,
    total INTEGER, width INTEGER, height INTEGER, files TEXT, labels TEXT, notes TEXT, losses TEXT,
    scalable INTEGER, error TEXT
);
CREATE TABLE given (id TEXT PRIMARY KEY, name TEXT, suffix TEXT, width INTEGER, height INTEGER);
"""


@dataclass(frozen=True)
class Entry:
    """One job.

    Attributes:
        id: its number; 0 before it has one.
        place: in the queue; the smallest is next.
        state: `waiting`, `running`, `paused`, `done`, `kept` (stopped early), `failed`.
        technique, settings, pictures, seed: the request, as an Order has it.
        title: its title on the page.
        stem: the name of its file when it is downloaded.
        asked: time of the request, in seconds since 1970.
        seconds: that it took.
        step, total: its progress; 0 if unknown.
        width, height: of its picture in pixels.
        files: the names of its pictures; the first is `picture`, or `film`.
        labels: a description of each picture that is a cell of a sheet.
        notes: the notes of its run.
        losses: (step, loss), thinned out.
        scalable: whether it can be made again larger.
        error: the reason of a failure.
    """

    id: int
    place: float
    state: str
    technique: str
    settings: Mapping[str, Any]
    pictures: Mapping[str, Sequence[str]]
    seed: int
    title: str
    stem: str
    asked: float
    seconds: float = 0.0
    step: int = 0
    total: int = 0
    width: int = 0
    height: int = 0
    files: Sequence[str] = ()
    labels: Sequence[str] = ()
    notes: Sequence[str] = ()
    losses: Sequence[Sequence[float]] = ()
    scalable: bool = False
    error: str = ""


@dataclass(frozen=True)
class Upload:
    """An uploaded picture or film: its key, its owner's name for it, and its size."""

    id: str
    name: str
    suffix: str
    width: int
    height: int


NAMES = [one.name for one in fields(Entry)]
TEXTS = {"settings", "pictures", "files", "labels", "notes", "losses"}  # kept as JSON


class History:
    """The database of one studio, for the threads of one process.

    A change is in the file when its method returns. A damaged database is moved aside, and begun
    again.

    Attributes:
        note: a sentence if it was damaged; else empty.

    Raises:
        ArtgenError: if a newer version has written it.
        PictureError: if it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._base, self.note = opened_base(path, FORMAT, TABLES, _checked, PRAGMAS)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add(self, entry: Entry) -> Entry:
        """Add a job, last in the queue; returns it with its number."""
        with self._writing():
            (last,) = self._base.execute("SELECT coalesce(max(place), 0) FROM jobs").fetchone()
            entry = replace(entry, place=last + 1)
            marks = ", ".join("?" for _ in NAMES)
            row = (None, *_row(entry)[1:])
            sql = f"INSERT INTO jobs ({', '.join(NAMES)}) VALUES ({marks})"
            number = self._base.execute(sql, row).lastrowid
        return replace(entry, id=int(number or 0))

    def put(self, entry: Entry) -> Entry:
        """Update a job."""
        columns = ", ".join(f"{name} = ?" for name in NAMES)
        with self._writing():
            self._base.execute(f"UPDATE jobs SET {columns} WHERE id = ?", (*_row(entry), entry.id))
        return entry

    def remove(self, job: int) -> None:
        """Remove a job."""
        with self._writing():
            self._base.execute("DELETE FROM jobs WHERE id = ?", (job,))

    def entry(self, job: int) -> Entry | None:
        """One job; None if there is none with this number."""
        found = self._entries("WHERE id = ?", job)
        return found[0] if found else None

    def entries(self) -> list[Entry]:
        """All jobs, the oldest first."""
        return self._entries("ORDER BY id")

    def next(self) -> Entry | None:
        """The next job of the queue."""
        found = self._entries("WHERE state = 'waiting' ORDER BY place LIMIT 1")
        return found[0] if found else None

    def first_place(self) -> float:
        """A place before all others in the queue."""
        with self._lock:
            (least,) = self._base.execute("SELECT coalesce(min(place), 0) FROM jobs").fetchone()
        return float(least) - 1

    def recover(self) -> None:
        """Put a job that ran when the last server ended at the front of the queue."""
        for entry in reversed(self._entries("WHERE state = 'running' ORDER BY id")):
            self.put(replace(entry, state="waiting", place=self.first_place()))

    def add_upload(self, upload: Upload) -> None:
        """Add an upload."""
        row = tuple(getattr(upload, one.name) for one in fields(Upload))
        with self._writing():
            self._base.execute("INSERT OR REPLACE INTO given VALUES (?, ?, ?, ?, ?)", row)

    def upload(self, key: str) -> Upload | None:
        """An upload by its key."""
        with self._lock:
            row = self._base.execute("SELECT * FROM given WHERE id = ?", (key,)).fetchone()
        return Upload(*row) if row else None

    def uploads(self) -> list[Upload]:
        """Every upload."""
        with self._lock:
            return [Upload(*row) for row in self._base.execute("SELECT * FROM given")]

    def remove_upload(self, key: str) -> None:
        """Remove an upload."""
        with self._writing():
            self._base.execute("DELETE FROM given WHERE id = ?", (key,))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A change, whole or not at all.

        Raises:
            PictureError: if there is no room for it.
        """
        with self._lock, refusing(self.path), self._base:
            yield

    def _entries(self, rest: str, *values: object) -> list[Entry]:
        with self._lock:
            rows = self._base.execute(f"SELECT {', '.join(NAMES)} FROM jobs {rest}", values)
            return [_entry(row) for row in rows.fetchall()]


def _checked(base: sqlite3.Connection) -> None:
    """Reads everything; raises DatabaseError, or ValueError, for what no studio has written."""
    kinds = get_type_hints(Entry)
    for row in base.execute(f"SELECT {', '.join(NAMES)} FROM jobs"):
        entry = _entry(row)
        for name, kind in kinds.items():
            if name not in TEXTS and not fits(getattr(entry, name), kind):
                raise sqlite3.DatabaseError("a value of another kind")
    for row in base.execute("SELECT * FROM given"):
        if [*map(type, Upload(*row).__dict__.values())] != [str, str, str, int, int]:
            raise sqlite3.DatabaseError("a value of another kind")


def _row(entry: Entry) -> tuple[Any, ...]:
    values = ((name, getattr(entry, name)) for name in NAMES)
    return tuple(json.dumps(value) if name in TEXTS else value for name, value in values)


def _entry(row: Sequence[Any]) -> Entry:
    pairs = zip(NAMES, row, strict=True)
    values = {name: json.loads(value) if name in TEXTS else value for name, value in pairs}
    values = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
    values["scalable"] = bool(values["scalable"])
    return Entry(**values)
