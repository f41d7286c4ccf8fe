"""Activation maximisation from noise: settings, and the optimisation of one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from torch import Tensor

from artgen.core.events import Note, Step
from artgen.core.schema import Option
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.ops.transforms import RandomTransforms
from artgen.optim import gradient_ascent
from artgen.optim.canvas import Canvas
from artgen.optim.fourier import Fourier, FourierAscent
from artgen.optim.loop import Mover, optimise
from artgen.optim.plan import Plan
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime
from artgen.techniques.common.options import ASCENT, Jitter, StepLength
from artgen.techniques.common.sheet import SeeSettings

__all__ = ["CANVASES", "MaximisationSettings"]

CANVASES = ("fourier", "pixels")
SPECTRUM = 8.0  # a spectrum's step for a pixel's: chosen by sight, for results that look alike


@dataclass(frozen=True)
class MaximisationSettings(SeeSettings):
    """Settings of activation maximisation."""

    canvas: Annotated[
        str,
        Option(
            "what is optimised: a Fourier spectrum in decorrelated colours, or pixels",
            choices=CANVASES,
            group=ASCENT,
        ),
    ] = "fourier"
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

    def scales(self, side: int, least: int) -> list[Scale]:
        """From coarse to fine, without those on which a layer would have no position.

        Args:
            side: of the square picture, in pixels.
            least: the shortest side that the layer needs, in pixels.
        """
        return gradient_ascent.octaves((side, side), self.octaves, 1.4, self.iterations, least)

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
        if self.canvas == "fourier":
            generator = runtime.generator()
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
                generator=runtime.generator(),
                level=not still,
            )
        if plan is None:
            return optimise(canvas, extractor, scales, lambda *_: [term], mover)
        tile, fits = plan.tile, plan.fits
        return optimise(canvas, extractor, scales, lambda *_: [term], mover, tile=tile, fits=fits)
