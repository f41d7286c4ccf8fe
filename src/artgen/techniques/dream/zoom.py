"""A zoom into a picture: each frame the last one, moved closer, by as much a second at any rate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.ops.numerics import TINY
from artgen.ops.transforms import turned

__all__ = ["Zoom", "calmed", "fly"]

CLOSING = 1.0  # seconds in which a film that loops goes over into its beginning
USUAL = 24  # frames a second at which a frame's ascent is as long as a step says


@dataclass(frozen=True)
class Zoom:
    """How a film moves.

    Attributes:
        seconds: how long it is.
        rate: how many times as large things become in a second.
        rotation: degrees a second, against the clock.
        fps: frames a second.
        loops: whether its end goes over into its beginning.
    """

    seconds: float
    rate: float
    rotation: float
    fps: int
    loops: bool

    @property
    def count(self) -> int:
        """Frames."""
        return max(round(self.seconds * self.fps), 1)

    @property
    def frames_a_second(self) -> Fraction:
        """As films are told."""
        return Fraction(self.fps)

    @property
    def pace(self) -> float:
        """An ascent's share of a frame: as far is climbed in a second, whatever the frames."""
        return USUAL / self.fps

    def moved(self, frame: Tensor, frames: float = 1.0) -> Tensor:
        """A frame (1, 3, H, W) as it looks so many frames later, or earlier where negative."""
        share = frames / self.fps
        made = turned(frame, self.rotation * share, self.rate**share, mode="bicubic")
        return made.clamp(0, 1)

    def closed(self, frame: Tensor, index: int, first: Tensor) -> Tensor:
        """What to show as frame `index`, from 0: near the end of a loop, ever more of its start.

        That start is seen from as far away as it then still is, in a mirror at its edges.
        """
        left = self.count - index
        length = min(CLOSING * self.fps, self.count - 1)
        if not self.loops or left > length:
            return frame
        return frame.lerp(self.moved(first, -left), 1 - left / (length + 1))


def calmed(frame: Tensor, first: Tensor) -> Tensor:
    """A frame with no more contrast in any channel than the first, (1, 3, H, W) both.

    What is dreamt again and again would else end in pure colours.
    """
    (mean, size), (wanted, most) = (
        (one.mean((2, 3), keepdim=True), one.std((2, 3), keepdim=True)) for one in (frame, first)
    )
    return (wanted + (frame - mean) * (most / size.clamp(min=TINY)).clamp(max=1)).clamp(0, 1)


def fly(
    flight: Zoom,
    climb: Callable[[Tensor | None], Iterator[Step | Note]],
    generator: torch.Generator,
    state: State | None = None,
) -> Generator[Step | Note, None, Result]:
    """A step for every frame: the last one, moved closer, climbed on again.

    Args:
        flight: how it moves.
        climb: makes a frame of what is seen there, or the first one, of nothing; its last step has
            the picture.
        generator: that of `climb`.
        state: of the step to go on after.

    Returns:
        The last frame, as a generator does.
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
        for event in climb(ground):
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
