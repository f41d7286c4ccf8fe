"""The run of a texture synthesis: noise optimised from coarse to fine, or patches copied."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.core.parsing import weighted
from artgen.errors import UsageError
from artgen.ops.reductions import full_mean
from artgen.ops.resize import resample
from artgen.optim.loop import check_state, optimise
from artgen.optim.plan import Work
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import Inputs
from artgen.techniques.common.masks import covering, remarks
from artgen.techniques.texture.directions import directed, shown_flow
from artgen.techniques.texture.finishing import PROOFS, Finish, scaled
from artgen.techniques.texture.inpainting import completed, rounds
from artgen.techniques.texture.inputs import TextureInputs
from artgen.techniques.texture.maps import are_normals, gathered, names_of, opacity
from artgen.techniques.texture.settings import TextureSettings
from artgen.techniques.texture.synthesis import COARSEST, Synthesis, TextureLoss, scales_of
from artgen.techniques.texture.variants import freedom, oriented, varied

__all__ = ["TextureRun"]

PATCHED = 80  # as COARSEST, where patches keep things whole
SHOWN = ("--direction", "the result")  # what covers what
PATCH_WEIGHT = 4.0  # of the patches, relative to the statistics: by docs/textures.md's judges
PATCH_LEFT = 0.5, 0.075  # of it at the finest scale, where things are turned and where they are not


@dataclass(frozen=True)
class TextureRun:
    """A texture synthesis on its way.

    Attributes:
        settings: all of them.
        inputs: as `Texture.run` takes them; pictures (1, 3, H, W) in [0, 1].
        runtime: device, precision, tiles and seed.
    """

    settings: TextureSettings
    inputs: Inputs
    runtime: Runtime

    def events(self, state: State | None = None) -> Iterator[Step | Note | Result]:
        """The steps of the synthesis, from a state on, and its result."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        finish = Finish(settings, inputs)
        yield from self._remarks()
        yield from finish.remarks()
        if (asked := settings.result_size(inputs)) is not None:
            runtime.check_room(asked)
        if settings.patched:
            yield from self._put_together(finish)
            return
        size = settings.result_size(inputs)
        job = self.synthesis()
        names = tuple(sorted(job.pull.layers))
        work = Work(
            *(job.canvas_extractor, names, settings.optimizer, job.scales),
            pull=job.probe,
            channels=job.material.channels,
            whole=settings.loss == "sliced",
            result=size,
            finish=job.finish_seconds if settings.recolours else None,
        )
        plan = runtime.plan(work)
        yield Note(f"{self._way()}{plan.sentence}", plan.seconds)
        if state:
            check_state(state, job.scales, job.material.channels)
        canvas = job.begun(state["canvas"]) if state else job.canvas(runtime.generator())
        events = optimise(
            canvas,
            job.canvas_extractor,
            job.scales,
            job.terms,
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
            state=state,
        )
        picture: Callable[[], Tensor] = canvas
        for event in events:
            if isinstance(event, Step):
                picture, event = event.picture, replace(event, picture=_colours_of(event))
            yield event
        made, maps = self._finished(picture().detach(), job, size, inputs.get("with", ()))
        yield from finish.result(made, maps, job.canvas_extractor.provenance(plan.tile))

    def synthesis(self) -> Synthesis:
        """The synthesis that the settings describe; checks them."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        size = settings.result_size(inputs)
        margin = settings.margin(size)
        own = self._material()
        material = self._several(own)
        sample_extractor, canvas_extractor = (
            settings.eye(runtime),
            settings.eye(runtime, wraps=settings.tileable),
        )
        role = sample_extractor.role("texture")
        layers = {"image": 1.0, **dict(list(role.layers.items())[: settings.depth])}
        if settings.layers:
            layers = dict(weighted(settings.layers, "--layers"))
        height, width = (length + 2 * more for length, more in zip(size, margin, strict=True))
        down, across = min((sample.shape[-2:] for sample in own.samples), key=min)
        scales = scales_of(
            (height, width),
            (down * settings.scale, across * settings.scale),
            settings.iterations,
            sample_extractor,
            layers,
            wraps=settings.tileable,
            coarsest=PATCHED if settings.match == "patches" else COARSEST,
        )
        made = scales[-1].size
        pull = TextureLoss(
            *(settings.loss, layers, role.scale),
            *(settings.structure_weight, settings.structure_reach, settings.tv_weight),
            patches=PATCH_WEIGHT if settings.match == "patches" else 0.0,
            last=self._left(own),
        )
        zoom = (settings.scale * made[0] / height, settings.scale * made[1] / width)
        return Synthesis(
            *(material, canvas_extractor, sample_extractor, pull, scales, zoom, settings.tileable),
            seed=runtime.seed,
        )

    def _several(self, material: TextureInputs) -> TextureInputs:
        """The inputs with several forms of each sample, where the texture is by patches."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        if settings.match != "patches":
            return material
        amount = self._varied()
        for given in inputs.get("direction", ()):
            flow = shown_flow(covering(given, size := settings.result_size(inputs), *SHOWN))
            rows, columns = settings.margin(size)
            flow = F.pad(flow, (columns, columns, rows, rows), mode="replicate")
            flow = flow.to(runtime.torch_device)
            return directed(material, flow, amount, runtime.seed)
        return replace(material, sources=varied(material.sources, amount, runtime.seed))

    def _left(self, material: TextureInputs) -> float:
        """What is left of the patches' weight at the finest scale.

        The statistics finish what is not turned: with patches to the last it would be a copy.
        """
        turned, kept = PATCH_LEFT
        settings = self.settings
        if settings.match != "patches" or settings.direction or not self._varied():
            return turned
        pictures = [one[:, :3] for one in material.samples]
        several = sum(map(math.prod, zip(map(freedom, pictures), material.shares, strict=True)))
        return kept + (turned - kept) * several / sum(material.shares)

    def _way(self) -> str:
        """The beginning of the plan's sentence."""
        if self.settings.match != "patches":
            return ""
        things = "varied" if self._varied() else "as they are in the sample"
        turned = ""
        samples = self.inputs.get("sample", ())
        if self.settings.direction and any(not oriented(one[:, :3]) for one in samples):
            turned = (
                "; the sample hardly has a direction of its own, so what in it follows "
                "--direction is arbitrary"
            )
        return f"By patches, things {things}{turned}: "

    def _varied(self) -> float:
        """How much the things in samples are varied: normals that go with them cannot be."""
        settings, inputs = self.settings, self.inputs
        normals = any(map(are_normals, inputs.get("with", ())))
        if normals and settings.direction:
            raise UsageError(
                "--direction turns the sample, and a map of normals would point elsewhere then.",
                "Make normals of the result: --derive.",
            )
        return 0.0 if normals else settings.variety

    def _remarks(self) -> Iterator[Note]:
        """Notes on masks."""
        settings, inputs = self.settings, self.inputs
        mended = inputs.get("inpaint", ())
        for file, mask, over in zip([settings.mask], inputs.get("mask", ()), mended, strict=False):
            yield from map(Note, remarks(mask, "--mask", Path(file).name, over, "the picture"))
        samples, given = inputs.get("sample", ()), inputs.get("sample_mask", ())
        for file, mask, over in zip(settings.sample_mask, given, samples, strict=False):
            said = remarks(mask, "--sample-mask", Path(file).name, over, "the sample")
            yield from map(Note, said)

    def _material(self) -> TextureInputs:
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        size = settings.result_size(inputs)
        there = {
            role: [picture.to(runtime.torch_device) for picture in many]
            for role, many in inputs.items()
        }
        weights, margin = settings.sample_weights, settings.margin(size)
        return TextureInputs.of(there, weights, size, margin, wraps=settings.tileable)

    def _put_together(self, finish: Finish) -> Iterator[Step | Note | Result]:
        """The picture with its hole filled by patches of itself, or of samples."""
        settings, inputs, runtime = self.settings, self.inputs, self.runtime
        size, material = settings.result_size(inputs), self._material()
        held = material.held
        assert held is not None  # otherwise there is no hole
        samples, masks = [held.photo], [(held.mask == 0).float()]
        if inputs.get("sample"):
            samples = [scaled(one, settings.scale) for one in material.samples]
            masks = [
                scaled(one.new_ones(one[:, :1].shape) if mask is None else mask, settings.scale)
                for one, mask in zip(material.samples, material.parts[0].masks, strict=True)
            ]
        share, total = float(full_mean((held.mask > 0).float())), rounds(size)
        yield Note(f"{size[1]} x {size[0]} px, {share:.0%} of it from patches, {total} rounds.")
        if settings.inpaint and share > 0.5:
            yield Note("Most of --mask is white, and what is white is mended: is it inverted?")
        picture = held.photo
        drawn = completed(held.photo, held.mask, samples, masks, runtime.generator())
        for index, picture in enumerate(drawn, start=1):
            at = (picture.shape[-2], picture.shape[-1])
            yield Step(index, total, at, {}, picture.clone)
        yield from finish.result(held.around(picture.clamp(0, 1)), {}, Provenance())

    def _finished(
        self, picture: Tensor, job: Synthesis, size: tuple[int, int], maps: Sequence[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The picture at its size and in the samples' colours, and its maps by name."""
        settings = self.settings
        (height, width), (rows, columns) = size, settings.margin(size)
        whole = (height + 2 * rows, width + 2 * columns)
        picture = resample(picture, whole, wraps=settings.tileable).clamp(0, 1)
        if settings.recolours:
            picture = job.recoloured(picture)
        if job.material.held is not None:
            picture = job.material.held.at(whole).around(picture)
        picture = picture[..., rows : rows + height, columns : columns + width]
        alpha = [opacity(picture)] if job.material.layered else []
        found, start = dict[str, Tensor](), 3
        for name, given in zip(names_of(settings.with_, ("picture", *PROOFS)), maps, strict=True):
            stop = start + 3 * (given.shape[1] - 2)
            found[name] = gathered(picture[:, start:stop], given.to(picture))
            start = stop
        return torch.cat([picture[:, :3], *alpha], 1), found


def _colours_of(step: Step) -> Callable[[], Tensor]:
    """The step's picture without its maps, (1, 3, H, W)."""
    return lambda: step.picture()[:, :3]
