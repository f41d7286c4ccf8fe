"""A technique applied to a film: frame by frame, each starting from the last one.

The result of a frame is moved along the optical flow to the next one. A technique gets that as the
input `last`, and may start from it; then both are blended where the flow is reliable, so that what
does not move does not flicker (Ruder, Dosovitskiy & Brox, GCPR 2016).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeAlias

from artgen import images, video
from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.errors import UsageError
from artgen.images import Loaded
from artgen.ops.resize import resize
from artgen.techniques.base import HasFrameRate, HasSteadiness, Inputs, Technique

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.ops.optical_flow import Steady
    from artgen.runtime import Runtime

Known: TypeAlias = "Callable[[int, Tensor, Tensor], tuple[Tensor, Tensor | None]]"
"""Number of a frame, the frame and its painting -> the painting with what is known of it put in,
and how far each pixel is known, (1, 1, H, W) in [0, 1]; None for nowhere."""

__all__ = [
    "LAST",
    "Known",
    "film_role",
    "load",
    "moves",
    "rate_of",
    "shoot",
    "steadiness",
    "suffix_of",
]

LAST = "last"  # among a technique's inputs: the result of the frame before, moved along the flow
STATE = ("frame", "painted")
STACKED = 2**21  # pixels of a frame, at most, for several to be made at once; 1080p is below
HASHED = 1 << 20  # bytes read at once


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
    digest = hashlib.sha256()
    with clip.path.open("rb") as file:
        while data := file.read(HASHED):
            digest.update(data)
    first = next(video.frames(clip))
    return clip, Loaded(first.numpy(), None, clip.path, digest.hexdigest(), None, False)


def shoot(
    settings: Technique,
    inputs: Inputs,
    clip: video.Clip,
    runtime: Runtime,
    *,
    start: int = 0,
    stop: int | None = None,
    state: State | None = None,
    known: Known | None = None,
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
    import torch

    from artgen.ops.optical_flow import Steady

    role = film_role(settings)
    if role is None:
        raise UsageError("This technique takes pictures, and no film.")
    steady = Steady(steadiness(settings))
    if state:
        steady.frame, steady.painted = (state[name].to(runtime.torch_device) for name in STATE)
    wanted = islice(video.frames(clip, start), None if stop is None else stop - start)
    shown: Tensor | None = None
    provenance = Provenance()
    index, most = start, runtime.stacked(_stacked(settings, clip))
    while frames := [one.to(runtime.torch_device) for one in islice(wanted, most)]:
        size = settings.result_size({**inputs, role: frames[:1]}) or frames[0].shape[-2:]
        runtime.check_room((size[0], size[1]))
        seen = [resize(frame, (size[0], size[1])) for frame in frames]
        moved = steady.moved(seen[0])
        given = {**inputs, role: [torch.cat(frames)], **({} if moved is None else {LAST: [moved]})}
        for event in settings.run(given, runtime):
            if isinstance(event, Note) and index == start:
                yield event
            elif isinstance(event, Result):
                painted, provenance = event.pictures["picture"], event.provenance
        for number, frame in enumerate(seen):
            if number:
                steady.moved(frame)
            one = painted[number : number + 1]
            one, held = known(index, frame, one) if known is not None else (one, None)
            picture = steady(frame, one, held)
            index += 1
            yield _step(index, max(clip.count, index), picture, steady, provenance)
            shown = picture
    yield Result({} if shown is None else {"picture": shown}, provenance)


def _stacked(settings: Technique, clip: video.Clip) -> int:
    """How many frames are made at once."""
    together = max(one.together for one in settings.inputs if one.film)
    return together if clip.size[0] * clip.size[1] <= STACKED else 1


def _step(index: int, total: int, picture: Tensor, steady: Steady, provenance: Provenance) -> Step:
    def state() -> Mapping[str, Tensor]:
        held = (steady.frame, steady.painted)
        return {name: value for name, value in zip(STATE, held, strict=True) if value is not None}

    size = (picture.shape[-2], picture.shape[-1])
    return Step(index, total, size, {}, picture.clone, state, provenance)
