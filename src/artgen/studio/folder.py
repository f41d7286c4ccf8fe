"""The studio's own folder: its history, the pictures it was given, and those it made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from artgen.core.files import unwritable
from artgen.errors import ArtgenError
from artgen.runs.checkpoint import SUFFIX
from artgen.runs.gallery import own_folder

__all__ = ["STATE", "Folder", "opened"]

STATE = "state"  # what a job's checkpoint is called, without its suffix


@dataclass(frozen=True)
class Folder:
    """Where things lie. Every name in it is made here: none comes from outside."""

    root: Path

    @property
    def base(self) -> Path:
        """The history."""
        return self.root / "history.sqlite"

    @property
    def given(self) -> Path:
        """Pictures that were uploaded, as they came."""
        return self.root / "given"

    @property
    def shown(self) -> Path:
        """Small copies for the page; they can be made again."""
        return self.root / "shown"

    def made(self, job: int) -> Path:
        """What one job has made."""
        return self.root / "made" / str(int(job))

    def state(self, job: int) -> Path:
        """Where a job is, if it was put aside."""
        return self.made(job) / f"{STATE}{SUFFIX}"

    def forget(self, job: int) -> None:
        """Removes what a job has made."""
        shutil.rmtree(self.made(job), ignore_errors=True)


@contextmanager
def opened(root: Path | None = None) -> Iterator[Folder]:
    """The user's own studio, or the one at `root`, to one process at a time.

    Raises:
        ArtgenError: if another process has it.
        PictureError: if it cannot be written.
    """
    folder = Folder(root or own_folder().parent / "studio")
    try:
        for one in (folder.given, folder.shown, folder.root / "made"):
            one.mkdir(parents=True, exist_ok=True)
        folder.root.chmod(0o700)  # what somebody paints is nobody else's business
        lock = FileLock(folder.root / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise ArtgenError(
            f"Another artgen studio is open on {folder.root}.",
            "Take its address, or stop it first.",
        ) from None
    except OSError as error:
        raise unwritable(folder.root, error) from error
    try:
        yield folder
    finally:
        lock.release()
