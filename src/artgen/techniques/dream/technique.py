"""The technique `dream`: its settings, and where its run begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from artgen.core.events import Note, Result, State, Step
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.dream.settings import DreamSettings

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["Dream"]


@dataclass(frozen=True)
class Dream(DreamSettings):
    """A dream: a picture, a sheet of several, or a film that zooms into one."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo or film", frame=True, film=True),
    )

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Gradient ascent from octave to octave.

        Args:
            inputs: `content` (one picture) and, where the settings name them, `guide`, `style` and
                `mask` (one each). For a film's frame also `last`, the dream of the frame before,
                moved along the optical flow: that dream goes on.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs; a
                sheet cannot be resumed.

        Raises:
            UsageError: for unknown layers, or a picture too small.
        """
        from artgen.techniques.dream.run import DreamRun  # imports torch

        check_given(self, inputs)
        yield from DreamRun(self, inputs, runtime).events(state)


TECHNIQUES.add("dream", Dream)
