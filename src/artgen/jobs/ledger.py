"""The state of each job, in SQLite beside the pictures: one writer at a time, no absolute paths."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout

from artgen.core.files import FULL, unwritable
from artgen.errors import ArtgenError, PictureError
from artgen.jobs.messages import Made
from artgen.jobs.storage import is_url

__all__ = ["FORSAKEN", "Entry", "Ledger", "entries", "where"]

NAME = ".artgen.sqlite"
FORMAT = 1  # of the table, in SQLite's user_version
TABLE = """
CREATE TABLE jobs (
    output TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    stamp TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    inputs TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    pixels INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID
"""
FORSAKEN = "Its input was not there in the last run."
Rows: TypeAlias = "Iterable[tuple[object, ...]]"


@dataclass(frozen=True)
class Entry:
    """The state of one job.

    Attributes:
        output: its place below the output folder.
        name: for display.
        recipe: hash of the order that it was made by.
        stamp: fingerprint of its inputs.
        state: `waiting`, `done` or `failed`.
        inputs: digest of the inputs' bytes, once they were read.
        seconds, bytes, pixels: of the picture, once it is made.
        error: the reason of a failure; of a finished picture, that its input is gone.
    """

    output: str
    name: str
    recipe: str
    stamp: str
    state: str = "waiting"
    inputs: str = ""
    seconds: float = 0.0
    bytes: int = 0
    pixels: int = 0
    error: str = ""

    @property
    def made(self) -> Made:
        """As the worker reported it."""
        return Made(self.seconds, self.bytes, self.inputs, self.pixels)

    def finished(self, made: Made) -> Entry:
        """The same job, done."""
        return replace(
            self,
            state="done",
            inputs=made.inputs,
            seconds=made.seconds,
            bytes=made.bytes,
            pixels=made.pixels,
        )


COLUMNS = ", ".join(one.name for one in fields(Entry))


def where(root: str) -> Path:
    """The ledger's path for an output folder; for a URL it is in the user's state folder."""
    if not is_url(root):
        return Path(root, NAME)
    import platformdirs

    home = os.environ.get("ARTGEN_HOME")
    state = Path(home) if home else Path(platformdirs.user_state_dir("artgen", appauthor=False))
    return state / "batches" / f"{hashlib.sha256(root.rstrip('/').encode()).hexdigest()}.sqlite"


class Ledger:
    """The ledger of one output folder, written by one process at a time.

    A change is on the disk when its method returns. A damaged ledger is moved aside and begun
    again: finished pictures carry their own recipe.

    Raises:
        ArtgenError: if another process has it open.
        PictureError: if the folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path.with_suffix(".lock"))
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ArtgenError(
                f"Another artgen is at work on {path.parent}.",
                "Wait for it, or choose another output folder.",
            ) from None
        except OSError as error:
            raise unwritable(path, error) from error
        with self._refusing():
            self._base = self._opened()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        self._lock.release()

    def entries(self) -> dict[str, Entry]:
        """Output -> its entry."""
        return _read(self._base)

    def expect(self, wanted: Iterable[Entry]) -> None:
        """Write entries for jobs, before any of them is made."""
        marks = ", ".join("?" for _ in fields(Entry))
        rows = [tuple(getattr(one, field.name) for field in fields(Entry)) for one in wanted]
        self._write(f"INSERT OR REPLACE INTO jobs ({COLUMNS}) VALUES ({marks})", rows)

    def done(self, output: str, made: Made) -> None:
        """A picture has been written."""
        row = (made.seconds, made.bytes, made.inputs, made.pixels, output)
        self._write(
            "UPDATE jobs SET state = 'done', seconds = ?, bytes = ?, inputs = ?, pixels = ?, "
            "error = '' WHERE output = ?",
            [row],
        )

    def failed(self, output: str, error: str) -> None:
        """A picture cannot be made."""
        sql = "UPDATE jobs SET state = 'failed', error = ? WHERE output = ?"
        self._write(sql, [(error, output)])

    def forsaken(self, outputs: Iterable[str]) -> None:
        """These finished pictures are of inputs that the last run did not have."""
        sql = "UPDATE jobs SET error = ? WHERE output = ? AND state = 'done'"
        self._write(sql, [(FORSAKEN, output) for output in outputs])

    def _write(self, sql: str, rows: Rows) -> None:
        with self._refusing(), self._base:
            self._base.executemany(sql, rows)

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connected(self.path)
        except sqlite3.OperationalError:  # no space or no permission: the file itself is good
            raise
        except sqlite3.DatabaseError:
            os.replace(self.path, self.path.with_suffix(".broken"))
            return _connected(self.path)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            if "full" in str(error) or getattr(error, "errno", None) in FULL:
                raise PictureError(
                    f"There is no room to write {self.path}.",
                    "Free some space and start the same command again.",
                ) from error
            raise PictureError(
                f"{self.path} cannot be written: {error}.", "Check the rights of its folder."
            ) from error


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, check_same_thread=False)
    try:
        base.execute("PRAGMA synchronous = FULL")
        if base.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        (version,) = base.execute("PRAGMA user_version").fetchone()
        if version != FORMAT:
            with base:
                base.execute("DROP TABLE IF EXISTS jobs")
                base.execute(TABLE)
                base.execute(f"PRAGMA user_version = {FORMAT}")
    except BaseException:
        base.close()
        raise
    return base


def _read(base: sqlite3.Connection) -> dict[str, Entry]:
    rows = base.execute(f"SELECT {COLUMNS} FROM jobs ORDER BY output")
    return {row[0]: Entry(*row) for row in rows}


def entries(root: str) -> dict[str, Entry]:
    """The entries of an output folder's ledger, also while another process writes it.

    Raises:
        PictureError: if there is none, or it cannot be read.
    """
    path = where(root)
    if not path.is_file():
        raise PictureError(f"There is no ledger in {root}.", "No batch has been made there.")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            return _read(base)
    except sqlite3.Error as error:
        raise PictureError(f"The ledger {path} cannot be read: {error}.") from error
