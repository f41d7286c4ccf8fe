"""See what a layer retains of a photo: the photo reconstructed from its features.

Mahendran & Vedaldi, Understanding Deep Image Representations by Inverting Them, CVPR 2015: from
noise, pixels are optimised until the layer has the photo's features; what is missing in the result
the layer did not retain. Different from the paper: L-BFGS instead of gradient descent, a distance
relative to the variance of the photo's features, and a total variation with exponent 2. With
`--prior` a network makes the photo again in one pass (Dosovitskiy & Brox, Inverting Visual
Representations with Convolutional Networks, CVPR 2016).

Example: artgen see invert photo.jpg --layer relu4_2
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import names
from artgen.core.schema import Option
from artgen.fast.prior import CODE, EXTRACTOR, made_again
from artgen.figures.progressive import PendingCell, Place, drawn
from artgen.figures.sheet import Cell
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.reductions import full_mean
from artgen.ops.resize import fit, resample
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.plan import Plan, Work
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.network import Pooled, with_network
from artgen.techniques.common.options import RUN, Optimizer
from artgen.techniques.common.sheet import SeeSettings

__all__ = ["SeeInvert", "decibels"]


@dataclass(frozen=True)
class SeeInvert(SeeSettings, Pooled):
    """Settings of a sheet of inversions."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    size: Annotated[
        int,
        Option("long side of each picture on the sheet, in pixels", "s", least=1, most=MOST_CELL),
    ] = 192
    layer: Annotated[
        str,
        Option(
            "layers to invert, a picture each; by default, one of every block",
            "l",
            metavar="NAME,…",
        ),
    ] = ""
    together: Annotated[
        bool, Option("use for each picture its layer and all those before it in the list")
    ] = False
    prior: Annotated[
        bool,
        Option(
            "also make the photo again in one pass from slim's relu5_1, by a network that has "
            "learnt to"
        ),
    ] = False
    iterations: Annotated[int, Option("iterations for each picture", "n", least=1, group=RUN)] = 100
    tv_weight: Annotated[
        float, Option("weight of the total variation loss: more is smoother", least=0, group=RUN)
    ] = 0.5
    optimizer: Optimizer = "lbfgs"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Invert one layer after the other, each from the same noise.

        Args:
            inputs: `content` (one picture).
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer, or a picture too small for one.
        """
        extractor = self.eye(runtime)
        photo = inputs["content"][0].to(runtime.torch_device)
        size = fit((photo.shape[-2], photo.shape[-1]), self.size)
        photo = resample(photo, size).clamp(0, 1)
        layers = self._layers(extractor, size)
        scales = [Scale(size, self.iterations * len(layers))]
        plan = runtime.plan(Work(extractor, tuple(sorted(layers)), self.optimizer, scales))
        yield Note(plan.sentence)
        places: list[Place] = [Cell("photo", "photo", photo)]
        for number, layer in enumerate(layers):
            wanted = layers[: number + 1] if self.together else [layer]
            make = partial(self._invert, extractor, photo, wanted, plan, runtime)
            place = PendingCell(
                f"to-{layer}" if self.together else layer,
                partial(_label, photo.cpu(), wanted),
                size,
                self.iterations,
                make,
            )
            places.append(place)
        if self.prior:
            prior, _ = runtime.prior()
            made = made_again(prior, runtime.extractor(EXTRACTOR), photo).cpu()
            label = f"{CODE}, at once, {decibels(made, photo.cpu()):.1f} dB"
            places.append(Cell(f"{CODE}-at-once", label, made))
        lay_out = self.lay_out(self._title(layers), len(places) if len(places) <= 7 else 0)
        cells, provenance = yield from drawn(places, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _layers(self, extractor: FeatureExtractor, size: tuple[int, int]) -> list[str]:
        """The layers asked for, or the network's style layers, one of every block."""
        asked = names(self.layer, "--layer") if self.layer else extractor.role("style").layers
        layers = list(dict.fromkeys(map(extractor.resolve, asked)))
        extractor.check_size(size, layers)
        return layers

    def _title(self, layers: Sequence[str]) -> str:
        how = "from all layers so far" if self.together else "made again from one layer each"
        return f"{self.named}: {how}" if len(layers) > 1 else f"{self.named} {layers[0]}, inverted"

    def _invert(
        self,
        extractor: FeatureExtractor,
        photo: Tensor,
        layers: Sequence[str],
        plan: Plan,
        runtime: Runtime,
    ) -> Iterator[Step | Note]:
        """One picture, (1, 3, H, W) like the photo, from noise."""
        size = (photo.shape[-2], photo.shape[-1])
        noise = torch.rand((1, 3, *size), generator=runtime.generator())
        weights: Mapping[str, float] = dict.fromkeys(layers, 1.0)
        events = optimise(
            Pixels(noise.to(photo)),
            extractor,
            [Scale(size, self.iterations)],
            lambda _, tile, __: [
                content_term(extractor, photo, weights, 1.0, tile),
                variation_term(self.tv_weight),
            ],
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
        )
        return with_network(events, "prior", runtime.prior()[1]) if self.prior else events


def decibels(picture: Tensor, photo: Tensor) -> float:
    """Peak signal-to-noise ratio of two pictures (1, 3, H, W), in dB; the peak is 1."""
    return float(-10 * full_mean((picture - photo).square()).log10())


def _label(photo: Tensor, layers: Sequence[str], picture: Tensor) -> str:
    what = layers[-1] if len(layers) == 1 else f"to {layers[-1]}"
    return f"{what}, {decibels(picture, photo):.1f} dB"


TECHNIQUES.add("see_invert", SeeInvert)
