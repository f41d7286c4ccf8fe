"""A technique applied to a film: frame by frame, each starting from the last one.

The result of a frame is moved along the optical flow to the next one. A technique gets that as the
input `last`, and may start from it; then both are blended where the flow is reliable, so that what
does not move does not flicker (Ruder, Dosovitskiy & Brox, GCPR 2016). While a frame is made, the
next one is read and its motion computed; where none starts from another, several are made at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeAlias

from artgen import images, video
from artgen.core.ahead import ahead, side_by_side
from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.errors import UsageError
from artgen.images import Loaded
from artgen.ops.resize import resize
from artgen.techniques.base import HasFlow, HasFrameRate, HasSteadiness, Inputs, Technique

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.ops.optical_flow import Motion, Steady
    from artgen.runtime import Runtime

__all__ = [
    "LAST",
    "Known",
    "film_digest",
    "film_role",
    "load",
    "moves",
    "nothing_known",
    "rate_of",
    "shoot",
    "steadiness",
    "suffix_of",
]

SEARCH = "dis"  # the estimate of optical flow that needs no network
LAST = "last"  # among a technique's inputs: the result of the frame before, moved along the flow
STATE = ("frame", "painted")
STACKED = 2**21  # pixels of a frame, at most, for several to be made at once; 1080p is below
HASHED = 1 << 20  # bytes read at once
Known: TypeAlias = "Callable[[int, Tensor, Tensor], tuple[Tensor, Tensor | None]]"
"""Number of a frame, the frame and its painting -> the painting with what is known of it put in,
and how far each pixel is known, (1, 1, H, W) in [0, 1]; None for nowhere."""
Seen: TypeAlias = "tuple[Tensor, Tensor, Motion | None]"
"""A frame as it was read, at the size of the result, and how it moved since the one before."""


def film_role(settings: Technique | type[Technique]) -> str | None:
    """The name of the input that may be a film; None if a technique has none."""
    return next((one.name for one in settings.inputs if one.film), None)


def moves(source: str | Path, out: str, *, still: bool = False) -> bool:
    """Whether an input is a film: any with a film's suffix, and an animated picture of which a
    film can be made.

    Args:
        source: the input's path; of a URL only the suffix counts.
        out: path of the output; "" for one that is named after the input.
        still: whether animated pictures count as pictures all the same.
    """
    if video.is_film(source):
        return True
    own, suffix = (PurePath(one).suffix.lower() for one in (source, out))
    fits = not out or (suffix in video.CONTAINERS and suffix in (*video.SUFFIXES, ".webp", own))
    return not still and fits and images.is_animated(source)


def suffix_of(source: str | Path) -> str:
    """The suffix of a film that is made from a film: an animated picture stays of its kind."""
    suffix = PurePath(source).suffix.lower()
    container = video.CONTAINERS.get(suffix)
    return ".mp4" if container is None or container.sound else suffix


def rate_of(settings: Technique) -> Fraction | None:
    """Frames a second of a technique whose steps are the frames of a film; None for pictures."""
    return settings.frames_a_second if isinstance(settings, HasFrameRate) else None


def steadiness(settings: Technique) -> float:
    """How far each frame starts from the last one, from 0 to 1."""
    return settings.steady / 100 if isinstance(settings, HasSteadiness) else 0.0


def load(path: str | Path) -> tuple[video.Clip, Loaded]:
    """A film, and its first frame (1, 3, H, W) with the film's name and SHA-256.

    Raises:
        PictureError: if it cannot be read.
    """
    clip = video.probe(path)
    first = next(video.frames(clip))
    return clip, Loaded(first.numpy(), None, clip.path, film_digest(clip.path), None, False)


def film_digest(path: Path) -> str:
    """The SHA-256 of a film's file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(HASHED):
            digest.update(data)
    return digest.hexdigest()


def nothing_known(index: int, frame: Tensor, painted: Tensor) -> tuple[Tensor, Tensor | None]:
    """The painting (1, 3, H, W) as it is, and None; see Known."""
    return painted, None


