"""Style transfer: paint a photo in the manner of one or more paintings.

Gatys, Ecker & Bethge, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016: the
pixels are optimised until a network sees the photo's content and the painting's statistics.
Different from the paper: it starts from the photo and goes from coarse to fine, losses are relative
to their targets, and the style loss compares means and covariances (`--style-loss gram` is theirs).

Example: artgen style photo.jpg starry --strength 70
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen import chroma, terms
from artgen.canvas import Pixels, resample
from artgen.errors import UsageError
from artgen.features import FeatureExtractor
from artgen.layers import Layers
from artgen.objective import Term
from artgen.optimise import Note, Scale, State, Step, optimise, pyramid
from artgen.options import NETWORK, RUN, Net, Optimizer, Pooling, Weights
from artgen.plan import Work
from artgen.runtime import Runtime
from artgen.settings import Option, equal_unless_given, validate
from artgen.steppers import Stepper
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["Style"]

LOSS = "Losses"


@dataclass(frozen=True)
class Style:
    """Settings of a style transfer; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo", frame=True),
        Input("style", "the painting, or several", many=True, style=True),
    )

    size: Annotated[int, Option("long side of the picture, in pixels", "s", least=1)] = 512
    strength: Annotated[
        float, Option("from the photo (0) to the painting (100)", least=0, most=100)
    ] = 50.0
    iterations: Annotated[
        int, Option("evaluations of the loss, over all scales", "n", least=1, group=RUN)
    ] = 250
    until: Annotated[
        str,
        Option(
            "make all iterations, or leave a scale when its loss no longer falls",
            choices=("end", "settled"),
            group=RUN,
        ),
    ] = "end"
    style_weights: Annotated[
        tuple[float, ...], Option("weight of each style, in their order: 2,1", least=0, group=LOSS)
    ] = ()
    style_scale: Annotated[
        float, Option("size of the strokes, relative to the painting's", least=0.05, most=20)
    ] = 1.0
    color: Annotated[
        str,
        Option(
            "the painting's colours; the photo's, place by place (keep) or as the painting's "
            "palette (match); or the painting's colours and nothing else (only)",
            choices=("style", "keep", "match", "only"),
        ),
    ] = "style"
    slant: Annotated[
        float,
        Option(
            "from the painting's finest traits (-1) to its broadest (1)",
            least=-1,
            most=1,
        ),
    ] = 0.0
    style_loss: Annotated[
        str, Option("what of the style is compared", choices=terms.STYLE_LOSSES, group=LOSS)
    ] = "moments"
    content_weight: Annotated[float, Option("weight of the content loss", least=0, group=LOSS)] = (
        0.08
    )
    style_weight: Annotated[float, Option("weight of the style loss", least=0, group=LOSS)] = 1.0
    tv_weight: Annotated[
        float, Option("weight of the total variation: smoothness", least=0, group=LOSS)
    ] = 4.0
    style_layers: Annotated[
        str,
        Option(
            "their names and weights; the network's own choice if not given",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    content_layers: Annotated[
        str,
        Option(
            "their names and weights; the network's own choice if not given",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    optimizer: Optimizer = "lbfgs"
    init: Annotated[
        str,
        Option(
            "what to start from, or a picture",
            choices=("content", "noise", "style"),
            file="init",
            group=RUN,
        ),
    ] = "content"
    net: Net = "slim"
    pooling: Pooling = "max"
    weights: Weights = ""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long."""
        return _fit(inputs["content"][0], self.size)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimises from coarse to fine.

        Args:
            inputs: `content` (one picture), `style` (one or more) and, where `init` is a file,
                `init` (one).
            runtime: where, how exactly, in which pieces, and with which seed.
            state: of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, or a picture too small.
        """
        (photo,) = (picture.to(runtime.torch_device) for picture in inputs["content"])
        paintings = [picture.to(runtime.torch_device) for picture in inputs["style"]]
        shares = equal_unless_given(self.style_weights, len(paintings), "style")
        size = self.result_size(inputs)
        if self.strength == 0 or self.color == "only":
            yield Result({"picture": self._recoloured(resample(photo, size), paintings, shares)})
            return
        if self.color == "match":
            paintings = [chroma.matched(painting, photo) for painting in paintings]
        extractor = runtime.extractor(
            self.net, pooling=self.pooling, file=Path(self.weights) if self.weights else None
        )
        layers = Layers.of(extractor, self.style_layers, self.content_layers, self.slant)
        layers.check(extractor, size)
        scales = layers.usable(pyramid(size, self.iterations))
        names = {*layers.style, *layers.content}
        plan = runtime.plan(Work(extractor, tuple(sorted(names)), self.optimizer, scales))
        yield Note(plan.sentence)

        def pull(scale: Scale, tile: int | None) -> list[Term]:
            here = resample(photo, scale.size).clamp(0, 1)
            return self._terms(extractor, layers, here, paintings, shares, tile)

        start = (
            state["canvas"] if state else self._start(inputs, photo, paintings, scales[0], runtime)
        )
        canvas = Pixels(start.to(runtime.torch_device))
        events = optimise(
            canvas,
            extractor,
            scales,
            pull,
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
            settle=self.until == "settled",
            state=state,
        )
        picture: Callable[[], Tensor] = canvas
        for event in events:
            yield event
            if isinstance(event, Step):
                picture = event.picture
        made = picture()
        if self.color == "keep":
            made = chroma.recoloured(made, resample(photo, size).clamp(0, 1))
        yield Result({"picture": made})

    def _recoloured(
        self, photo: Tensor, paintings: list[Tensor], shares: tuple[float, ...]
    ) -> Tensor:
        """The photo, with the paintings' colours as far as `strength` goes where it is `only`."""
        if self.color != "only":
            return photo.clamp(0, 1)
        mixed = sum(
            share / sum(shares) * chroma.matched(photo.clamp(0, 1), painting)
            for share, painting in zip(shares, paintings, strict=True)
        )
        return photo.lerp(torch.as_tensor(mixed), self.strength / 100).clamp(0, 1)

    def _start(
        self,
        inputs: Inputs,
        photo: Tensor,
        paintings: list[Tensor],
        scale: Scale,
        runtime: Runtime,
    ) -> Tensor:
        """The canvas before the first step."""
        if self.init == "noise":
            noise = torch.rand((1, 3, *scale.size), generator=runtime.generator())
            return noise.to(runtime.torch_device)
        source = {"content": photo, "style": paintings[0]}.get(self.init)
        if source is None and not inputs.get("init"):
            raise UsageError(
                f"--init {self.init!r} names a picture, and none was given.",
                "Give it as the input 'init'.",
            )
        if source is None:
            source = inputs["init"][0].to(runtime.torch_device)
        return resample(source, scale.size).clamp(0, 1)

    def _terms(
        self,
        extractor: FeatureExtractor,
        layers: Layers,
        photo: Tensor,
        paintings: list[Tensor],
        shares: tuple[float, ...],
        tile: int | None,
    ) -> list[Term]:
        """The three terms at one scale; at full strength the photo no longer pulls."""
        resized = []
        for painting in paintings:
            longest = max(round(max(photo.shape[-2:]) * self.style_scale), layers.least)
            resized.append(resample(painting, _fit(painting, longest, layers.least)).clamp(0, 1))
        targets = terms.style_moments(extractor, resized, shares, tuple(layers.style), tile)
        pull = (100 - self.strength) / self.strength
        return [
            terms.style(
                targets, layers.style, self.style_loss, self.style_weight * layers.style_scale
            ),
            terms.content(
                extractor,
                photo,
                layers.content,
                self.content_weight * pull * layers.content_scale,
                tile,
            ),
            terms.variation(self.tv_weight),
        ]


def _fit(picture: Tensor, side: int, least: int = 1) -> tuple[int, int]:
    """(H, W) with the picture's proportions, `side` px long and at least `least` px short."""
    height, width = picture.shape[-2:]
    longest = max(height, width)  # multiplied first, as images.fit does: halves round alike
    return max(round(height * side / longest), least), max(round(width * side / longest), least)


TECHNIQUES.add("style", Style)
