"""See what a network recognises in a photo: its most probable classes, as bars.

As in Glassner's figures (SIGGRAPH course Deep Learning: A Crash Course, 2018): the probabilities of
the most probable of ImageNet's thousand classes. The whole photo is used, where torchvision's own
accuracies are for a crop of its middle. Needs a network with a classifier head.

Example: artgen see guess photo.jpg
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures.bar_chart import bars, percentage
from artgen.figures.sheet import Cell
from artgen.networks.imagenet import classes
from artgen.ops.resize import fit, resize
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.options import SHEET, Looked, Net
from artgen.techniques.common.sheet import SeeSettings, seen

__all__ = ["SeeGuess"]


@dataclass(frozen=True)
class SeeGuess(SeeSettings):
    """Settings of a classification."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    size: Looked = 0
    guesses: Annotated[
        int, Option("number of classes to show, the most probable first", "n", least=1, most=1000)
    ] = 5
    cell: Annotated[
        int,
        Option(
            "long side of the photo on the sheet, in pixels", least=1, most=MOST_CELL, group=SHEET
        ),
    ] = 384
    net: Net = "squeezenet"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Classify the photo and draw the bars, in one step.

        Args:
            inputs: `content` (one picture).
            runtime: device and precision.
            state: not used.

        Raises:
            UsageError: for a network without a head, or a picture too small for it.
        """
        classifier = runtime.classifier(self.net, self.file)
        photo = inputs["content"][0]
        shares = classifier.guesses(classifier.seen(photo, self.size)).cpu()
        ranked = shares.argsort(descending=True, stable=True)[: self.guesses].tolist()
        rows = [(classes()[index], float(shares[index])) for index in ranked]
        best, share = rows[0]
        yield Note(f"{self.named} takes it for: {best}, {percentage(share)}.")
        small = resize(photo, fit((photo.shape[-2], photo.shape[-1]), self.cell))
        cells = [
            Cell("photo", "photo", small),
            Cell("guesses", "", bars(rows, 300, self.background)),
        ]
        made = self.pictures(cells, self.lay_out(f"{self.named}: what the photo shows", 2))
        provenance = classifier.extractor.provenance()
        yield seen(made["picture"], provenance)
        yield Result(made, provenance)


TECHNIQUES.add("see_guess", SeeGuess)
