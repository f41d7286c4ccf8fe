"""Atomic writes: a file is written whole or not at all, and a path that cannot be is explained."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from artgen.errors import PictureError

__all__ = [
    "FULL",
    "LITTER",
    "PACKAGE_DATA",
    "PARTS",
    "drafted",
    "is_litter",
    "part_of",
    "put_whole",
    "unwritable",
    "write_whole",
]

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
PACKAGE_DATA = Path(__file__).parents[1] / "data"  # what ships inside the package
LITTER = (  # folders in which systems and programs keep copies of pictures, or deleted ones
    *("@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot"),  # storage servers
    *("__MACOSX", ".Trash*", "$RECYCLE.BIN", "System Volume Information", "lost+found"),
)
PARTS = ".artgen-*.part*"  # temporary files that a killed process leaves behind


def is_litter(folder: str) -> bool:
    """Whether a folder's name is one of LITTER's."""
    return any(fnmatchcase(folder.lower(), one.lower()) for one in LITTER)


def part_of(target: Path, suffix: str = "") -> Path:
    """A new temporary name in the folder of `target`."""
    return target.with_name(f".artgen-{secrets.token_hex(6)}.part{suffix}")


@contextmanager
def drafted(path: Path, part: Path | None = None) -> Iterator[Path]:
    """A temporary path to write to; at the end the file is flushed to disk and renamed to `path`.

    So the file at `path` is whole at any time: the old one before, the new one after, with the old
    one's permissions. After an error or Ctrl-C the temporary file is removed.

    Args:
        path: of the finished file.
        part: the temporary path, in the same folder or in one inside it. By default it is a new
            name, and where `path` is a link it stays one.
    """
    target = path if part else Path(os.path.realpath(path))
    part = part or part_of(target)
    try:
        yield part
        _put(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _put(made: Path, target: Path) -> None:
    with made.open("r+b") as file:  # Windows flushes only files open for writing
        os.fsync(file.fileno())
    with suppress(OSError):  # there was none, or it belongs to somebody else
        made.chmod(stat.S_IMODE(target.stat().st_mode))
    os.replace(made, target)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file, whole or not at all (see `drafted`).

    Raises:
        PictureError: if the path cannot be written.
    """
    try:
        with drafted(path) as part, part.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise unwritable(path, error) from error


def put_whole(path: Path, made: Path) -> None:
    """Flushes a finished file to disk and renames it to `path`, on the same file system.

    Raises:
        PictureError: if the path cannot be written.
    """
    try:
        _put(made, Path(os.path.realpath(path)))
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> PictureError:
    """The error for a path that cannot be written, by its cause."""
    folder = path.parent
    if error.errno in FULL:
        return PictureError(
            f"There is no room to write {path}: {os.strerror(error.errno or 0)}.",
            "Free some space, or write to another place.",
        )
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return PictureError(f"The folder {folder} does not exist.", "Create it first.")
    if isinstance(error, NotADirectoryError) or folder.is_file():
        return PictureError(f"{folder} is not a folder.", "Choose another place.")
    if isinstance(error, PermissionError | FileNotFoundError):
        return PictureError(f"{path} may not be written.", "Check the permissions of its folder.")
    why = os.strerror(error.errno) if error.errno else str(error)
    return PictureError(f"{path} cannot be written: {why}.", "Choose another place or name.")
