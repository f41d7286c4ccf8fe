"""Batches without torch: a maker whose pictures are quick, checkable, and die as they are told."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artgen.errors import ArtgenError
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.local import Local
from artgen.jobs.messages import Event, Job, JobDone, Made, Share
from artgen.jobs.storage import Folder, outputs, tidied
from artgen.jobs.todo import FileState, Plan, make_plan, run

__all__ = ["Simulated", "batch", "closed", "finished", "jobs_of", "known", "whole"]

LENGTH = 50_000  # bytes of a picture: some pages, so that a write can be cut in the middle


@dataclass(frozen=True)
class Simulated:
    """A workshop, and its maker too. What a content's text says, happens.

    Attributes:
        root: the output folder.
        seconds: that a picture takes.
        tries: a folder where each try leaves a file.
        together: how many are made in one go, whatever they are.
    """

    root: str
    seconds: float = 0.0
    tries: str = ""
    together: int = 1

    def __call__(self, share: Share) -> Simulated:
        return self

    def aside(self) -> None:
        """Nothing to prepare."""

    def load(self, job: Job) -> bytes:
        data = Path(job.inputs["content"][0]).read_bytes()
        if data == b"broken":
            raise ValueError(f"{job.inputs['content'][0]} is broken")
        return data

    def alike(self, one: bytes, other: bytes) -> bool:
        return True

    def make(
        self, jobs: Sequence[Job], loaded: Sequence[bytes], tell: Callable[[int, int | None], None]
    ) -> list[bytes]:
        return [self._make(job, data, tell) for job, data in zip(jobs, loaded, strict=True)]

    def _make(self, job: Job, loaded: bytes, tell: Callable[[int, int | None], None]) -> bytes:
        number = self._tried(job)
        if loaded == b"killed" or (loaded == b"killed once" and number == 1):
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
        if loaded == b"memory" and number == 1:
            raise MemoryError
        if loaded == b"full":
            os.fsync = _full
        tell(1, 2)
        time.sleep(self.seconds)
        return picture(loaded)

    def save(self, job: Job, made: bytes) -> Made:
        outputs(self.root).write(job.output, made)
        return Made(0.0, len(made), digest(job), 4)

    def _tried(self, job: Job) -> int:
        if not self.tries:
            return 0
        name = job.output.replace("/", "_")
        number = len(list(Path(self.tries).glob(f"{name}.*"))) + 1
        Path(self.tries, f"{name}.{number}").touch()
        return number


def closed(share: Share) -> Simulated:
    """A workshop that cannot be opened."""
    raise ArtgenError("There are no weights.", "Fetch them.")


def _full(descriptor: int) -> None:
    raise OSError(28, os.strerror(28))


def picture(data: bytes) -> bytes:
    """What is made of a content, with a hash of it all at its end."""
    body = (data * LENGTH)[:LENGTH]
    return body + hashlib.sha256(body).digest()


def digest(job: Job) -> str:
    return hashlib.sha256(Path(job.inputs["content"][0]).read_bytes()).hexdigest()


def whole(path: Path, content: Path) -> bool:
    """Whether a picture is there to its last byte."""
    return path.is_file() and path.read_bytes() == picture(content.read_bytes())


def known(root: str) -> Callable[[Job], FileState]:
    """Recognises whole pictures by themselves, as a recipe in them would."""

    def recognise(job: Job) -> FileState:
        path = Path(root, job.output)
        if whole(path, Path(job.inputs["content"][0])):
            return FileState(Made(0.0, path.stat().st_size, digest(job), 4))
        return FileState()

    return recognise


def jobs_of(photos: Path) -> list[Job]:
    """A job for each file of a folder."""
    return [Job(f"{p.stem}.out", p.name, {"content": (str(p),)}) for p in sorted(photos.iterdir())]


def batch(
    photos: Path,
    out: Path,
    workers: int = 2,
    seconds: float = 0.0,
    tries: str = "",
    redo: str = "",
    hear: Callable[[Event], None] = lambda _: None,
    together: int = 1,
) -> tuple[Plan, Sequence[Event]]:
    """A whole batch, from its plan to its last event."""
    events = []
    with Ledger(where(str(out))) as ledger, tidied(Folder(str(out))):
        plan = make_plan(
            jobs_of(photos), "recipe", ledger.entries(), Folder(str(out)), known(str(out)), redo
        )
        ledger.expect(plan.news)
        with Local(
            Simulated(str(out), seconds, tries, together), [Share("cpu", 1)] * workers
        ) as pool:
            for event in run(plan.todo, ledger, pool, str(out)):
                hear(event)
                events.append(event)
    return plan, events


def _tell(event: Event) -> None:
    if isinstance(event, JobDone):
        print(event.job.output, flush=True)


def finished(photos: Path, out: Path) -> dict[str, tuple[int, int]]:
    """Output -> inode and time of each picture that is there; each has to be whole."""
    found = {}
    for job in jobs_of(photos):
        path = out / job.output
        if path.exists():
            assert whole(path, Path(job.inputs["content"][0])), f"{job.output} is half a picture"
            stat = path.stat()
            found[job.output] = (stat.st_ino, stat.st_mtime_ns)
    return found


if __name__ == "__main__":
    print("begun", flush=True)
    batch(Path(sys.argv[1]), Path(sys.argv[2]), seconds=0.005, hear=_tell)
