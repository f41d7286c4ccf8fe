"""See which parts of a photo a class depends on, by hiding them one by one.

Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014, figure 6: the
parts that the class depends on are those whose hiding lowers its probability. Captum slides the
square, in steps of a third of its side; a pixel has the mean fall over the squares that cover it.

Example: artgen see occlusion photo.jpg --square 48
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures import colormap
from artgen.figures.bar_chart import percentage
from artgen.figures.sheet import Cell
from artgen.networks.attribution import GREY, AttributionTarget, attribute, square_of
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.attribution import AttributionSettings
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.sheet import seen

__all__ = ["SeeOcclusion"]


@dataclass(frozen=True)
class SeeOcclusion(AttributionSettings):
    """Settings of an occlusion map."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    square: Annotated[
        int,
        Option(
            "side of the grey square, in pixels; 0 for a fifth of the short side",
            least=0,
            most=MOST_CELL,
        ),
    ] = 0
    cell: Annotated[
        int,
        Option(
            "long side of each picture on the sheet, in pixels",
            least=1,
            most=MOST_CELL,
            group=SHEET,
        ),
    ] = 288

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Slide the square and draw the map, in one step.

        Args:
            inputs: `content` (one picture).
            runtime: device and precision.
            state: not used.

        Raises:
            UsageError: for a target that there is not (see `target`), or if Captum is
                missing.
        """
        photo, target = self.target(inputs["content"][0], runtime, shares=True)
        found = attribute("occlusion", target, photo, square=self.square)
        hidden = _hidden(photo, found, square_of(photo, self.square))
        size = fit((photo.shape[-2], photo.shape[-1]), self.cell)
        small = resample(photo, size).clamp(0, 1)
        shown = colormap.scaled(resample(found, size).clamp(min=0), signed=False)
        before, after = (self._score(target, one) for one in (photo, hidden))
        cells = [
            Cell("photo", f"photo: {before}", small),
            Cell("hidden", f"hidden where it needs it most: {after}", resample(hidden, size)),
            Cell("heat", "what a square there takes away", colormap.heat(shown)),
            Cell("over", "", colormap.over(small, shown)),
        ]
        cells = [Cell(one.name, one.label, one.picture.clamp(0, 1)) for one in cells]
        made = self.pictures(cells, self.lay_out(f"{self.named}: {target.label}", 2))
        yield seen(made["picture"], target.provenance)
        yield Result(made, target.provenance)

    @torch.no_grad()
    def _score(self, target: AttributionTarget, picture: Tensor) -> str:
        score = float(target.score(picture)[0, target.index])
        return f"{score:.2f}" if self.layer else percentage(score)


def _hidden(photo: Tensor, found: Tensor, side: int) -> Tensor:
    """The photo (1, 3, H, W) with a grey square around the map's largest value."""
    height, width = photo.shape[-2:]
    row, column = divmod(int(found.flatten().argmax()), width)
    top = min(max(row - side // 2, 0), height - side)
    left = min(max(column - side // 2, 0), width - side)
    hidden = photo.clone()
    hidden[..., top : top + side, left : left + side] = GREY
    return hidden


TECHNIQUES.add("see_occlusion", SeeOcclusion)
