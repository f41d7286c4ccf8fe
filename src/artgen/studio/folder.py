"""The studio's own folder: its history, the uploads, and the results."""

from __future__ import annotations

import re
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

__all__ = ["FILM", "STATE", "Folder", "opened"]

FILM = "film"  # the name of a result that is a film, and no picture
STATE = "state"  # the name of a job's checkpoint, without its suffix


@dataclass(frozen=True)
class Folder:
    """The paths in the folder. All names in it are made here: none is from a request."""

    root: Path

    @property
    def base(self) -> Path:
        """The history's database."""
        return self.root / "history.sqlite"

    @property
    def uploads(self) -> Path:
        """The uploads, as they came."""
        return self.root / "given"

    @property
    def shown(self) -> Path:
        """Reduced copies for the page; they can be made again."""
        return self.root / "shown"

    def frames(self, key: str) -> Path:
        """Frames of an uploaded film, by the hash in its file's name; they can be made again."""
        return self.shown / key

    def made(self, job: int) -> Path:
        """The results of one job."""
        return self.root / "made" / str(int(job))

    def result(self, job: int, number: int, name: str) -> Path:
        """One of them, by its number from 0 and its name."""
        return self.made(job) / f"{int(number)}{'.mp4' if name == FILM else '.png'}"

    def state(self, job: int) -> Path:
        """The checkpoint of a job, if it was paused."""
        return self.made(job) / f"{STATE}{SUFFIX}"

    def unnamed(self, text: str) -> str:
        """A text for the page, without the paths of this folder."""
        return re.sub(re.escape(str(self.root)) + r"[^\s'\"]*\w", "the studio's folder", text)

    def forget(self, job: int) -> None:
        """Remove the results of a job."""
        shutil.rmtree(self.made(job), ignore_errors=True)


@contextmanager
def opened(root: Path | None = None) -> Iterator[Folder]:
    """The user's own studio, or the one at `root`, for one process at a time.

    Raises:
        ArtgenError: if another process has it open.
        PictureError: if it cannot be written.
    """
    folder = Folder(root or own_folder().parent / "studio")
    try:
        for one in (folder.uploads, folder.shown, folder.root / "made"):
            one.mkdir(parents=True, exist_ok=True)
        folder.root.chmod(0o700)  # the pictures are private to the user
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
