"""The maker for films, in a worker: makes chunks of frames, and joins them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from artgen import video
from artgen.core.events import Step
from artgen.core.files import FULL
from artgen.core.listeners import Listener
from artgen.errors import PictureError
from artgen.images import Loaded
from artgen.jobs.film_chunks import FOLDER, state_of
from artgen.jobs.messages import Job, Made, Order, Share, Workshop, digest
from artgen.jobs.picture_maker import PictureMaker
from artgen.jobs.storage import fetched
from artgen.runs import films
from artgen.runs.execute import Progress, execute
from artgen.runs.inputs import tensors
from artgen.runs.recipes import Recipe

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FilmMaker", "workshop"]


@dataclass(frozen=True)
class Footage:
    """A film of which some frames are to be made, and the state after those before them."""

    clip: video.Clip
    loaded: Mapping[str, list[Loaded]]
    state: Mapping[str, Tensor] | None


@dataclass(frozen=True)
class Shot:
    """Frames that are made and not yet written, and the state needed to go on after them."""

    loaded: Mapping[str, list[Loaded]]
    look: video.Look | None  # None if the film ended before its first frame
    frames: Sequence[bytes]
    state: Mapping[str, Tensor]
    recipe: str


class _Frames(Listener):
    """Encodes the frames of a run, and keeps the state needed to go on after the last one."""

    def __init__(self, suffix: str, clip: video.Clip, quality: int, start: int) -> None:
        self.suffix, self.clip, self.quality = suffix, clip, quality
        self.look: video.Look | None = None
        self.raw: video.Raw | None = None
        self.frames: list[bytes] = []
        self.last: Step | None = None
        self.start = start

    def keep(self, step: Step, leaving: bool) -> None:
        picture = step.picture()
        size = (picture.shape[-2], picture.shape[-1])
        self.look = self.look or video.Look.of(self.suffix, size, self.clip, self.quality)
        self.raw = self.raw or video.Raw(self.look, self.clip, self.start)
        self.frames.append(self.raw(picture))
        self.last = step

    @property
    def state(self) -> dict[str, Tensor]:
        """The last step's state, and the number of frames."""
        import torch

        if self.last is None:
            return {video.DONE: torch.tensor(self.start)}
        kept = {name: value.cpu().contiguous() for name, value in self.last.state().items()}
        return {**kept, video.DONE: torch.tensor(self.last.index)}


