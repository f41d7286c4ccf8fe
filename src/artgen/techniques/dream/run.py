"""The run of a dream, octave by octave: a picture, a sheet or a film."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

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
from artgen.optim.loop import Mover, check_state, optimise
from artgen.optim.plan import Plan, Work
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import Inputs
from artgen.techniques.common.masks import mask_over, remarks
from artgen.techniques.common.painting import Painting
from artgen.techniques.dream.objective import DreamObjective, Variant, answers, silent, variants
from artgen.techniques.dream.settings import CELL, DreamSettings
from artgen.techniques.dream.zoom import Zoom, fly

__all__ = ["DreamRun", "octaves"]

FADE = 0.2  # share of the dream carried over from the last frame of a film that is dreamt anew
FEW = 4  # octaves of a picture on a sheet


@dataclass(frozen=True)
class DreamRun:
    """A dream on its way.

    Attributes:
        settings: all of them.
        inputs: as `Dream.run` takes them; pictures (1, 3, H, W) in [0, 1].
        runtime: device, precision, tiles and seed.
    """

    settings: DreamSettings
    inputs: Inputs
    runtime: Runtime

    def events(self, state: State | None = None) -> Iterator[Step | Note | Result]:
        """The steps of the dream, from a state on, and its result."""
        if self.settings.many:
            yield from self._sheet()
        elif self.settings.zoom:
            yield (yield from self._film(state))
        else:
            for event in self._dream(state):
                yield event
                if isinstance(event, Step):
                    step = event
            yield Result({"picture": step.picture()}, step.provenance)

    def _dream(
        self, state: State | None = None, generator: torch.Generator | None = None
    ) -> Iterator[Step | Note]:
        """One dream; its last step has the picture. `generator` is that of the jitter."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        size = settings.dream_size(inputs)
        runtime.check_room(size)
        photo = self._resample(inputs["content"][0].to(runtime.torch_device), size)
        extractor = settings.eye(runtime, wraps=settings.tileable)
        objective = self._objective(extractor, size)
        scales = octaves(settings, extractor, objective.names, size)
        last = inputs.get("last")
        if last:  # as much is added as fades, so that a film's dream keeps its strength
            scales = [Scale(s.size, max(round(s.iterations * FADE), 1)) for s in scales]
        optimizer = "adam" if settings.optimizer == "ascent" else settings.optimizer
        work = Work(
            *(extractor, objective.names, optimizer, scales),
            pull=lambda probe: objective.terms(probe, None),
        )
        plan = runtime.plan(work)
        yield Note(plan.sentence, plan.seconds)
        for mask in inputs.get("mask", ()) if settings.mask else ():
            yield from map(Note, remarks(mask, "--mask", Path(settings.mask).name, photo))
        asked = settings.channel or ("strongest:1" if objective.field else "")
        if asked:
            loud = energies(extractor, photo, tuple(objective.layers), plan.tile)
            objective = replace(objective, channels=choose(asked, loud, runtime.generator()))
            yield from silent(objective.channels or {}, loud)
        ground = self._ground(photo, scales)

        def pull(scale: Scale, tile: int | None, _: Tensor) -> list[Term]:
            return objective.terms(self._resample(ground, scale.size), tile)

        if state:
            check_state(state, scales)
        start = state["canvas"].to(photo) if state else self._resample(ground, scales[0].size)
        held = self._held(photo)
        events = optimise(
            gradient_ascent.Octave(start, ground, wraps=settings.tileable, held=held),
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

    def _ground(self, photo: Tensor, scales: list[Scale]) -> Tensor:
        """What is dreamt on, (1, 3, H, W): the photo or noise, and a film's last frame over it."""
        ground = photo
        if self.settings.init == "noise":
            ground = gradient_ascent.clouds(
                scales, self.runtime.generator(), wraps=self.settings.tileable
            ).to(photo)
        last = self.inputs.get("last")
        if last:
            size = (photo.shape[-2], photo.shape[-1])
            ground = ground.lerp(self._resample(last[0].to(photo), size), 1 - FADE)
        return ground

    def _film(self, state: State | None) -> Generator[Step | Note, None, Result]:
        """Yield a step for every frame; returns the last one."""
        settings, generator = self.settings, self.runtime.generator()
        flight = Zoom(
            settings.seconds, settings.zoom_rate, settings.rotate, settings.fps, settings.loop
        )
        again = replace(
            settings,
            init="content",
            iterations=max(round(settings.iterations * FADE), 1),
            step=min(settings.step * flight.pace, 1.0),
        )

        def maximise(ground: Tensor | None) -> Iterator[Step | Note]:
            dream = self
            if ground is not None:
                dream = replace(self, settings=again, inputs={**self.inputs, "content": [ground]})
            return dream._dream(generator=generator)

        return fly(flight, maximise, generator, state)

    def _sheet(self) -> Iterator[Step | Note | Result]:
        """The dreams of every layer, or dreams that differ in the setting `vary`."""
        settings = self.settings
        size = settings.dream_size(self.inputs)
        extractor = settings.eye(self.runtime)
        layers = answers(extractor, size)
        shown = variants(settings.vary, layers, settings.step, self.runtime.seed)
        places: list[Place] = [self._pending(one, size) for one in shown]
        by = settings.vary
        what = "dreams of every layer" if by == "none" else f"dreams by {by}"
        title = what if by == "net" else f"{settings.named}: {what}"
        lay_out = settings.lay_out(title)
        cells, last = yield from drawn(places, lay_out, settings.background)
        # Cells may have other networks: the sheet itself names its own.
        yield Result(settings.pictures(cells, lay_out), extractor.provenance(last.tile))

    def _pending(self, variant: Variant, size: tuple[int, int]) -> PendingCell:
        """A cell of the sheet, for one dream."""
        settings = replace(
            self.settings,
            sheet=False,
            vary="none",
            size=min(self.settings.size, CELL),
            octaves=self.settings.octaves or FEW,  # by default a small picture would have too few
            **dict(variant.changes),
        )
        here = self.runtime
        here = here if variant.seed is None else replace(here, seed=variant.seed)
        alone = replace(self, settings=settings, runtime=here)
        extractor = settings.eye(self.runtime)
        names = alone._objective(extractor, size).names
        count = settings.iterations * len(octaves(settings, extractor, names, size))
        return PendingCell(variant.name, lambda _: variant.label, size, count, alone._dream)

    def _objective(self, extractor: FeatureExtractor, size: tuple[int, int]) -> DreamObjective:
        """The objective of the dream; refused where the picture is too small for it."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        device, goal = runtime.torch_device, None
        named = settings.layer
        layers = weighted(named, "--layer") if named else extractor.role("dream").layers
        if settings.class_:
            goal = (
                runtime.classifier(settings.net, settings.file),
                find_class(settings.class_),
            )
            layers = {goal[0].last: 1.0}
        elif settings.objective == "neuron":  # behind its ReLU an inactive neuron has no gradient
            layers = {before_relu(extractor, extractor.resolve(x)): w for x, w in layers.items()}
        guide = inputs["guide"][0].to(device) if settings.guide != "none" else None
        has_style = settings.style != "none"
        painting = Painting(inputs["style"][0].to(device)) if has_style else None
        objective = DreamObjective(
            *(extractor, layers, settings.objective, settings.match, guide),
            goal=goal,
            painting=painting,
            painter_eye=settings.eye(runtime) if has_style else None,
            style_weight=settings.style_weight,
        )
        extractor.check_size(size, objective.names)
        return objective

    def _mover(self, objective: DreamObjective, plan: Plan, generator: torch.Generator) -> Mover:
        settings = self.settings
        rate = settings.step * objective.extractor.role("dream").scale
        if settings.optimizer != "ascent":
            return Stepper(plan.optimizer, history=plan.history, rate=rate, averages=False)
        return gradient_ascent.Ascent(
            rate,
            jitter=settings.jitter,
            # A rotated picture is no longer periodic.
            rotation=0.0 if settings.tileable else settings.rotation,
            zoom=0.0 if settings.tileable else settings.scale_jitter,
            smoothing=settings.smoothing,
            tints=settings.style != "none",
            field=objective.field if settings.style == "none" else 0,
            generator=generator,
        )

    def _held(self, photo: Tensor) -> MaskedPicture | None:
        """The part of the photo that may not change."""
        named = self.settings.mask
        if not named:
            return None
        size = (photo.shape[-2], photo.shape[-1])
        mask = mask_over(self.inputs["mask"][0].to(photo), size, "--mask", Path(named).name)
        return MaskedPicture(photo, mask, self.settings.tileable)

    def _resample(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        return resample(picture, size, wraps=self.settings.tileable).clamp(0, 1)

    def _shown(self, step: Step, photo: Tensor) -> Step:
        """The step, its picture in the photo's colours if these are to be kept."""
        if self.settings.color == "style":
            return step
        dreamt = step.picture

        def recoloured() -> Tensor:
            return color.recoloured(dreamt(), self._resample(photo, step.scale))

        return replace(step, picture=recoloured)


def octaves(
    settings: DreamSettings,
    extractor: FeatureExtractor,
    layers: tuple[str, ...],
    size: tuple[int, int],
) -> list[Scale]:
    """The octaves of a dream of a size (H, W), but for those in which a layer has no position."""
    least = max(map(extractor.smallest, layers))
    ratio = settings.octave_scale
    count = settings.octaves or gradient_ascent.octaves_to(size, ratio)
    return gradient_ascent.octaves(size, count, ratio, settings.iterations, least)
