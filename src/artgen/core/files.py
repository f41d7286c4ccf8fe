"""Files: only ordinary ones are opened, and they are written whole or not at all."""

from __future__ import annotations

import errno
import os
import platform
import re
import stat
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePath
from typing import BinaryIO

import psutil

from artgen.errors import ArtgenError, PictureError

__all__ = [
    "FULL",
    "LITTER",
    "PACKAGE_DATA",
    "PARTS",
    "drafted",
    "is_abandoned",
    "is_litter",
    "is_name",
    "is_ordinary",
    "opened",
    "part_of",
    "put_whole",
    "unwritable",
    "write_folder",
    "write_whole",
]

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
PACKAGE_DATA = Path(__file__).parents[1] / "data"  # what ships inside the package
LITTER = (  # folders in which systems and programs keep copies of pictures, or deleted ones
    *("@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot"),  # storage servers
    *("__MACOSX", ".Trash*", "$RECYCLE.BIN", "System Volume Information", "lost+found"),
)
PARTS = ".artgen-*.part*"  # temporary files, which a killed process leaves behind
DAY = 86_400  # seconds
ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def is_litter(folder: str) -> bool:
    """Whether a folder's name is one of LITTER's."""
    return any(fnmatchcase(folder.lower(), one.lower()) for one in LITTER)


def part_of(target: Path, suffix: str = "") -> Path:
    """A new temporary name in the folder of `target`; it says which process writes it."""
    owner = f"{_machine()}-{os.getpid()}"
    return target.with_name(f".artgen-{owner}-{os.urandom(6).hex()}.part{suffix}")


def is_abandoned(part: Path) -> bool:
    """Whether nobody writes a file of `part_of` any more.

    That is, its process has ended; of another machine's process, whose folder this may be too, that
    the file has not changed for a day.
    """
    found = re.match(r"\.artgen-([0-9a-f]{8})-(\d{1,18})-", part.name)
    if not found:
        return True
    if found[1] == _machine():
        return _has_ended(int(found[2]))
    try:
        return time.time() - part.stat().st_mtime > DAY
    except OSError:  # it has just been renamed or removed
        return False


def _has_ended(process: int) -> bool:
    """Whether a process is gone, or dead and only not yet waited for by the one above it."""
    try:
        return bool(psutil.Process(process).status() in ENDED)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:  # somebody else's
        return False


@cache
def _machine() -> str:
    """A short name for this machine."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


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


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write files, (name, bytes) each, into a folder, which is made if it does not exist.

    Returns:
        Their paths.

    Raises:
        PictureError: if the folder or one of them cannot be written.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    written = []
    for name, data in files:
        write_whole(folder / name, data)
        written.append(folder / name)
    return written


@contextmanager
def opened(path: Path, kind: type[ArtgenError] = PictureError) -> Iterator[BinaryIO]:
    """An open ordinary file, or an error of a kind that says why there is none."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise kind(f"{path} is a folder, not a file.", "Name a file in it.")
        if not stat.S_ISREG(mode):  # a pipe would wait for ever, a device never end
            raise kind(
                f"{path} is not an ordinary file.",
                "Save it as a file first, or send a picture through stdin: - in place of a name.",
            )
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise kind(f"There is no file {path}.", "Check the path.") from error
    except PermissionError as error:
        raise kind(f"{path} may not be read.", "Check its permissions.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise kind(f"{path} cannot be opened: {why}.", "Check the path.") from error
    with file:
        yield file


def is_name(text: str) -> bool:
    """Whether a text can be the name of a file, without a folder: not a path, and not `..`."""
    return text not in ("", ".", "..") and PurePath(text).name == text


def is_ordinary(path: Path) -> bool:
    """Whether there is an ordinary file, and no folder, device or pipe."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long; a NUL in it
        return False


def unwritable(path: Path, error: OSError) -> PictureError:
    """The error for a path that cannot be written, by its cause."""
    folder = path.parent
    if error.errno == errno.EFBIG:
        return PictureError(
            f"{path} cannot be written: files may not be that large here (ulimit -f).",
            "Raise the limit, or make less of it.",
        )
    if error.errno in FULL and _no_inodes(folder):
        return PictureError(
            f"There is no room for another file, {path}: the disk has no inodes left.",
            "Remove some files, or write to another place.",
        )
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


def _no_inodes(folder: Path) -> bool:
    """Whether a file system counts its files, and holds as many as it can."""
    try:
        found = os.statvfs(folder)
    except (AttributeError, OSError):  # Windows has none
        return False
    return found.f_files > 0 and found.f_favail == 0
