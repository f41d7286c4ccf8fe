"""Texture synthesis: more of what a sample shows, of any size, seamless if wanted.

Gatys, Ecker & Bethge, Texture Synthesis Using Convolutional Neural Networks, NIPS 2015: noise is
optimised until a network's statistics are the sample's. Different from the paper: the noise
has the sample's colours, it goes from coarse to fine, losses are relative, the default compares
means and covariances (`--loss gram` is theirs), and activations are compared with those some way
off, so that bricks stay in rows.

Example: artgen texture pebbles.jpg --size 1024x768 --tileable
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen import palette, terms
from artgen.canvas import Pixels, resample
from artgen.errors import UsageError
from artgen.features import FeatureExtractor
from artgen.objective import Term
from artgen.optimise import Note, Scale, State, Step, aligned, optimise, pyramid
from artgen.options import LOSS, NETWORK, RUN, Net, Optimizer, Pooling, Tileable, TvWeight, Weights
from artgen.plan import Work
from artgen.runtime import Runtime
from artgen.settings import Option, dimensions, equal_unless_given, validate, weighted
from artgen.steppers import Stepper
from artgen.structure import structure
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["Texture"]

COARSEST = 96  # shorter side of the smallest sample at the coarsest scale, in pixels
MARGIN = 24  # most pixels that are made beyond an edge and cut off
STRUCTURE_STRIDES = (4, 8)  # of the layers on which structure is compared


@dataclass(frozen=True)
class Texture:
    """Settings of a texture; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("sample", "a picture of the texture, or several", many=True),
    )

    size: Annotated[
        str,
        Option(
            "width and height in pixels, or one number for a square", "s", metavar="WIDTHxHEIGHT"
        ),
    ] = "512"
    tileable: Tileable = False
    proof: Annotated[
        int,
        Option(
            "also write the picture repeated so many times across and down, as NAME-proof",
            least=0,
            most=8,
        ),
    ] = 0
    scale: Annotated[
        float,
        Option("size of the texture's features, relative to the sample's", least=0.05, most=20),
    ] = 1.0
    depth: Annotated[
        int,
        Option(
            "how many of the network's layers count: 1 for colours, 5 for forms", least=1, most=5
        ),
    ] = 5
    match_colors: Annotated[
        str, Option("give the picture the samples' colours at the end", choices=("yes", "no"))
    ] = "yes"
    iterations: Annotated[
        int, Option("evaluations of the loss, over all scales", "n", least=1, group=RUN)
    ] = 180
    sample_weights: Annotated[
        tuple[float, ...], Option("weight of each sample, in their order: 2,1", least=0, group=LOSS)
    ] = ()
    loss: Annotated[
        str, Option("what of the sample is compared", choices=terms.STYLE_LOSSES, group=LOSS)
    ] = "moments"
    structure_weight: Annotated[
        float,
        Option("weight of what goes together over a distance: rows, meshes", least=0, group=LOSS),
    ] = 1.0
    structure_reach: Annotated[
        int,
        Option("how far that is looked at, in positions of a layer", least=1, most=256, group=LOSS),
    ] = 8
    tv_weight: TvWeight = 1.0
    layers: Annotated[
        str,
        Option(
            "their names and weights, instead of the network's choice and --depth",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    optimizer: Optimizer = "lbfgs"
    net: Net = "slim"
    pooling: Pooling = "max"
    weights: Weights = ""

    def __post_init__(self) -> None:
        validate(self)
        dimensions(self.size, "--size")
        if self.proof == 1:
            raise UsageError("--proof is 1, which is the picture itself.", "Take 2 or 3.")

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The size asked for, whatever the sample's."""
        return dimensions(self.size, "--size")

    @property
    def margin(self) -> tuple[int, int]:
        """Rows and columns that are made beyond each edge and cut off: edges are seen by halves."""
        height, width = self.result_size({})
        return (0, 0) if self.tileable else (min(height // 16, MARGIN), min(width // 16, MARGIN))

    @property
    def canvas_size(self) -> tuple[int, int]:
        """(H, W) with the margin, before it becomes a multiple of a layer's stride."""
        (height, width), (rows, columns) = self.result_size({}), self.margin
        return height + 2 * rows, width + 2 * columns

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimises noise from coarse to fine.

        Args:
            inputs: `sample` (one or more).
            runtime: where, how exactly, in which pieces, and with which seed.
            state: of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, or a size or sample too small.
        """
        samples = [picture.to(runtime.torch_device) for picture in inputs["sample"]]
        shares = equal_unless_given(self.sample_weights, len(samples), "sample")
        job = _Job.of(self, runtime, samples, shares)
        names = tuple(sorted(job.layers))
        plan = runtime.plan(Work(job.canvas_eye, names, self.optimizer, job.scales))
        yield Note(plan.sentence)
        start = state["canvas"] if state else job.noise(runtime.generator())
        canvas = Pixels(start.to(runtime.torch_device), wraps=self.tileable)
        events = optimise(
            canvas,
            job.canvas_eye,
            job.scales,
            job.terms,
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
            state=state,
        )
        picture: Callable[[], Tensor] = canvas
        for event in events:
            yield event
            if isinstance(event, Step):
                picture = event.picture
        yield Result(self._finished(picture(), samples, shares))

    def _finished(
        self, picture: Tensor, samples: Sequence[Tensor], shares: Sequence[float]
    ) -> dict[str, Tensor]:
        """The picture at its size and in the samples' colours, and the proof if one is wanted."""
        height, width = self.result_size({})
        rows, columns = self.margin
        if self.tileable:
            picture = resample(picture, (height, width), wraps=True).clamp(0, 1)
        picture = picture[..., rows : rows + height, columns : columns + width]
        if self.match_colors == "yes":
            picture = palette.match(picture, samples, shares)
        found = {"picture": picture}
        if self.proof:
            found["proof"] = picture.repeat(1, 1, self.proof, self.proof)
        return found


@dataclass(frozen=True)
class _Job:
    """What a run is made of. A canvas may be seen with circular padding; a sample never wraps."""

    settings: Texture
    samples: Sequence[Tensor]
    shares: Sequence[float]
    canvas_eye: FeatureExtractor
    sample_eye: FeatureExtractor
    layers: Mapping[str, float]
    strength: float
    scales: Sequence[Scale]

    @classmethod
    def of(
        cls,
        settings: Texture,
        runtime: Runtime,
        samples: Sequence[Tensor],
        shares: Sequence[float],
    ) -> _Job:
        """All that the settings ask for, refused where it cannot be."""
        file = Path(settings.weights) if settings.weights else None
        eyes = [
            runtime.extractor(settings.net, padding=padding, pooling=settings.pooling, file=file)
            for padding in ("replicate", "circular" if settings.tileable else "replicate")
        ]
        role = eyes[0].role("texture")
        layers = {"image": 1.0, **dict(list(role.layers.items())[: settings.depth])}
        if settings.layers:
            layers = dict(weighted(settings.layers, "--layers"))
        stride = max(map(eyes[0].stride, layers)) if settings.tileable else 1
        least = max(map(eyes[0].smallest, layers))
        scales = _scales(settings, samples, stride, least, eyes[0].spec.name)
        return cls(settings, samples, shares, eyes[1], eyes[0], layers, role.scale, scales)

    def terms(self, scale: Scale, tile: int | None) -> list[Term]:
        """What pulls at one scale, at which the samples are as much smaller as the canvas is."""
        settings, eye = self.settings, self.sample_eye
        samples = [self._reduced(sample, scale) for sample in self.samples]
        moments = terms.style_moments(eye, samples, self.shares, tuple(self.layers), tile)
        pulls = [
            terms.style(moments, self.layers, settings.loss, self.strength, name="texture"),
            terms.variation(settings.tv_weight, wraps=settings.tileable),
        ]
        far = {name: w for name, w in self.layers.items() if eye.stride(name) in STRUCTURE_STRIDES}
        rows = structure(
            eye,
            samples,
            self.shares,
            moments,
            far if settings.structure_weight else {},
            scale.size,
            reach=settings.structure_reach,
            weight=settings.structure_weight * self.strength,
            wraps=settings.tileable,
        )
        return pulls if rows is None else [*pulls, rows]

    def noise(self, generator: torch.Generator) -> Tensor:
        """The canvas before the first step."""
        first = self.scales[0]
        samples = [self._reduced(sample, first).cpu() for sample in self.samples]
        return palette.noise(first.size, samples, self.shares, generator)

    def _reduced(self, sample: Tensor, scale: Scale) -> Tensor:
        """The sample at a scale: its pixels are to the canvas's as they are in the result."""
        height, width = (
            round(length * self.settings.scale * now / then)
            for length, now, then in zip(
                sample.shape[-2:], scale.size, self.settings.canvas_size, strict=True
            )
        )
        return resample(sample, (height, width)).clamp(0, 1)


def _scales(
    settings: Texture, samples: Sequence[Tensor], stride: int, least: int, net: str
) -> list[Scale]:
    """From the scale at which the samples are just large enough up to the canvas's own.

    Args:
        stride: sides are multiples of it.
        least: pixels that the layers need.
    """
    height, width = settings.canvas_size
    made = (-(-height // stride) * stride, -(-width // stride) * stride)
    shortest = min(min(sample.shape[-2:]) for sample in samples) * settings.scale
    for what, side, hint in (
        ("texture", min(made), "a larger --size"),
        ("sample", shortest, "a larger sample, a larger --scale"),
    ):
        if side < least:
            raise UsageError(
                f"At {side:.0f} px on its shorter side the {what} is too small for the layers "
                f"asked of {net!r}, which need at least {least} px.",
                f"Take {hint}, or a smaller --depth.",
            )
    smallest = min(COARSEST / shortest, 1) * max(made)
    floor = least * max(made) / min(made)
    scales = pyramid(made, settings.iterations, math.ceil(max(smallest, floor)))
    return aligned(scales, stride)


TECHNIQUES.add("texture", Texture)
