"""Files that are written whole or not at all, and one sentence for a place that takes none."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from artgen.errors import PictureError

__all__ = [
    "FULL",
    "PACKAGE_DATA",
    "PARTS",
    "drafted",
    "part_of",
    "put_whole",
    "unwritable",
    "write_whole",
]

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
PACKAGE_DATA = Path(__file__).parents[1] / "data"  # what ships inside the package
PARTS = ".artgen-*.part*"  # what a writer that was killed leaves behind


def part_of(target: Path, suffix: str = "") -> Path:
    """A new name beside `target`, for what is not whole yet."""
    return target.with_name(f".artgen-{secrets.token_hex(6)}.part{suffix}")


@contextmanager
def drafted(path: Path, part: Path | None = None) -> Iterator[Path]:
    """A name to write a file under; at the end, once the disk has all of it, it is renamed.

    So a file is there whole or not at all, and one that was there stays until then. Where something
    goes wrong, Ctrl-C too, nothing half written is left.

    Args:
        path: what the file is called in the end.
        part: what it is called until then, in the same folder or one in it. If not given it is a
            new name, and where `path` is a link it stays one, as with any other program.
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
    with made.open("r+b") as file:  # Windows flushes only what could be written to
        os.fsync(file.fileno())
    os.replace(made, target)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file, whole or not at all (see `drafted`).

    Raises:
        PictureError: where the place does not take it.
    """
    try:
        with drafted(path) as part, part.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise unwritable(path, error) from error


def put_whole(path: Path, made: Path) -> None:
    """Moves a finished file of the same disk into its place, once the disk has all of it.

    Raises:
        PictureError: where the place does not take it.
    """
    try:
        _put(made, Path(os.path.realpath(path)))
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> PictureError:
    """One sentence for a place that does not take the file."""
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
