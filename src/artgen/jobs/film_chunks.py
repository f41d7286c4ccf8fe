"""Films as jobs: a film is made in chunks of frames, each a job of its own, and then joined.

So an interrupted film of an hour loses a second, and where its frames do not depend on each other
all workers make it together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import PurePosixPath

from artgen import video
from artgen.errors import PictureError
from artgen.jobs.messages import Job
from artgen.jobs.storage import fetched, is_url, stamp
from artgen.runs import films
from artgen.techniques.base import Technique

__all__ = ["FOLDER", "cut", "notes_of", "state_of"]

FRAMES = 24  # of a chunk
FOLDER = ".part"  # suffix of the folder with a film's chunks, until they are joined


def cut(jobs: Iterable[Job], settings: Technique) -> Iterator[Job]:
    """The same jobs, with chunks before each film.

    Where a frame starts from the last one, so do chunks: each waits for the one before, and the
    film is the same as in one piece. A film that cannot be read stays one job, which will fail with
    the reason.
    """
    role = films.film_role(settings)
    alone = not films.steadiness(settings)
    for job in jobs:
        source = job.inputs[role][0] if role and role in job.inputs else ""
        count = _count(source, stamp(source)) if films.moves(source, job.output) else 0
        chunks: list[Job] = []
        for start in range(0, count, FRAMES):
            stop = min(start + FRAMES, count)
            output = f"{job.output}{FOLDER}/{start // FRAMES:06d}.mp4"
            name = f"{job.name}, frames {start + 1} to {stop}"
            after = () if alone or not chunks else (chunks[-1].output,)
            chunks.append(Job(output, name, job.inputs, (start, stop), after, job.output))
        yield from chunks
        yield Job(job.output, job.name, job.inputs, after=tuple(one.output for one in chunks))


def notes_of(jobs: Iterable[Job], settings: Technique) -> Iterator[str]:
    """Sentences on what the films to be joined do not get of those that they are made from.

    Films of other machines are left out: each would have to be fetched once more.
    """
    role = films.film_role(settings)
    for job in jobs:
        if role and job.joins and not is_url(job.inputs[role][0]):
            with suppress(PictureError):
                clip = video.probe(job.inputs[role][0])
                yield from clip.notes
                yield from video.companions_of(clip, PurePosixPath(job.output).suffix).notes


def state_of(chunk: str) -> str:
    """The file with the state needed to go on after a chunk."""
    return chunk.removesuffix(".mp4") + video.STATE


@lru_cache(1024)
def _count(source: str, seen: str) -> int:
    """Frames of a film, 0 if it cannot be read."""
    try:
        with fetched(source) as path:
            return video.probe(path).count
    except PictureError:
        return 0