class FilmMaker:
    """Makes an order's pictures, and its films as the command for one film would."""

    def __init__(self, pictures: PictureMaker) -> None:
        self.pictures = pictures
        self.outputs, self.together = pictures.outputs, pictures.together
        self.role = films.film_role(pictures.settings) or ""

    def aside(self) -> None:
        self.pictures.aside()

    def load(self, job: Job) -> Any:
        """The inputs, and for a film's chunk the state of the chunk before."""
        loaded = self.pictures.load(job)
        if job.frames is None:
            return loaded
        from safetensors.torch import load

        state = None
        for before in job.after:
            with fetched(self.outputs.source(state_of(before))) as path:
                state = {name: one.clone() for name, one in load(path.read_bytes()).items()}
                state.pop(video.DONE)
        return Footage(self._clip(job), loaded, state or None)

    def alike(self, one: Any, other: Any) -> bool:
        """False: frames are stacked within a chunk, if at all."""
        films = isinstance(one, Footage) or isinstance(other, Footage)
        return not films and self.pictures.alike(one, other)

    def make(
        self, jobs: Sequence[Job], loaded: Sequence[Any], tell: Callable[[int, int | None], None]
    ) -> Sequence[Any]:
        """Pictures, the frames of a chunk, or nothing yet for a film to be joined."""
        if jobs[0].joins:
            return loaded
        if isinstance(loaded[0], Footage):
            return [self._shoot(jobs[0], loaded[0], tell)]
        return self.pictures.make(jobs, loaded, tell)

    def save(self, job: Job, made: Any) -> Made:
        """Write the result; a film is joined now."""
        if job.joins:
            return self._join(job, made)
        return self._write(job, made) if isinstance(made, Shot) else self.pictures.save(job, made)

    def _clip(self, job: Job) -> video.Clip:
        return self.pictures.clip(job.inputs[self.role][0])

    def _shoot(self, job: Job, footage: Footage, tell: Callable[[int, int | None], None]) -> Shot:
        maker, clip = self.pictures, footage.clip
        inputs = tensors(footage.loaded)
        start, stop = job.frames or (0, 0)
        # The header's count may be wrong, so the last chunk takes all remaining frames.
        last = None if stop >= clip.count else stop
        shots = films.shoot(
            maker.settings,
            inputs,
            clip,
            maker.runtime,
            start=start,
            stop=last,
            state=footage.state,
        )
        frames = _Frames(PurePosixPath(job.film).suffix, clip, maker.order.quality, start)
        progress = Progress(lambda index, _: tell(index - start, stop - start))
        result = execute(maker.runtime, shots, progress, frames)
        assert result is not None, "a run ends with its result"
        recipe = Recipe.of(
            maker.order.technique, maker.settings, maker.runtime, footage.loaded, result
        )
        return Shot(footage.loaded, frames.look, frames.frames, frames.state, recipe.dumps())

    def _write(self, job: Job, shot: Shot) -> Made:
        """The state first: if the chunk is there, so is the state."""
        data = b""
        if shot.look:
            with tempfile.TemporaryDirectory(prefix="artgen-") as folder, _told(job.output):
                path = Path(folder, "chunk.mp4")
                start, _ = job.frames or (0, 0)
                shot.look.write(path, shot.frames, len(shot.frames), shot.recipe, start=start)
                data = path.read_bytes()
        from safetensors.torch import save

        self.outputs.write(state_of(job.output), save(dict(shot.state)))
        self.outputs.write(job.output, data)
        height, width = shot.look.size if shot.look else (0, 0)
        pixels = height * width * len(shot.frames)
        return Made(0.0, len(data), self._hashes(job, shot.loaded), pixels)

    def _join(self, job: Job, loaded: Mapping[str, list[Loaded]]) -> Made:
        """Join the chunks, add the sound, and remove everything but the film."""
        from safetensors.torch import load

        clip = self._clip(job)
        with ExitStack() as held, _told(job.output):
            chunks = self._chunks(job, held)
            with fetched(self.outputs.source(state_of(job.after[-1]))) as path:
                count = int(load(path.read_bytes())[video.DONE])
            recipe = video.read_recipe(chunks[0]) or ""
            look = video.Look.of(
                PurePosixPath(job.output).suffix, clip.size, clip, self.pictures.order.quality
            )
            beside = video.companions_of(clip, look.suffix)
            with self.outputs.draft(job.output) as draft:
                video.join(chunks, draft, look, count, beside, recipe)
                written = draft.stat().st_size
        self.outputs.remove(job.output + FOLDER)
        return Made(0.0, written, self._hashes(job, loaded))

    def _chunks(self, job: Job, held: ExitStack) -> list[Path]:
        """The chunks that have frames, as files of one folder."""
        sources = [self.outputs.source(one) for one in job.after]
        found = [held.enter_context(fetched(one)) for one in sources]
        if len({path.parent for path in found}) > 1:  # each was downloaded to its own folder
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="artgen-")))
            found = [path.rename(folder / path.name) for path in found]
        return [path for path in found if path.stat().st_size]

    def _hashes(self, job: Job, loaded: Mapping[str, list[Loaded]]) -> str:
        return digest({role: [one.sha256 for one in loaded[role]] for role in job.inputs})


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Adds to an error which film ffmpeg could not write."""
    try:
        yield
    except OSError as error:
        hint = "Free some space." if error.errno in FULL or "No space" in str(error) else ""
        raise PictureError(f"{name} cannot be written: {error}.", hint) from error


def _opened(order: Order, root: str, share: Share) -> FilmMaker:
    return FilmMaker(PictureMaker(order, root, share))


def workshop(order: Order, root: str) -> Workshop:
    """Constructs a maker for an order, in whatever process it is called."""
    return partial(_opened, order, root)
