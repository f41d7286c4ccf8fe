"""Style transfer: paint a photo in the manner of one or more paintings.

Gatys, Ecker & Bethge, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016: the
pixels are optimised until a network sees the photo's content and the painting's statistics.
Different from the paper: it starts from the photo and goes from coarse to fine, losses are relative
to their targets, and the style loss compares means and covariances (`--style-loss gram` is theirs).

Example: artgen style photo.jpg starry --strength 70
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen import terms
from artgen.canvas import Pixels, resample
from artgen.errors import UsageError
from artgen.features import POOLINGS, FeatureExtractor
from artgen.optimise import Scale, Step, Stepper, Term, pyramid
from artgen.runtime import Runtime
from artgen.settings import Option, validate, weighted
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["Style"]

LOSS, RUN, NETWORK = "Losses", "The run", "Network"


@dataclass(frozen=True)
class Style:
    """Settings of a style transfer; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo"),
        Input("style", "the painting, or several", many=True, style=True),
    )

    size: Annotated[int, Option("long side of the picture, in pixels", "s", least=1)] = 512
    strength: Annotated[
        float, Option("from the photo (0) to the painting (100)", least=0, most=100)
    ] = 50.0
    iterations: Annotated[
        int, Option("evaluations of the loss, over all scales", "n", least=1, group=RUN)
    ] = 250
    style_weights: Annotated[
        tuple[float, ...], Option("weight of each style, in their order: 2,1", least=0, group=LOSS)
    ] = ()
    style_scale: Annotated[
        float, Option("size of the strokes, relative to the painting's", least=0.05, most=20)
    ] = 1.0
    style_loss: Annotated[
        str, Option("what of the style is compared", choices=terms.STYLE_LOSSES, group=LOSS)
    ] = "moments"
    content_weight: Annotated[float, Option("weight of the content loss", least=0, group=LOSS)] = (
        0.03
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
    optimizer: Annotated[
        str, Option("how the pixels move", choices=("lbfgs", "adam"), group=RUN)
    ] = "lbfgs"
    init: Annotated[
        str,
        Option(
            "what to start from, or a picture",
            choices=("content", "noise", "style"),
            file="init",
            group=RUN,
        ),
    ] = "content"
    net: Annotated[str, Option("the network that looks; see artgen nets list", group=NETWORK)] = (
        "slim"
    )
    pooling: Annotated[str, Option("how the network pools", choices=POOLINGS, group=NETWORK)] = (
        "max"
    )
    weights: Annotated[
        str, Option("a weights file for the network", metavar="FILE", local=True, group=NETWORK)
    ] = ""

    def __post_init__(self) -> None:
        validate(self)

    def run(self, inputs: Inputs, runtime: Runtime) -> Iterator[Step | Result]:
        """Optimises from coarse to fine.

        Args:
            inputs: `content` (one picture), `style` (one or more) and, where `init` is a file,
                `init` (one).
            runtime: where, how exactly, and with which seed.

        Raises:
            UsageError: for unknown layers, weights that do not fit, or a picture too small.
        """
        (photo,) = (picture.to(runtime.torch_device) for picture in inputs["content"])
        paintings = [picture.to(runtime.torch_device) for picture in inputs["style"]]
        shares = self._shares(len(paintings))
        size = _fit(photo, self.size)
        if self.strength == 0:
            yield Result({"picture": resample(photo, size).clamp(0, 1)})
            return
        extractor = runtime.extractor(
            self.net, pooling=self.pooling, file=Path(self.weights) if self.weights else None
        )
        layers = Layers.of(self, extractor)
        layers.check(extractor, size, paintings)
        scales = layers.usable(extractor, photo, pyramid(self.size, self.iterations))
        canvas = Pixels(self._start(inputs, photo, paintings, scales[0], runtime))
        stepper, before = Stepper(self.optimizer), 0
        for scale in scales:
            here = resample(photo, _fit(photo, scale.side)).clamp(0, 1)
            pull = self._terms(extractor, layers, here, paintings, shares, scale.side)
            canvas = canvas.resized((here.shape[-2], here.shape[-1]))
            count = scale.iterations
            for step in stepper.run(
                canvas, extractor, pull, count, before=before, total=self.iterations
            ):
                yield step
            before += count
        yield Result({"picture": step.picture()})

    def _shares(self, count: int) -> tuple[float, ...]:
        """One weight a style; equal where none are given."""
        shares = self.style_weights or (1.0,) * count
        if len(shares) != count:
            raise UsageError(
                f"There are {count} styles and {len(shares)} weights.",
                "Give --style-weights one number for each style, or none at all.",
            )
        if not sum(shares):
            raise UsageError("The style weights are all zero.", "Give at least one of them more.")
        return shares

    def _start(
        self,
        inputs: Inputs,
        photo: Tensor,
        paintings: list[Tensor],
        scale: Scale,
        runtime: Runtime,
    ) -> Tensor:
        """The canvas before the first step."""
        size = _fit(photo, scale.side)
        if self.init == "noise":
            noise = torch.rand((1, 3, *size), generator=runtime.generator())
            return noise.to(runtime.torch_device)
        source = {"content": photo, "style": paintings[0]}.get(self.init)
        if source is None:
            source = inputs["init"][0].to(runtime.torch_device)
        return resample(source, size).clamp(0, 1)

    def _terms(
        self,
        extractor: FeatureExtractor,
        layers: Layers,
        photo: Tensor,
        paintings: list[Tensor],
        shares: tuple[float, ...],
        side: int,
    ) -> list[Term]:
        """The three terms at one scale; at full strength the photo no longer pulls."""
        resized = []
        for painting in paintings:
            longest = max(round(side * self.style_scale), layers.least)
            resized.append(resample(painting, _fit(painting, longest, layers.least)).clamp(0, 1))
        targets = terms.style_moments(extractor, resized, shares, tuple(layers.style))
        pull = (100 - self.strength) / self.strength
        return [
            terms.style(
                targets, layers.style, self.style_loss, self.style_weight * layers.style_scale
            ),
            terms.content(
                extractor, photo, layers.content, self.content_weight * pull * layers.content_scale
            ),
            terms.variation(self.tv_weight),
        ]


@dataclass(frozen=True)
class Layers:
    """Style and content layers with weights, their scales, and the shortest side for them all."""

    style: Mapping[str, float]
    content: Mapping[str, float]
    style_scale: float
    content_scale: float
    least: int

    @classmethod
    def of(cls, settings: Style, extractor: FeatureExtractor) -> Layers:
        """What the settings ask for, or what the network recommends."""
        style, content = extractor.role("style"), extractor.role("content")
        asked = (settings.style_layers, settings.content_layers)
        chosen = [
            weighted(text, f"--{name}-layers") if text else role.layers
            for name, text, role in zip(("style", "content"), asked, (style, content), strict=True)
        ]
        least = max(extractor.smallest(name) for layers in chosen for name in layers)
        return cls(chosen[0], chosen[1], style.scale, content.scale, least)

    def check(
        self, extractor: FeatureExtractor, size: tuple[int, int], paintings: list[Tensor]
    ) -> None:
        """Refuses a picture that is too small before any work is done."""
        if min(size) < self.least:
            raise UsageError(
                f"At {size[1]} x {size[0]} px the picture is too small for the layers asked of "
                f"{extractor.spec.name!r}, which need at least {self.least} px on each side.",
                "Take a larger --size, a less narrow picture, or layers nearer to the picture.",
            )

    def usable(
        self, extractor: FeatureExtractor, photo: Tensor, scales: list[Scale]
    ) -> list[Scale]:
        """Without the scales at which the picture is too small; the next takes their share."""
        kept: list[Scale] = []
        owed = 0
        for scale in scales:
            if min(_fit(photo, scale.side)) < self.least and scale is not scales[-1]:
                owed += scale.iterations
            else:
                kept.append(Scale(scale.side, scale.iterations + owed))
                owed = 0
        return kept


def _fit(picture: Tensor, side: int, least: int = 1) -> tuple[int, int]:
    """(H, W) with the picture's proportions, `side` px long and at least `least` px short."""
    height, width = picture.shape[-2:]
    longest = max(height, width)  # multiplied first, as images.fit does: halves round alike
    return max(round(height * side / longest), least), max(round(width * side / longest), least)


TECHNIQUES.add("style", Style)
