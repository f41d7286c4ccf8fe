"""See what a photo shows a channel or a class: the photo changed to excite it more.

Hamblin, Fel et al., Feature Accentuation, 2024: beginning with the photo, its spectrum is optimised
so that the channel's activation or the class's score grows in random crops, while the activations
of a layer halfway down stay near the photo's. Beside it is what the network makes of noise. Unlike
the paper's, both losses are relative to the photo, so that no gradients need be balanced.

Example: artgen see accent photo.jpg --layer conv4_2 --channel 7
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.bar_chart import percentage
from artgen.figures.progressive import PendingCell, Place, drawn
from artgen.figures.sheet import Cell
from artgen.losses.activation import filling_term
from artgen.losses.classification import class_term
from artgen.losses.content import likeness_term
from artgen.losses.term import Term
from artgen.networks.channels import before_relu, choose
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import classes, find_class
from artgen.ops.resize import fit, resample
from artgen.optim.fourier import Fourier
from artgen.optim.loop import optimise
from artgen.optim.phases import CropAscent, Crops
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.maximization import SPECTRUM, Painted, VariedSettings
from artgen.techniques.common.network import channelled
from artgen.techniques.common.options import ASCENT

__all__ = ["SeeAccent"]

CENTER = 0.3  # of crops: they have to reach all of the photo
SCORE = 0.1  # weight of a class's logit, which is not relative


@dataclass(frozen=True)
class _Goal:
    """What is accentuated: its term, its label, and how strong it is in a picture, in words."""

    extractor: FeatureExtractor
    term: Term
    layer: str
    label: str
    strength: Callable[[Tensor], str]


@dataclass(frozen=True)
class SeeAccent(VariedSettings):
    """Settings of an accentuation."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    layer: Annotated[
        str,
        Option(
            "layer of the channel; by default, the network's content layer", "l", metavar="NAME"
        ),
    ] = ""
    channel: Annotated[
        str,
        Option("the channel; by default, the most active", metavar="NUMBER"),
    ] = ""
    class_: Annotated[
        str, Option("accentuate a class instead, by name or number", metavar="NAME")
    ] = ""
    size: Annotated[
        int, Option("long side of the photo on the sheet, in pixels", "s", least=1, most=MOST_CELL)
    ] = 384
    hold: Annotated[
        float,
        Option("how strongly the photo is held: more changes it less", least=0, group=ASCENT),
    ] = 1.0
    canvas: Painted = "phase"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.class_ and (self.layer or self.channel):
            raise UsageError("--class and --layer cannot be combined.", "Give one of them.")

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Accentuate the photo, then maximise the same from noise.

        Args:
            inputs: `content` (one picture).
            runtime: device, precision and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer, channel or class, or a photo too small.
        """
        photo = inputs["content"][0].to(runtime.torch_device)
        size = fit((photo.shape[-2], photo.shape[-1]), self.size)
        photo = resample(photo, size).clamp(0, 1)
        goal = self._goal(photo, runtime)
        scales = self.scales(min(size), goal.extractor.smallest(goal.layer))
        side = scales[-1].size
        ways = self.seeds(runtime)
        plan = self.plan(goal.extractor, [goal.layer], scales, len(ways), runtime)
        yield Note(plan.sentence)
        steps, climbed = self.octaves * self.iterations, sum(one.iterations for one in scales)
        places: list[Place] = []
        for number, (words, here) in enumerate(ways):
            accent = partial(self._accent, goal, photo, here)
            climb = partial(self.maximise, goal.extractor, scales, goal.term, here, plan)
            mark = "-".join(["", *words.split()])
            places += [
                None if number else Cell("photo", f"photo, {goal.strength(photo)}", photo),
                PendingCell(
                    f"accent{mark}", partial(_label, goal.strength, words), size, steps, accent
                ),
                PendingCell(f"plate{mark}", partial(_label, None, words), side, climbed, climb),
            ]
        lay_out = self.lay_out(f"{self.named}: {goal.label}, accentuated", 3)
        cells, provenance = yield from drawn(places, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _goal(self, photo: Tensor, runtime: Runtime) -> _Goal:
        """What to accentuate in a photo (1, 3, H, W)."""
        size = (photo.shape[-2], photo.shape[-1])
        if self.class_:
            index = find_class(self.class_)
            classifier = runtime.classifier(self.net, self.file)
            extractor, layer = classifier.extractor, classifier.last
            extractor.check_size(size, [layer], "photo")

            def share(shown: Tensor) -> str:
                return percentage(float(classifier.guesses(shown.to(photo))[index]))

            term = class_term(classifier, index, SCORE)
            return _Goal(extractor, term, layer, classes()[index], share)
        extractor = self.network(runtime)
        asked = self.layer or next(iter(extractor.role("content").layers))
        layer = before_relu(extractor, channelled(extractor, asked))
        extractor.check_size(size, [layer], "photo")
        with torch.no_grad():
            positive = extractor(photo, [layer])[layer][0].double().clamp(min=0)
        loud = {layer: positive.square().mean((1, 2))}
        text = self.channel or "strongest:1"
        (channel, *more) = choose(text, loud, runtime.generator())[layer]
        if more:
            raise UsageError(f"--channel is {text!r}.", "A photo is accentuated for one channel.")

        @torch.no_grad()
        def activation(shown: Tensor) -> float:
            return float(extractor(shown.to(photo), [layer])[layer][0, channel].clamp(min=0).mean())

        before = activation(photo)

        def times(shown: Tensor) -> str:
            return (
                f"activation {activation(shown):.3g}"
                if shown is photo or not before
                else (f"{activation(shown) / before:.3g} times that")
            )

        term = filling_term(layer, channel, loud[layer][channel])
        return _Goal(extractor, term, layer, f"{layer}, {channel}", times)

    def _accent(self, goal: _Goal, photo: Tensor, runtime: Runtime) -> Iterator[Step | Note]:
        """The steps of the accentuated photo, (1, 3, H, W)."""
        canvas = Fourier.of(photo)
        extractor, steps = goal.extractor, self.octaves * self.iterations
        middle = extractor.layers[extractor.layers.index(goal.layer) // 2]
        crops = Crops(self.crops, self.seen_side(extractor, [goal.layer]), center=CENTER)
        held = likeness_term(extractor, lambda: canvas.transform(photo), middle, self.hold)
        mover = CropAscent(self.step * SPECTRUM, steps, crops, runtime.generator())
        scales = [Scale((photo.shape[-2], photo.shape[-1]), steps)]
        return optimise(canvas, extractor, scales, lambda *_: [goal.term, held], mover)


def _label(strength: Callable[[Tensor], str] | None, words: str, picture: Tensor) -> str:
    """How strong it is in an accentuated picture; a plate only says what it began with."""
    return ", ".join(filter(None, ["from noise" if strength is None else strength(picture), words]))


TECHNIQUES.add("see_accent", SeeAccent)
