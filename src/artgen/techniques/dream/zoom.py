"""A film that zooms into a picture: each frame is the last one, moved closer and dreamt on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.ops.numerics import TINY
from artgen.ops.transforms import turned

__all__ = ["Zoom", "calmed", "fly"]

CLOSING = 1.0  # seconds in which a loop's end is blended into its beginning
USUAL = 24  # frames a second at which a frame's ascent has the step length of the settings


@dataclass(frozen=True)
class Zoom:
    """The movement of a film.

    Attributes:
        seconds: its length.
        rate: scale factor in a second.
        rotation: degrees a second, counterclockwise.
        fps: frames a second.
        loops: whether its end is blended into its beginning.
    """

    seconds: float
    rate: float
    rotation: float
    fps: int
    loops: bool

    @property
    def count(self) -> int:
        """The number of frames."""
        return max(round(self.seconds * self.fps), 1)

    @property
    def pace(self) -> float:
        """Factor of a frame's step length: the change in a second is the same at any frame rate."""
        return USUAL / self.fps

    def moved(self, frame: Tensor, frames: float = 1.0) -> Tensor:
        """A frame (1, 3, H, W) as it looks this many frames later, or earlier where negative."""
        share = frames / self.fps
        made = turned(frame, self.rotation * share, self.rate**share, mode="bicubic")
        return made.clamp(0, 1)

    def closed(self, frame: Tensor, index: int, first: Tensor) -> Tensor:
        """Frame `index` (from 0) of the film, (1, 3, H, W); near a loop's end, blended.

        It is blended with `first`, the first frame (1, 3, H, W), zoomed out so far that it arrives
        at its own size at the end; its edges are mirrored.
        """
        left = self.count - index
        length = min(CLOSING * self.fps, self.count - 1)
        if not self.loops or left > length:
            return frame
        return frame.lerp(self.moved(first, -left), 1 - left / (length + 1))


def calmed(frame: Tensor, first: Tensor) -> Tensor:
    """A frame with at most the contrast of the first one in every channel, (1, 3, H, W) both.

    Otherwise a picture that is dreamt on again and again would end in pure colours.
    """
    (mean, size), (wanted, most) = (
        (one.mean((2, 3), keepdim=True), one.std((2, 3), keepdim=True)) for one in (frame, first)
    )
    return (wanted + (frame - mean) * (most / size.clamp(min=TINY)).clamp(max=1)).clamp(0, 1)


def fly(
    flight: Zoom,
    maximise: Callable[[Tensor | None], Iterator[Step | Note]],
    generator: torch.Generator,
    state: State | None = None,
) -> Generator[Step | Note, None, Result]:
    """Yield a step for every frame: the last one, moved closer, and dreamt on.

    Args:
        flight: the movement.
        maximise: makes a frame from the moved one (1, 3, H, W), or the first frame from None; its
            last step has the picture.
        generator: the one that `maximise` uses.
        state: that of the step to go on from.

    Returns:
        The last frame, (1, 3, H, W), in a Result.
    """
    index, frame, first = 0, None, None
    if state:
        index, frame, first = int(state["index"]), state["frame"], state["first"]
        generator.set_state(state["generator"])
    shown, provenance = frame, Provenance()
    for number in range(index, flight.count):
        ground = None
        if frame is not None and first is not None:
            ground = calmed(flight.moved(frame), first.to(frame))
        losses: Mapping[str, Tensor] = {}
        for event in maximise(ground):
            if isinstance(event, Step):
                frame, losses, provenance = event.picture(), event.losses, event.provenance
            elif number == index:
                yield event
        assert frame is not None
        first = frame if first is None else first
        shown = flight.closed(frame, number, first.to(frame))
        kept = {"index": torch.tensor(number + 1), "frame": frame, "first": first}
        kept["generator"] = generator.get_state()
        size = (frame.shape[-2], frame.shape[-1])
        yield Step(*(number + 1, flight.count, size, losses, shown.clone, kept.copy), provenance)
    assert shown is not None
    return Result({"picture": shown}, provenance)
