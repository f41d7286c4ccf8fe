"""See what a network calls style: a painting made from its statistics alone.

Gatys, Ecker & Bethge, CVPR 2016, figure 1, and Glassner's SIGGRAPH course (2018): from noise,
pixels are optimised until layers have the painting's Gram matrices. One row for each layer alone,
one for layers 1 to n together, and one with the matrices themselves as heat maps (rows and columns
are channels, ordered so that similar ones are neighbours; brightness is the square root).

Example: artgen see style painting.jpg
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
from artgen.figures import colormap
from artgen.figures.progressive import PendingCell, Place, drawn
from artgen.figures.sheet import Cell, fitted
from artgen.losses.regularization import variation_term
from artgen.losses.style import MOMENT_LOSSES, style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.reductions import eigh
from artgen.ops.resize import fit, resample
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.plan import Plan, Work
from artgen.optim.pyramid import Scale, pyramid
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import RUN, Optimizer
from artgen.techniques.common.sheet import SeeSettings

__all__ = ["SeeStyle", "together"]


@dataclass(frozen=True)
class SeeStyle(SeeSettings, Pooled):
    """Settings of a sheet of styles."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("style", "the style picture", style=True),)

    size: Annotated[
        int,
        Option("long side of each picture on the sheet, in pixels", "s", least=1, most=MOST_CELL),
    ] = 192
    layer: Annotated[
        str,
        Option(
            "layers, in their order; by default, the network's style layers",
            "l",
            metavar="NAME,…",
        ),
    ] = ""
    style_loss: Annotated[
        str, Option("which statistics of the style are compared", choices=MOMENT_LOSSES)
    ] = "gram"
    iterations: Annotated[int, Option("iterations for each picture", "n", least=1, group=RUN)] = 100
    tv_weight: Annotated[
        float, Option("weight of the total variation loss: more is smoother", least=0, group=RUN)
    ] = 0.1
    optimizer: Optimizer = "lbfgs"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Reconstruct one picture after the other, each from the same noise.

        Args:
            inputs: `style` (one picture).
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer, or a picture too small for one.
        """
        extractor = self.eye(runtime)
        painting = inputs["style"][0].to(runtime.torch_device)
        size = fit((painting.shape[-2], painting.shape[-1]), self.size)
        painting = resample(painting, size).clamp(0, 1)
        layers = self._layers(extractor, size)
        sets = [[layer] for layer in layers] + [layers[: n + 1] for n in range(len(layers))]
        work = [Scale(size, self.iterations * len(sets))]
        plan = runtime.plan(Work(extractor, tuple(sorted(layers)), self.optimizer, work))
        yield Note(plan.sentence)
        pending = [
            PendingCell(
                f"{'to-' if n >= len(layers) else ''}{wanted[-1]}",
                partial(_label, wanted),
                size,
                self.iterations,
                partial(self._paint, extractor, painting, wanted, plan, runtime),
            )
            for n, wanted in enumerate(sets)
        ]
        places: list[Place] = [Cell("painting", "the painting", painting), *pending[: len(layers)]]
        places += [None, *pending[len(layers) :]]
        moments = style_moments(extractor, [painting], [1.0], layers, plan.tile)
        places += [None, *(_matrix(layer, moments[layer].gram, min(size)) for layer in layers)]
        lay_out = self.lay_out(
            f"{self.named}: style, from layers alone, from layers 1 to n, and as Gram matrices",
            len(layers) + 1,
        )
        cells, provenance = yield from drawn(places, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _layers(self, extractor: FeatureExtractor, size: tuple[int, int]) -> list[str]:
        """The layers asked for, or the network's style layers, if the picture is large enough."""
        asked = names(self.layer, "--layer") if self.layer else extractor.role("style").layers
        layers = list(dict.fromkeys(map(extractor.resolve, asked)))
        extractor.check_size(size, layers)
        return layers

    def _paint(
        self,
        extractor: FeatureExtractor,
        painting: Tensor,
        layers: Sequence[str],
        plan: Plan,
        runtime: Runtime,
    ) -> Iterator[Step | Note]:
        """One picture, (1, 3, H, W) like the painting, from noise, coarse to fine."""
        weights: Mapping[str, float] = dict.fromkeys(layers, 1.0)
        least = max(map(extractor.smallest, layers))
        scales = pyramid((painting.shape[-2], painting.shape[-1]), self.iterations)
        if min(scales[0].size) < least:
            scales = [Scale(scales[-1].size, self.iterations)]

        def pull(scale: Scale, tile: int | None, _: Tensor) -> list[Term]:
            here = resample(painting, scale.size).clamp(0, 1)
            targets = style_moments(extractor, [here], [1.0], layers, tile)
            style = style_term(targets, weights, self.style_loss, 1.0)
            return [style, variation_term(self.tv_weight)]

        noise = torch.rand((1, 3, *scales[0].size), generator=runtime.generator())
        return optimise(
            Pixels(noise.to(painting)),
            extractor,
            scales,
            pull,
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
        )


def _label(layers: Sequence[str], picture: Tensor) -> str:
    return layers[0] if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"


def _matrix(layer: str, gram: Tensor, side: int) -> Cell:
    """A Gram matrix (C, C) as a heat map about `side` px wide."""
    order = together(gram)
    shown = gram[order][:, order].clamp(min=0).sqrt()[None, None].float()
    shown = colormap.scaled(shown, signed=False)
    count = len(gram)
    return Cell(f"gram-{layer}", f"{layer}, {count} x {count}", colormap.heat(fitted(shown, side)))


def together(gram: Tensor) -> Tensor:
    """An order (C,) of the channels of a Gram matrix (C, C) in which similar ones are neighbours.

    By the second eigenvector of their cosine similarities, the direction of greatest difference.
    """
    loud = gram.diagonal().clamp(min=torch.finfo(gram.dtype).tiny).sqrt()
    vectors = eigh((gram / torch.outer(loud, loud)).double())[1]
    order: Tensor = vectors[:, -2 if len(gram) > 1 else -1].argsort(stable=True)
    return order


TECHNIQUES.add("see_style", SeeStyle)
