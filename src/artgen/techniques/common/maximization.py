"""Activation maximisation from noise: settings, and the optimisation of one picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias

import torch
from torch import Tensor

from artgen.core.events import Note, Step
from artgen.core.schema import Option
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.ops.transforms import RandomTransforms
from artgen.optim import gradient_ascent
from artgen.optim.canvas import Canvas
from artgen.optim.codes import Codes
from artgen.optim.fourier import Fourier, FourierAscent
from artgen.optim.loop import Fits, Mover, optimise
from artgen.optim.phases import CropAscent, Crops, Phases
from artgen.optim.plan import Plan, Work
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime
from artgen.techniques.common.network import with_network
from artgen.techniques.common.options import ASCENT, SHEET, Jitter, StepLength
from artgen.techniques.common.sheet import SeeSettings

__all__ = [
    "CANVASES",
    "FORM",
    "SEEDS",
    "CropCount",
    "MaximisationSettings",
    "Painted",
    "VariedSettings",
]

CANVASES = ("fourier", "phase", "prior", "prior+fourier", "pixels")
# Those of which each step sees random crops, at one size; after a plus, one begins as the picture
# of the one before.
CROPPED = ("phase", "prior", "prior+fourier")
SEEN = {  # what each step sees of a canvas, their sides the largest that there are
    "phase": Crops(1, 128),
    "prior": Crops(1, 128, first=0.95, last=0.7),
    "fourier": Crops(1, 192, first=0.95, last=0.7, center=0.05, noise=0.04),
}
SPECTRUM = 8.0  # a spectrum's step for a pixel's: chosen by sight, for results that look alike
BOLD = 16.0  # of one that goes on from a picture: by the ranks that another network gives
DEVIATIONS = 12.0  # of a code's values: likewise
RADIANS = 66.0  # a phase's step for a pixel's: likewise
FORM = 1 / 3  # of the steps find the form, before the next canvas goes on from it
NARROWEST = 96  # least side of a crop, in pixels
VARIED = ("none", "seed")
SEEDS = 4  # pictures that differ in nothing else
Painted: TypeAlias = Annotated[
    str,
    Option(
        "what is optimised: a Fourier spectrum in decorrelated colours; the phases of a photo's "
        "spectrum, seen in random crops; the code of a network that has learnt to make photos; "
        "this code and then the spectrum of its picture; or pixels",
        choices=CANVASES,
        group=ASCENT,
    ),
]
CropCount: TypeAlias = Annotated[
    int, Option("random crops seen in each step (phase, prior)", least=1, most=256, group=ASCENT)
]


@dataclass(frozen=True)
class MaximisationSettings(SeeSettings):
    """Settings of activation maximisation."""

    canvas: Painted = "fourier"
    octaves: Annotated[
        int,
        Option("number of sizes, from small to large", least=1, most=64, group=ASCENT),
    ] = 4
    iterations: Annotated[int, Option("steps at each size", "n", least=1, group=ASCENT)] = 20
    step: StepLength = 0.006
    jitter: Jitter = 8
    zoom: Annotated[
        float,
        Option(
            "largest random zoom before a step, as a share (fourier)",
            least=0,
            most=0.5,
            group=ASCENT,
        ),
    ] = 0.05
    rotate: Annotated[
        float,
        Option(
            "largest random rotation before a step, in degrees (fourier)",
            least=0,
            most=180,
            group=ASCENT,
        ),
    ] = 5.0
    smoothing: Annotated[
        float,
        Option(
            "from the gradient as it is (0) to equal frequency bands (1) (pixels)",
            least=0,
            most=1,
            group=ASCENT,
        ),
    ] = 0.5

    crops: CropCount = 4
    opaque: Annotated[
        bool,
        Option(
            "show all of a plate, also what the gradients hardly reached and the sheet's "
            "background would replace (phase)",
            group=SHEET,
        ),
    ] = False

    def scales(self, side: int, least: int) -> list[Scale]:
        """From coarse to fine, without those on which a layer would have no position.

        Phases and codes have one scale, with the steps of all.

        Args:
            side: of the square picture, in pixels.
            least: the shortest side that the layer needs, in pixels.
        """
        if self.canvas in CROPPED:
            return [Scale((side, side), self.octaves * self.iterations)]
        return gradient_ascent.octaves((side, side), self.octaves, 1.4, self.iterations, least)

    def plan(
        self,
        extractor: FeatureExtractor,
        layers: Sequence[str],
        scales: Sequence[Scale],
        pictures: int,
        runtime: Runtime,
    ) -> Plan:
        """The plan of so many pictures: by what is evaluated in each step.

        Args:
            extractor: the feature extractor.
            layers: those whose activations are maximised.
            scales: from `scales`.
            pictures: their number.
            runtime: gives device and tiles.
        """
        work = [Scale(one.size, one.iterations * pictures) for one in scales]
        result, canvas = None, None
        if self.canvas in CROPPED:
            side = max(self.seen_side(extractor, layers, kind) for kind in self.canvas.split("+"))
            work = [Scale((side, side * self.crops), one.iterations) for one in work]
            result = scales[-1].size
        if "prior" in self.canvas:

            def canvas(size: tuple[int, int]) -> Canvas:
                return _codes(size, runtime.generator(), runtime)

        return runtime.plan(
            Work(extractor, tuple(layers), "adam", work, result=result, canvas=canvas)
        )

    def told(self, events: Iterable[Step | Note], runtime: Runtime) -> Iterator[Step | Note]:
        """Events of a run, whose recipe names the prior where it takes part."""
        if "prior" not in self.canvas:
            return iter(events)
        return with_network(events, "prior", runtime.prior()[1])

    def seen_side(
        self, extractor: FeatureExtractor, layers: Sequence[str], kind: str = "phase"
    ) -> int:
        """Side of a crop, in pixels: the layers' largest receptive field, within bounds."""
        fields = [2 * extractor.radius(layer) + extractor.stride(layer) for layer in layers]
        most = SEEN[kind].side
        return max(min(max(*fields, NARROWEST), most), *map(extractor.smallest, layers))

    def noise(self, scales: Sequence[Scale], runtime: Runtime) -> Tensor:
        """The initial picture (1, 3, H, W) of a canvas of pixels, the same for a whole sheet."""
        return gradient_ascent.clouds(scales, runtime.generator()).to(runtime.torch_device)

    def maximise(
        self,
        extractor: FeatureExtractor,
        scales: Sequence[Scale],
        term: Term,
        runtime: Runtime,
        plan: Plan | None = None,
        *,
        still: bool = False,
    ) -> Iterator[Step | Note]:
        """Minimise a term from noise: the steps of one picture.

        Args:
            extractor: the feature extractor.
            scales: from `scales`.
            term: the loss, minus the activation to maximise.
            runtime: gives seed and device.
            plan: the tiles; one piece if not given.
            still: whether to switch off random movements and equalisation, for a loss that is about
                one place.
        """
        canvas: Canvas
        mover: Mover
        tile = None if plan is None else plan.tile
        fits: Fits | None = None if plan is None else plan.fits
        if self.canvas in CROPPED:
            # What is evaluated has the size of the crops, whatever the scale.
            events = self._in_crops(extractor, scales, term, runtime, tile, still=still)
            return self.told(events, runtime)
        generator = runtime.generator()
        if self.canvas == "fourier":
            canvas = Fourier.noise(scales[0].size, generator, runtime.torch_device)
            transform = (
                RandomTransforms()
                if still
                else RandomTransforms(self.jitter, self.zoom, self.rotate)
            )
            mover = FourierAscent(self.step * SPECTRUM, transform, generator)
        else:
            noise = self.noise(scales, runtime)
            canvas = gradient_ascent.Octave(resample(noise, scales[0].size).clamp(0, 1), noise)
            mover = gradient_ascent.Ascent(
                self.step,
                jitter=0 if still else self.jitter,
                smoothing=self.smoothing,
                generator=generator,
                level=not still,
            )
        fits = fits or (lambda *_: True)
        return optimise(canvas, extractor, scales, lambda *_: [term], mover, tile=tile, fits=fits)

    def _in_crops(
        self,
        extractor: FeatureExtractor,
        scales: Sequence[Scale],
        term: Term,
        runtime: Runtime,
        tile: int | None,
        *,
        still: bool,
    ) -> Iterator[Step | Note]:
        """`maximise` in random crops: each canvas of the setting in turn, from noise at first."""
        (scale,) = scales
        generator = runtime.generator()
        kinds, made = self.canvas.split("+"), 0
        picture: Tensor | None = None
        for number, kind in enumerate(kinds, start=1):
            last = number == len(kinds)
            steps = scale.iterations - made if last else round(scale.iterations * FORM)
            canvas, rate = self._begun(kind, scale.size, picture, generator, runtime)
            side = self.seen_side(extractor, term.layers, kind)
            at_once = self.crops if tile is None else max(tile**2 // side**2, 1)
            crops = replace(SEEN[kind], count=self.crops, side=side, at_once=at_once)
            mover = CropAscent(
                rate, steps, None if still else crops, generator, fades=not self.opaque
            )
            part = [Scale(scale.size, steps)]
            events = optimise(canvas, extractor, part, lambda *_: [term], mover, tile=tile)
            for event in events:
                if isinstance(event, Step):
                    event = replace(event, index=made + event.index, total=scale.iterations)
                yield event
            picture, made = mover.picture(canvas), made + steps

    def _begun(
        self,
        kind: str,
        size: tuple[int, int],
        picture: Tensor | None,
        generator: torch.Generator,
        runtime: Runtime,
    ) -> tuple[Phases | Codes | Fourier, float]:
        """A canvas whose crops are seen, from a picture (1, 3, H, W) or noise, and its rate."""
        if kind == "phase":
            phases = Phases.noise(size, generator, runtime.torch_device)
            return phases, self.step * RADIANS
        if kind == "prior":
            return _codes(size, generator, runtime), self.step * DEVIATIONS
        assert picture is not None
        return Fourier.of(picture), self.step * BOLD


def _codes(size: tuple[int, int], generator: torch.Generator, runtime: Runtime) -> Codes:
    """Faint codes of the prior, for a picture of a size (H, W)."""
    prior, _ = runtime.prior()

    def make(values: Tensor) -> Tensor:
        picture: Tensor = prior(prior.likely(values))
        return picture

    channels, stride, device = len(prior.most), prior.stride, runtime.torch_device
    return Codes.noise(size, channels, make, stride, generator, device)


@dataclass(frozen=True)
class VariedSettings(MaximisationSettings):
    """Settings of activation maximisation from several seeds."""

    vary: Annotated[
        str,
        Option(
            f"a row of {SEEDS} pictures for each one, which differ in this only",
            choices=VARIED,
            group=SHEET,
        ),
    ] = "none"

    def seeds(self, runtime: Runtime) -> list[tuple[str, Runtime]]:
        """The runs of each picture: a label, empty where there is one run only, and its runtime."""
        if self.vary == "none":
            return [("", runtime)]
        seeds = range(runtime.seed, runtime.seed + SEEDS)
        return [(f"seed {seed}", replace(runtime, seed=seed)) for seed in seeds]
