"""Paint a photo in one pass with a network trained for it.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV
2016, with many styles in one network (Dumoulin, Shlens & Kudlur, ICLR 2017), so that they mix:
`starry=0.6,wave=0.4`. `artgen fast train` makes networks of your own, and
`artgen fast import` takes in old ones of PyTorch's examples: these know one style and no strength,
so theirs is a blend of the painting with the photo.

Example: artgen fast apply starry photo.jpg --strength 80
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from artgen.canvas import resample
from artgen.chroma import recoloured
from artgen.images import fit
from artgen.optimise import Note, State, Step
from artgen.options import Steady
from artgen.painting import COPY, paint
from artgen.runtime import Runtime
from artgen.settings import Option, validate, weighted
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["FastApply"]

TILE = 1024  # px, where pictures larger than the copy that moments are taken from are cut


@dataclass(frozen=True)
class FastApply:
    """Settings of a painter at work."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo or film", frame=True, film=True, together=4),
    )

    style: Annotated[
        str, Option("a trained style, or a mixture: starry=0.6,wave=0.4", positional=True)
    ] = "starry"
    size: Annotated[
        int,
        Option(
            "long side of the picture, in pixels; 0 for the photo's own", "s", least=0, first=True
        ),
    ] = 0
    strength: Annotated[
        float, Option("from the photo (0) to the painting (100)", least=0, most=100, first=True)
    ] = 100.0
    style_scale: Annotated[
        float,
        Option(
            "size of the strokes, relative to those it was trained on",
            least=0.1,
            most=8,
            first=True,
        ),
    ] = 1.0
    color: Annotated[
        str,
        Option(
            "the painting's colours, or keep the photo's", choices=("style", "keep"), first=True
        ),
    ] = "style"
    exact: Annotated[
        bool,
        Option("above 2048 px, imported networks see the picture itself, no smaller copy: slower"),
    ] = False
    steady: Steady = 70.0
    painter: Annotated[
        str,
        Option("a network made by artgen fast train or import", metavar="FILE", local=True),
    ] = ""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), self.size or max(height, width))

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Paints, in one piece or tile by tile, a step for each; `state` has nothing to say.

        Raises:
            UsageError: for a style that the network has not learnt, or no mixture.
            WeightsError: for a file that is no painter's.
        """
        painter = runtime.painter(Path(self.painter) if self.painter else None)
        mix = painter.mix(weighted(self.style, "STYLE"), self.strength / 100)
        size = self.result_size(inputs)
        photo = resample(inputs["content"][0].to(runtime.torch_device), size).clamp(0, 1)
        inner = fit(size, max(round(max(size) / self.style_scale), 1))
        source = resample(photo, inner).clamp(0, 1)
        tile = self._tile(runtime, inner)
        if tile:
            yield Note(f"{inner[1]} x {inner[0]} px, in tiles of {tile} px.")
        picture = photo
        for count, total, painted in paint(painter, source, mix, tile, exact=self.exact):
            picture = painted
            yield Step(count, total, inner, {}, painted.clone)
        picture = resample(picture, size).clamp(0, 1)
        yield Result({"picture": recoloured(picture, photo) if self.color == "keep" else picture})

    def _tile(self, runtime: Runtime, size: tuple[int, int]) -> int | None:
        """The side of the tiles; None for one piece."""
        if runtime.tile == "auto":
            side = TILE if max(size) > COPY else None
        else:
            side = None if runtime.tile == "off" else int(runtime.tile)
        runtime.tile_used = "off" if side is None else str(side)
        return side


TECHNIQUES.add("fast_apply", FastApply)
