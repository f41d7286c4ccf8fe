"""See what a network thinks a class looks like: a picture optimised from noise.

Simonyan, Vedaldi & Zisserman, Deep Inside Convolutional Networks, 2014, and Yosinski et al., 2015:
the class's score before the softmax is maximised, here in random crops. Optimised is at first the
input of a network that makes photos (Nguyen et al., Synthesizing the preferred inputs for neurons
in neural networks via deep generator networks, NeurIPS 2016), which finds whole forms, and then the
spectrum of its picture (Olah et al., Feature Visualization, Distill 2017), which has the details.
With `--canvas phase` only the phases of a spectrum like that of photos are optimised (Fel et al.,
MACO, NeurIPS 2023); with `--canvas fourier` a whole spectrum from noise. Needs a network with a
classifier head.

Example: artgen see class "tree frog"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import names
from artgen.core.schema import Option
from artgen.figures.bar_chart import percentage
from artgen.figures.progressive import PendingCell, drawn
from artgen.losses.classification import class_term
from artgen.networks.classifier import Classifier
from artgen.networks.imagenet import classes, find_class
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.maximization import Painted, VariedSettings
from artgen.techniques.common.options import Net

__all__ = ["SeeClass"]


@dataclass(frozen=True)
class SeeClass(VariedSettings):
    """Settings of a sheet of classes."""

    inputs: ClassVar[tuple[Input, ...]] = ()

    class_: Annotated[
        str,
        Option('one class or several, by name or number: "tree frog,toucan"', positional=True),
    ] = "tree frog"
    size: Annotated[
        int, Option("side of each class's picture, in pixels", "s", least=1, most=4096)
    ] = 512
    net: Net = "squeezenet"
    canvas: Painted = "prior+fourier"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Maximise one class after the other, each from the same noise.

        Args:
            inputs: none.
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown class, a network without a head, or a size too small.
        """
        wanted = [find_class(name) for name in names(self.class_, "The class")]
        classifier = runtime.classifier(self.net, self.file)
        least = classifier.extractor.smallest(classifier.last)
        size = (self.size, self.size)
        classifier.extractor.check_size(size, [classifier.last], hint="Take a larger --size.")
        scales = self.scales(self.size, least)
        steps = sum(scale.iterations for scale in scales)

        ways = self.seeds(runtime)
        count = len(wanted) * len(ways)
        plan = self.plan(classifier.extractor, [classifier.last], scales, count, runtime)
        yield Note(plan.sentence)

        def maximise(index: int, here: Runtime) -> Iterator[Step | Note]:
            term = class_term(classifier, index)
            return self.maximise(classifier.extractor, scales, term, here, plan)

        pending = [
            PendingCell(
                "-".join([f"class-{index}", *words.split()]),
                partial(_label, classifier, index, words),
                scales[-1].size,
                steps,
                partial(maximise, index, here),
            )
            for index in wanted
            for words, here in ways
        ]
        columns = len(ways) if len(ways) > 1 else 0
        lay_out = self.lay_out(f"{self.named}: classes as it imagines them", columns)
        cells, provenance = yield from drawn(pending, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)


def _label(classifier: Classifier, index: int, words: str, picture: Tensor) -> str:
    shown = picture[:, :3].to(classifier.extractor.mean)
    share = percentage(float(classifier.guesses(shown)[index]))
    return ", ".join(filter(None, [classes()[index], share, words]))


TECHNIQUES.add("see_class", SeeClass)
