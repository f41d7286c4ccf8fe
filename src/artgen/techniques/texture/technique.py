"""The run of a texture synthesis: noise optimised from coarse to fine, or patches copied."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

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
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.common.masks import covering, remarks
from artgen.techniques.texture.directions import directed, shown_flow
from artgen.techniques.texture.finishing import PROOFS, Finish, scaled
from artgen.techniques.texture.inpainting import completed, rounds
from artgen.techniques.texture.inputs import TextureInputs
from artgen.techniques.texture.maps import are_normals, gathered, names_of, opacity
from artgen.techniques.texture.settings import TextureSettings
from artgen.techniques.texture.synthesis import COARSEST, Synthesis, TextureLoss, scales_of
from artgen.techniques.texture.variants import freedom, oriented, varied

__all__ = ["Texture"]

PATCHED = 80  # as COARSEST, where patches keep things whole
SHOWN = ("--direction", "the result")  # what covers what
PATCH_WEIGHT = 4.0  # of the patches, relative to the statistics: by docs/textures.md's judges
PATCH_LEFT = 0.5, 0.075  # of it at the finest scale, where things are turned and where they are not


@dataclass(frozen=True)
class Texture(TextureSettings):
    """A texture synthesis, by statistics or by patches."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input(
            "sample",
            "a picture of the texture, or several; not needed with --inpaint and --extend",
            many=True,
            optional=True,
            reads="layer",
        ),
    )

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimise noise from coarse to fine, or fill a hole with patches.

        Args:
            inputs: `sample` (one or more; none if a picture is to be filled or extended), and those
                that the settings name.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, a size or sample too small, or
                pictures that do not belong together.
        """
        finish = Finish(self, inputs)
        yield from self._remarks(inputs)
        yield from finish.remarks()
        if (asked := self.result_size(inputs)) is not None:
            runtime.check_room(asked)
        if self.patched:
            yield from self._put_together(inputs, runtime, finish)
            return
        size = self.result_size(inputs)
        job = self.synthesis(inputs, runtime)
        names = tuple(sorted(job.pull.layers))
        work = Work(
            *(job.canvas_extractor, names, self.optimizer, job.scales),
            pull=job.probe,
            channels=job.material.channels,
            whole=self.loss == "sliced",
            result=size,
            finish=job.finish_seconds if self.recolours else None,
        )
        plan = runtime.plan(work)
        yield Note(f"{self._way(inputs)}{plan.sentence}", plan.seconds)
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

    def synthesis(self, inputs: Inputs, runtime: Runtime) -> Synthesis:
        """The synthesis that the settings describe, for pictures (1, 3, H, W); checks them."""
        size = self.result_size(inputs)
        margin = self.margin(size)
        own = self._material(inputs, runtime)
        material = self._several(own, inputs, runtime)
        sample_extractor, canvas_extractor = (
            self.eye(runtime),
            self.eye(runtime, wraps=self.tileable),
        )
        role = sample_extractor.role("texture")
        layers = {"image": 1.0, **dict(list(role.layers.items())[: self.depth])}
        if self.layers:
            layers = dict(weighted(self.layers, "--layers"))
        height, width = (length + 2 * more for length, more in zip(size, margin, strict=True))
        down, across = min((sample.shape[-2:] for sample in own.samples), key=min)
        scales = scales_of(
            (height, width),
            (down * self.scale, across * self.scale),
            self.iterations,
            sample_extractor,
            layers,
            wraps=self.tileable,
            coarsest=PATCHED if self.match == "patches" else COARSEST,
        )
        made = scales[-1].size
        pull = TextureLoss(
            *(self.loss, layers, role.scale),
            *(self.structure_weight, self.structure_reach, self.tv_weight),
            patches=PATCH_WEIGHT if self.match == "patches" else 0.0,
            last=self._left(own, inputs),
        )
        zoom = (self.scale * made[0] / height, self.scale * made[1] / width)
        return Synthesis(
            *(material, canvas_extractor, sample_extractor, pull, scales, zoom, self.tileable),
            seed=runtime.seed,
        )

    def _several(self, material: TextureInputs, inputs: Inputs, runtime: Runtime) -> TextureInputs:
        """The inputs with several forms of each sample, where the texture is by patches."""
        if self.match != "patches":
            return material
        amount = self._varied(inputs)
        for given in inputs.get("direction", ()):
            flow = shown_flow(covering(given, size := self.result_size(inputs), *SHOWN))
            rows, columns = self.margin(size)
            flow = F.pad(flow, (columns, columns, rows, rows), mode="replicate")
            flow = flow.to(runtime.torch_device)
            return directed(material, flow, amount, runtime.seed)
        return replace(material, sources=varied(material.sources, amount, runtime.seed))

    def _left(self, material: TextureInputs, inputs: Inputs) -> float:
        """What is left of the patches' weight at the finest scale.

        The statistics finish what is not turned: with patches to the last it would be a copy.
        """
        turned, kept = PATCH_LEFT
        if self.match != "patches" or self.direction or not self._varied(inputs):
            return turned
        pictures = [one[:, :3] for one in material.samples]
        several = sum(map(math.prod, zip(map(freedom, pictures), material.shares, strict=True)))
        return kept + (turned - kept) * several / sum(material.shares)

    def _way(self, inputs: Inputs) -> str:
        """The beginning of the plan's sentence."""
        if self.match != "patches":
            return ""
        things = "varied" if self._varied(inputs) else "as they are in the sample"
        turned = ""
        if self.direction and any(not oriented(one[:, :3]) for one in inputs["sample"]):
            turned = (
                "; the sample hardly has a direction of its own, so what in it follows "
                "--direction is arbitrary"
            )
        return f"By patches, things {things}{turned}: "

    def _varied(self, inputs: Inputs) -> float:
        """How much the things in samples are varied: normals that go with them cannot be."""
        normals = any(map(are_normals, inputs.get("with", ())))
        if normals and self.direction:
            raise UsageError(
                "--direction turns the sample, and a map of normals would point elsewhere then.",
                "Make normals of the result: --derive.",
            )
        return 0.0 if normals else self.variety

    def _remarks(self, inputs: Inputs) -> Iterator[Note]:
        """Notes on masks."""
        mended = inputs.get("inpaint", ())
        for file, mask, over in zip([self.mask], inputs.get("mask", ()), mended, strict=False):
            yield from map(Note, remarks(mask, "--mask", Path(file).name, over, "the picture"))
        samples, given = inputs.get("sample", ()), inputs.get("sample_mask", ())
        for file, mask, over in zip(self.sample_mask, given, samples, strict=False):
            said = remarks(mask, "--sample-mask", Path(file).name, over, "the sample")
            yield from map(Note, said)

    def _material(self, inputs: Inputs, runtime: Runtime) -> TextureInputs:
        check_given(self, inputs)
        size = self.result_size(inputs)
        there = {
            role: [picture.to(runtime.torch_device) for picture in many]
            for role, many in inputs.items()
        }
        weights, margin = self.sample_weights, self.margin(size)
        return TextureInputs.of(there, weights, size, margin, wraps=self.tileable)

    def _put_together(
        self, inputs: Inputs, runtime: Runtime, finish: Finish
    ) -> Iterator[Step | Note | Result]:
        """The picture with its hole filled by patches of itself, or of samples."""
        size, material = self.result_size(inputs), self._material(inputs, runtime)
        held = material.held
        assert held is not None  # otherwise there is no hole
        samples, masks = [held.photo], [(held.mask == 0).float()]
        if inputs.get("sample"):
            samples = [scaled(one, self.scale) for one in material.samples]
            masks = [
                scaled(one.new_ones(one[:, :1].shape) if mask is None else mask, self.scale)
                for one, mask in zip(material.samples, material.parts[0].masks, strict=True)
            ]
        share, total = float(full_mean((held.mask > 0).float())), rounds(size)
        yield Note(f"{size[1]} x {size[0]} px, {share:.0%} of it from patches, {total} rounds.")
        if self.inpaint and share > 0.5:
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
        (height, width), (rows, columns) = size, self.margin(size)
        whole = (height + 2 * rows, width + 2 * columns)
        picture = resample(picture, whole, wraps=self.tileable).clamp(0, 1)
        if self.recolours:
            picture = job.recoloured(picture)
        if job.material.held is not None:
            picture = job.material.held.at(whole).around(picture)
        picture = picture[..., rows : rows + height, columns : columns + width]
        alpha = [opacity(picture)] if job.material.layered else []
        found, start = dict[str, Tensor](), 3
        for name, given in zip(names_of(self.with_, ("picture", *PROOFS)), maps, strict=True):
            stop = start + 3 * (given.shape[1] - 2)
            found[name] = gathered(picture[:, start:stop], given.to(picture))
            start = stop
        return torch.cat([picture[:, :3], *alpha], 1), found


def _colours_of(step: Step) -> Callable[[], Tensor]:
    """The step's picture without its maps, (1, 3, H, W)."""
    return lambda: step.picture()[:, :3]


TECHNIQUES.add("texture", Texture)