def shoot(
    settings: Technique,
    inputs: Inputs,
    clip: video.Clip,
    runtime: Runtime,
    *,
    start: int = 0,
    stop: int | None = None,
    state: State | None = None,
    known: Known = nothing_known,
) -> Iterator[Step | Note | Result]:
    """Yield a Step for every frame from `start` up to `stop`, at its final size, and a Result.

    Args:
        settings: the technique; it may say how far a frame starts from the last one.
        inputs: those besides the film, pictures (1, 3, H, W).
        clip: the film.
        runtime: as for a picture.
        start, state: the number of frames made already, and the state of the last one's Step.
        stop: the number of frames to reach; None for all.
        known: puts in what is known of each painted frame: that does not follow the last one.

    Raises:
        UsageError: if the technique takes no film.
    """
    from artgen.ops.optical_flow import Steady
    from artgen.optim.memory import reused
    from artgen.optim.threads import one_thread

    if film_role(settings) is None:
        raise UsageError("This technique takes pictures, and no film.")
    steady = Steady(steadiness(settings))
    yield from _estimated(settings, runtime, steady)
    if state:
        steady.frame, steady.painted = (state[name].to(runtime.torch_device) for name in STATE)
    wanted = islice(video.frames(clip, start), None if stop is None else stop - start)
    making = _Making(settings, inputs, runtime, steady)
    most = runtime.stacked(making.together if _small(clip) else 1)
    coming = ahead(_seen(wanted, settings, inputs, runtime, steady), most, one_thread)
    stacks = iter(lambda: list(islice(coming, most)), [])
    made = side_by_side(stacks, making, making.at_once, one_thread)
    shown, provenance, index = None, Provenance(), start
    with reused(), closing(coming), closing(made):
        for stack, events in made:
            for event in events:
                if isinstance(event, Result):
                    painted, provenance = event.pictures["picture"], event.provenance
                elif index == start:
                    yield event
            for number, (_, seen, motion) in enumerate(stack):
                if making.together > 1:
                    steady.moved(motion)
                shown = steady(seen, *known(index, seen, painted[number : number + 1]))
                index += 1
                yield _step(index, max(clip.count, index), shown, steady, provenance)
    yield Result({} if shown is None else {"picture": shown}, provenance)


@dataclass
class _Making:
    """How frames are made: each from the last one, or several side by side or as a batch.

    Attributes:
        settings, inputs, runtime: as for `shoot`.
        steady: what it has seen, where frames start from the last one.
        size: (H, W) of what is made; None before the first. That is made alone: what all need is
            loaded only once.
    """

    settings: Technique
    inputs: Inputs
    runtime: Runtime
    steady: Steady
    size: tuple[int, int] | None = None

    @property
    def together(self) -> int:
        """How many frames may be made at once; 1 where each may start from the last one."""
        return max(one.together for one in self.settings.inputs if one.film)

    def at_once(self) -> int:
        """How many stacks of frames to make side by side now."""
        if self.together == 1 or self.size is None:
            return 1
        return self.runtime.side_by_side(self.size)

    def __call__(self, stack: Sequence[Seen]) -> list[Note | Result]:
        """What is said and made of some frames."""
        import torch

        self.size = (stack[0][1].shape[-2], stack[0][1].shape[-1])
        self.runtime.check_room(self.size)
        moved = self.steady.moved(stack[0][2]) if self.together == 1 else None
        last = {} if moved is None else {LAST: [moved]}
        frames = torch.cat([frame for frame, _, _ in stack])
        given = {**self.inputs, film_role(self.settings) or "": [frames], **last}
        events = self.settings.run(given, self.runtime)
        return [one for one in events if isinstance(one, (Note, Result))]


def _estimated(settings: Technique, runtime: Runtime, steady: Steady) -> Iterator[Note]:
    """Let a network estimate the optical flow, where that is asked for and there is any."""
    if steady.share and isinstance(settings, HasFlow) and settings.flow != SEARCH:
        steady.by = runtime.flow(settings.flow)
        where = runtime.torch_device.type
        yield Note(f"Optical flow by the network {settings.flow!r}, on {where}.")


def _seen(
    frames: Iterator[Tensor], settings: Technique, inputs: Inputs, runtime: Runtime, steady: Steady
) -> Iterator[Seen]:
    """Each frame, and how it moved since the one before; first since that of the state."""
    from artgen.ops.optical_flow import Frame

    role = film_role(settings) or ""
    before = None if steady.frame is None else Frame(steady.frame)
    for one in frames:
        frame = one.to(runtime.torch_device)
        size = settings.result_size({**inputs, role: [frame]}) or frame.shape[-2:]
        seen = Frame(resize(frame, (size[0], size[1])).contiguous())  # as it is in a state
        yield frame, seen.whole, steady.motion(seen, before)
        before = seen


def _small(clip: video.Clip) -> bool:
    """Whether several frames are made as one batch, on a device that can."""
    return clip.size[0] * clip.size[1] <= STACKED


def _step(index: int, total: int, picture: Tensor, steady: Steady, provenance: Provenance) -> Step:
    def state() -> Mapping[str, Tensor]:
        held = (steady.frame, steady.painted)
        return {name: value for name, value in zip(STATE, held, strict=True) if value is not None}

    size = (picture.shape[-2], picture.shape[-1])
    return Step(index, total, size, {}, picture.clone, state, provenance)
