"""The technique `texture`: its settings, and where its run begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from artgen.core.events import Note, Result, State, Step
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.texture.settings import TextureSettings

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["Texture"]


@dataclass(frozen=True)
class Texture(TextureSettings):
    """A texture synthesis, by statistics or by patches."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input(
            "sample",
            "a picture of the texture, or several; not needed with --inpaint and --extend",
            many=True,
            optional=True,
            reads="layer",
        ),
    )

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimise noise from coarse to fine, or fill a hole with patches.

        Args:
            inputs: `sample` (one or more; none if a picture is to be filled or extended), and those
                that the settings name.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, a size or sample too small, or
                pictures that do not belong together.
        """
        from artgen.techniques.texture.run import TextureRun  # imports torch

        check_given(self, inputs)
        yield from TextureRun(self, inputs, runtime).events(state)


TECHNIQUES.add("texture", Texture)
