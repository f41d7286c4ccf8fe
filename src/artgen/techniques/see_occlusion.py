"""See what a class cannot do without: its score as a grey square hides places.

Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014, figure 6: where
the probability falls once a place is hidden, the network looked. Captum slides the square, in steps
of a third of its side; a pixel has the mean of what the squares over it took away.

Example: artgen see occlusion photo.jpg --square 48
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures import colormap
from artgen.figures.bar_chart import percentage
from artgen.figures.sheet import Cell
from artgen.networks.attribution import GREY, Question, attribute, square_of
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.question import Asking
from artgen.techniques.common.sheet import seen

__all__ = ["SeeOcclusion"]


@dataclass(frozen=True)
class SeeOcclusion(Asking):
    """Settings of an occlusion."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    square: Annotated[
        int, Option("side of the grey square, in pixels; a fifth of the short side if 0", least=0)
    ] = 0
    cell: Annotated[
        int, Option("long side of each picture on the sheet, in pixels", least=1, group=SHEET)
    ] = 288

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Slides the square and draws, in one step; `state` has nothing to say.

        Args:
            inputs: `content` (one picture).
            runtime: where, and how exactly.
            state: not used.

        Raises:
            UsageError: for what cannot be asked (see `Asking.question`), or where Captum is
                missing.
        """
        photo, question = self.question(inputs["content"][0], runtime, shares=True)
        found = attribute("occlusion", question, photo, square=self.square)
        hidden = _hidden(photo, found, square_of(photo, self.square))
        size = fit((photo.shape[-2], photo.shape[-1]), self.cell)
        small = resample(photo, size).clamp(0, 1)
        shown = colormap.scaled(resample(found, size).clamp(min=0), signed=False)
        before, after = (self._score(question, one) for one in (photo, hidden))
        cells = [
            Cell("photo", f"photo: {before}", small),
            Cell("hidden", f"hidden where it needs it most: {after}", resample(hidden, size)),
            Cell("heat", "what a square there takes away", colormap.heat(shown)),
            Cell("over", "", colormap.over(small, shown)),
        ]
        cells = [Cell(one.name, one.label, one.picture.clamp(0, 1)) for one in cells]
        made = self.pictures(cells, self.lay_out(f"{self.named}: {question.label}", 2))
        yield seen(made["picture"], question.provenance)
        yield Result(made, question.provenance)

    @torch.no_grad()
    def _score(self, question: Question, picture: Tensor) -> str:
        score = float(question.score(picture)[0, question.index])
        return f"{score:.2f}" if self.layer else percentage(score)


def _hidden(photo: Tensor, found: Tensor, side: int) -> Tensor:
    """The photo (1, 3, H, W) with a grey square about the map's largest value."""
    height, width = photo.shape[-2:]
    row, column = divmod(int(found.flatten().argmax()), width)
    top = min(max(row - side // 2, 0), height - side)
    left = min(max(column - side // 2, 0), width - side)
    hidden = photo.clone()
    hidden[..., top : top + side, left : left + side] = GREY
    return hidden


TECHNIQUES.add("see_occlusion", SeeOcclusion)
