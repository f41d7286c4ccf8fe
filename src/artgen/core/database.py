"""SQLite files of ours: damaged ones are put aside, newer ones and foreign causes said in words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from artgen.core.files import part_of, unwritable
from artgen.errors import ArtgenError, PictureError

__all__ = ["check_version", "opened_base", "refusing"]

# What SQLite says where not the file is at fault but the disk, the rights, or another program.
OUTSIDE = ("locked", "full", "readonly", "unable to open", "disk i/o", "out of memory")
PATIENCE = 2.0  # seconds that another program may hold the file
ASIDE = ".broken"  # suffix of a damaged file


def opened_base(
    path: Path,
    form: int,
    tables: str,
    check: Callable[[sqlite3.Connection], object],
    pragmas: str = "",
) -> tuple[sqlite3.Connection, str]:
    """A connection to the database at a path, for any thread, and a note if it is a new one.

    A damaged file is moved aside and begun again, and the note says so.

    Args:
        path: of the file.
        form: version of the tables, in SQLite's user_version.
        tables: statements that create them.
        check: reads everything that will be read; raises DatabaseError for what is damaged.
        pragmas: statements for every connection.

    Raises:
        ArtgenError: for a file of a newer version, or one in use; it stays as it is.
        PictureError: if it cannot be written.
    """
    with refusing(path):
        try:
            return _connected(path, form, tables, check, pragmas), ""
        except (sqlite3.Error, UnicodeError, ValueError, OverflowError) as error:
            if _outside(error):
                raise
        aside = path.with_suffix(ASIDE)
        os.replace(path, aside)
        for beside in ("-journal", "-wal", "-shm"):  # of the damaged file: not for the new one
            with suppress(FileNotFoundError):
                os.replace(f"{path}{beside}", f"{aside}{beside}")
        base = _connected(path, form, tables, check, pragmas)
    return base, f"{path.name} was damaged: it is now {aside.name}, and begun again."


def check_version(base: sqlite3.Connection, path: Path, form: int) -> int:
    """The version of a database's tables, 0 for none.

    Raises:
        ArtgenError: if it is newer than `form`.
    """
    (version,) = base.execute("PRAGMA user_version").fetchone()
    if version > form:
        raise ArtgenError(
            f"{path} was written by a newer version of artgen.",
            "Update artgen, or take another folder; the file stays as it is.",
        )
    return int(version)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns an error of SQLite or of the disk into a sentence by its cause.

    Raises:
        ArtgenError: if another program holds the file.
        PictureError: if it cannot be written.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _refused(path, error) from error
    except OSError as error:
        raise unwritable(path, error) from error


def _connected(
    path: Path,
    form: int,
    tables: str,
    check: Callable[[sqlite3.Connection], object],
    pragmas: str,
) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    try:
        version = check_version(base, path, form)
        base.executescript(pragmas)
        if base.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        (count,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version == 0 and not count:
            base.executescript(f"BEGIN; {tables}; PRAGMA user_version = {form}; COMMIT;")
        elif version != form:
            raise sqlite3.DatabaseError("of no version")
        check(base)
    except BaseException:
        base.close()
        raise
    return base


def _outside(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and any(
        one in str(error).lower() for one in OUTSIDE
    )


def _refused(path: Path, error: sqlite3.Error) -> ArtgenError:
    said = str(error).lower()
    if "locked" in said:
        return ArtgenError(
            f"{path} is in use by another program.", "Close it, and start the same command again."
        )
    if "full" in said:
        return PictureError(
            f"There is no room to write {path}.",
            "Free some space and start the same command again.",
        )
    try:  # SQLite keeps the cause to itself: the same folder tells it
        part = part_of(path)
        part.touch()
        part.unlink()
    except OSError as cause:
        return unwritable(path, cause)
    if "disk i/o" in said:
        return PictureError(
            f"{path} cannot be written: {error}.",
            "The disk may be full or failing, or files may not be that large (ulimit -f).",
        )
    return PictureError(f"{path} cannot be written: {error}.", "Check its permissions.")
