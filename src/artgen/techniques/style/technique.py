"""The technique `style`: its settings, and where its run begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artgen.core.events import Note, Result, State, Step
from artgen.techniques.base import TECHNIQUES, Inputs
from artgen.techniques.common.printing import enlarged
from artgen.techniques.style.settings import StyleSettings

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["Style"]


@dataclass(frozen=True)
class Style(StyleSettings):
    """A style transfer; every default of its settings is the one the command line shows."""

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimise from coarse to fine, and enlarge to the print that is asked for.

        Args:
            inputs: `content` (one picture), `style` (one or more), `mask` and `masked` (as many
                as `mask` has), and `init` and `protect` (one) where they are files.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, an empty mask, or a picture
                too small.
        """
        from artgen.techniques.style.run import paint  # imports torch

        events = paint(self, inputs, runtime, state)
        before, size = self.painted_size(inputs), self.result_size(inputs)
        yield from enlarged(events, before, size, runtime) if self.print else events


TECHNIQUES.add("style", Style)
