"""See a network fooled: the smallest change that makes it see something else.

Szegedy et al., Intriguing Properties of Neural Networks, 2014, and Goodfellow, Shlens & Szegedy,
2015: the photo moves, invisibly little, along the gradient of another class's score until that
class wins; then back towards the photo as far as it still wins. The sheet has the photo, the change
(times ten, around grey), the result, and the network's answers. `OUT-fooled.png` is the result, in
whole steps of 8 bits: read back, it fools as well. Needs a network with a classifier head.

Example: artgen see fool photo.jpg --as toucan
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures.bar_chart import percentage
from artgen.figures.sheet import Cell
from artgen.networks.classifier import Classifier
from artgen.networks.heads import evidence
from artgen.networks.imagenet import classes, find_class
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import full_mean
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.options import RUN, Looked, Net
from artgen.techniques.common.sheet import SeeSettings, given

__all__ = ["SeeFool"]

TIMES = 10  # amplification of the change in the picture of it
LEVELS = 255  # of a channel in 8 bits
HALVINGS = 6  # of the way back, by bisection


@dataclass(frozen=True)
class SeeFool(SeeSettings):
    """Settings of an adversarial example."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo; none with --init noise", optional=True),
    )

    as_: Annotated[
        str, Option("the class that the network should see, by name or number", metavar="NAME")
    ] = "toucan"
    init: Annotated[str, Option("change the photo, or noise", choices=("content", "noise"))] = (
        "content"
    )
    size: Looked = 0
    sure: Annotated[
        float, Option("probability that the class has to reach", least=0, most=0.999)
    ] = 0.5
    iterations: Annotated[int, Option("steps at most", "n", least=1, group=RUN)] = 100
    step: Annotated[
        float,
        Option(
            "mean change of a pixel in a step; from black to white is 1",
            least=1e-5,
            most=1,
            group=RUN,
        ),
    ] = 0.001
    net: Net = "squeezenet"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Change the photo until the class wins, then go back as far as it still wins.

        Args:
            inputs: `content` (one picture), or none for noise.
            runtime: device, precision and seed.
            state: not used.

        Raises:
            UsageError: for an unknown class, a network without a head, or if a photo is missing or
                one is given with noise.
        """
        index = find_class(self.as_)
        classifier = runtime.classifier(self.net, self.file)
        start = self._start(inputs, classifier, runtime)
        lay_out = self.lay_out(f"{self.named}, fooled", 3)

        def drawn(picture: Tensor) -> list[Cell | None]:
            change = ((picture - start) * TIMES + 0.5).clamp(0, 1)
            name = "photo" if self.init == "content" else "noise"
            return [
                Cell(name, _label(classifier, start), start),
                Cell("change", f"the change, times {TIMES}", change),
                Cell("fooled", _label(classifier, picture), picture),
            ]

        picture = start
        size = (start.shape[-2], start.shape[-1])
        for count in range(1, self.iterations + 1):
            loss, gradient = _pull(classifier, picture, index)
            away = gradient / full_mean(gradient.abs()).clamp(min=TINY) * self.step
            picture = (picture - away).clamp(0, 1)
            shown = picture.clone()
            yield Step(
                *(count, None, size, {"class": loss}),
                lambda shown=shown: lay_out(drawn(shown)),  # type: ignore[misc]
                provenance=classifier.extractor.provenance(),
            )
            if self._won(classifier, picture, index):
                break
        picture = self._back(classifier, start, picture, index)
        if not self._won(classifier, picture, index):
            yield Note(
                f"{self.named} is not fooled after {self.iterations} steps; "
                "more of them, or a longer --step, may do it."
            )
        made = self.pictures(drawn(picture), lay_out)
        found = {**made, "fooled": picture.cpu()}
        yield Result(found, classifier.extractor.provenance())

    def _start(self, inputs: Inputs, classifier: Classifier, runtime: Runtime) -> Tensor:
        """The picture to change, at the network's input size, in whole steps of 8 bits."""
        photo = given(inputs.get("content", ()), self.init)
        if photo is None:
            side = self.size or classifier.side
            noise = torch.rand((1, 3, side, side), generator=runtime.generator())
            return _rounded(noise.to(runtime.torch_device))
        return _rounded(classifier.seen(photo, self.size))

    def _won(self, classifier: Classifier, picture: Tensor, index: int) -> bool:
        """Whether the class is first, with the probability required, after rounding to 8 bits."""
        shares = classifier.guesses(_rounded(picture))
        return int(shares.argmax()) == index and float(shares[index]) >= self.sure

    def _back(self, classifier: Classifier, start: Tensor, picture: Tensor, index: int) -> Tensor:
        """The picture closest to the start, in 8 bits, at which the class still wins."""
        near, far = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (near + far) / 2
            if self._won(classifier, start.lerp(picture, middle), index):
                far = middle
            else:
                near = middle
        return _rounded(start.lerp(picture, far))


def _pull(classifier: Classifier, picture: Tensor, index: int) -> tuple[Tensor, Tensor]:
    """Log-odds of all other classes against this one (0-d), and its gradient (1, 3, H, W)."""
    leaf = picture.detach().requires_grad_()
    with torch.enable_grad():
        features = classifier.extractor(leaf, [classifier.last])[classifier.last]
        scores = wide(evidence(classifier.head, features))[0]
        others = torch.cat([scores[:index], scores[index + 1 :]])
        loss = others.logsumexp(0) - scores[index]
        (gradient,) = torch.autograd.grad(loss, leaf)
    return loss.detach(), gradient


def _rounded(picture: Tensor) -> Tensor:
    return (picture * LEVELS).round() / LEVELS


def _label(classifier: Classifier, picture: Tensor) -> str:
    shares = classifier.guesses(picture)
    best = int(shares.argmax())
    return f"{classes()[best]}, {percentage(float(shares[best]))}"


TECHNIQUES.add("see_fool", SeeFool)
