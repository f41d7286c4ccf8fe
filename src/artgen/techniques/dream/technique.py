"""The run of a dream, octave by octave: a picture, a sheet or a film."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import weighted
from artgen.figures.progressive import PendingCell, Place, drawn
from artgen.losses.term import Term
from artgen.networks.channels import before_relu, choose, energies
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import find_class
from artgen.ops import color
from artgen.ops.resize import resample
from artgen.optim import gradient_ascent
from artgen.optim.canvas import MaskedPicture
from artgen.optim.loop import Mover, optimise
from artgen.optim.plan import Plan, Work
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.common.masks import mask_over, remarks
from artgen.techniques.common.painting import Painting
from artgen.techniques.dream.objective import DreamObjective, Variant, answers, silent, variants
from artgen.techniques.dream.settings import CELL, DreamSettings
from artgen.techniques.dream.zoom import fly

__all__ = ["Dream"]

FADE = 0.2  # share of the dream carried over from the last frame of a film that is dreamt anew
FEW = 4  # octaves of a picture on a sheet


@dataclass(frozen=True)
class Dream(DreamSettings):
    """A dream: a picture, a sheet of several, or a film that zooms into one."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo or film", frame=True, film=True),
    )

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Gradient ascent from octave to octave.

        Args:
            inputs: `content` (one picture) and, where the settings name them, `guide`, `style` and
                `mask` (one each). For a film's frame also `last`, the dream of the frame before,
                moved along the optical flow: that dream goes on.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs; a
                sheet cannot be resumed.

        Raises:
            UsageError: for unknown layers, or a picture too small.
        """
        check_given(self, inputs)
        if self._many:
            yield from self._sheet(inputs, runtime)
            return
        if self.zoom:
            yield (yield from self._fly(inputs, runtime, state))
            return
        for event in self._maximise(inputs, runtime, state):
            yield event
            if isinstance(event, Step):
                step = event
        yield Result({"picture": step.picture()}, step.provenance)

    def _maximise(
        self,
        inputs: Inputs,
        runtime: Runtime,
        state: State | None = None,
        generator: torch.Generator | None = None,
    ) -> Iterator[Step | Note]:
        """One dream; its last step has the picture. `generator` is that of the jitter."""
        size = self._size(inputs)
        photo = self._resample(inputs["content"][0].to(runtime.torch_device), size)
        extractor = self.eye(runtime, wraps=self.tileable)
        objective = self._objective(inputs, extractor, runtime, size)
        scales = self._octaves(extractor, objective.names, size)
        last = inputs.get("last")
        if last:  # as much is added as fades, so that a film's dream keeps its strength
            scales = [Scale(s.size, max(round(s.iterations * FADE), 1)) for s in scales]
        work = Work(
            *(extractor, objective.names, "adam" if self.optimizer == "ascent" else self.optimizer),
            scales,
            pull=lambda probe: objective.terms(probe, None),
        )
        plan = runtime.plan(work)
        yield Note(plan.sentence)
        for mask in inputs.get("mask", ()) if self.mask else ():
            yield from map(Note, remarks(mask, "--mask", Path(self.mask).name, photo))
        asked = self.channel or ("strongest:1" if objective.field else "")
        if asked:
            loud = energies(extractor, photo, tuple(objective.layers), plan.tile)
            objective = replace(objective, channels=choose(asked, loud, runtime.generator()))
            yield from silent(objective.channels or {}, loud)
        ground, held = photo, self._held(inputs, photo)
        if self.init == "noise":
            ground = gradient_ascent.clouds(scales, runtime.generator(), wraps=self.tileable).to(
                photo
            )
        if last:
            ground = ground.lerp(self._resample(last[0].to(photo), size), 1 - FADE)

        def pull(scale: Scale, tile: int | None, _: Tensor) -> list[Term]:
            return objective.terms(self._resample(ground, scale.size), tile)

        start = state["canvas"].to(photo) if state else self._resample(ground, scales[0].size)
        events = optimise(
            gradient_ascent.Octave(start, ground, wraps=self.tileable, held=held),
            extractor,
            scales,
            pull,
            self._mover(objective, plan, generator or runtime.generator()),
            tile=plan.tile,
            fits=plan.fits,
            state=state,
        )
        for event in events:
            yield self._shown(event, photo) if isinstance(event, Step) else event

    def _fly(
        self, inputs: Inputs, runtime: Runtime, state: State | None
    ) -> Generator[Step | Note, None, Result]:
        """Yield a step for every frame; returns the last one."""
        flight, generator = self._flight, runtime.generator()
        again = replace(
            self,
            init="content",
            iterations=max(round(self.iterations * FADE), 1),
            step=min(self.step * flight.pace, 1.0),
        )

        def maximise(ground: Tensor | None) -> Iterator[Step | Note]:
            dream = self if ground is None else again
            given = inputs if ground is None else {**inputs, "content": [ground]}
            return dream._maximise(given, runtime, generator=generator)

        return fly(flight, maximise, generator, state)

    def _sheet(self, inputs: Inputs, runtime: Runtime) -> Iterator[Step | Note | Result]:
        """The dreams of every layer, or dreams that differ in the setting `vary`."""
        size = self._size(inputs)
        extractor = self.eye(runtime)
        layers = answers(extractor, size)
        shown = variants(self.vary, layers, self.step, runtime.seed)
        places: list[Place] = [self._pending(one, inputs, runtime, size) for one in shown]
        what = "dreams of every layer" if self.vary == "none" else f"dreams by {self.vary}"
        title = what if self.vary == "net" else f"{self.named}: {what}"
        lay_out = self.lay_out(title)
        cells, last = yield from drawn(places, lay_out, self.background)
        # Cells may have other networks: the sheet itself names its own.
        yield Result(self.pictures(cells, lay_out), extractor.provenance(last.tile))

    def _pending(
        self, variant: Variant, inputs: Inputs, runtime: Runtime, size: tuple[int, int]
    ) -> PendingCell:
        """A cell of the sheet, for one dream."""
        alone = replace(
            self,
            sheet=False,
            vary="none",
            size=min(self.size, CELL),
            octaves=self.octaves or FEW,  # by default a small picture would have too few
            **dict(variant.changes),
        )
        here = runtime if variant.seed is None else replace(runtime, seed=variant.seed)
        extractor = alone.eye(runtime)
        names = alone._objective(inputs, extractor, runtime, size).names
        count = alone.iterations * len(alone._octaves(extractor, names, size))
        make = partial(alone._maximise, inputs, here)
        return PendingCell(variant.name, lambda _: variant.label, size, count, make)

    def _objective(
        self, inputs: Inputs, extractor: FeatureExtractor, runtime: Runtime, size: tuple[int, int]
    ) -> DreamObjective:
        """The objective of the dream; refused where the picture is too small for it."""
        device, goal = runtime.torch_device, None
        layers = weighted(self.layer, "--layer") if self.layer else extractor.role("dream").layers
        if self.class_:
            goal = (runtime.classifier(self.net, self.file), find_class(self.class_))
            layers = {goal[0].last: 1.0}
        elif self.objective == "neuron":  # behind its ReLU an inactive neuron has no gradient
            layers = {before_relu(extractor, extractor.resolve(x)): w for x, w in layers.items()}
        guide = inputs["guide"][0].to(device) if self.guide != "none" else None
        painting = Painting(inputs["style"][0].to(device)) if self.style != "none" else None
        eye = None if painting is None else self.eye(runtime)
        objective = DreamObjective(
            *(extractor, layers, self.objective, self.match, guide),
            goal=goal,
            painting=painting,
            painter_eye=eye,
            style_weight=self.style_weight,
        )
        extractor.check_size(size, objective.names)
        return objective

    def _mover(self, objective: DreamObjective, plan: Plan, generator: torch.Generator) -> Mover:
        rate = self.step * objective.extractor.role("dream").scale
        if self.optimizer != "ascent":
            return Stepper(plan.optimizer, history=plan.history, rate=rate, averages=False)
        return gradient_ascent.Ascent(
            rate,
            jitter=self.jitter,
            # A rotated picture is no longer periodic.
            rotation=0.0 if self.tileable else self.rotation,
            zoom=0.0 if self.tileable else self.scale_jitter,
            smoothing=self.smoothing,
            tints=self.style != "none",
            field=objective.field if self.style == "none" else 0,
            generator=generator,
        )

    def _held(self, inputs: Inputs, photo: Tensor) -> MaskedPicture | None:
        """The part of the photo that may not change."""
        if not self.mask:
            return None
        size = (photo.shape[-2], photo.shape[-1])
        mask = mask_over(inputs["mask"][0].to(photo), size, "--mask", Path(self.mask).name)
        return MaskedPicture(photo, mask, self.tileable)

    def _resample(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        return resample(picture, size, wraps=self.tileable).clamp(0, 1)

    def _shown(self, step: Step, photo: Tensor) -> Step:
        """The step, its picture in the photo's colours if these are to be kept."""
        if self.color == "style":
            return step
        dreamt = step.picture

        def recoloured() -> Tensor:
            return color.recoloured(dreamt(), self._resample(photo, step.scale))

        return replace(step, picture=recoloured)

    def _octaves(
        self, extractor: FeatureExtractor, layers: tuple[str, ...], size: tuple[int, int]
    ) -> list[Scale]:
        """Without the octaves in which a layer would have no position."""
        least = max(map(extractor.smallest, layers))
        count = self.octaves or gradient_ascent.octaves_to(size, self.octave_scale)
        return gradient_ascent.octaves(size, count, self.octave_scale, self.iterations, least)


TECHNIQUES.add("dream", Dream)
