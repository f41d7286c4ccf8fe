"""Settings of a texture synthesis, and its run, by statistics or by patches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import dimensions, weighted
from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.ops.resize import resample
from artgen.optim.loop import optimise
from artgen.optim.plan import Work
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import (
    LOSS,
    NETWORK,
    RUN,
    STYLE_LOSSES,
    Optimizer,
    Tileable,
    TvWeight,
)
from artgen.techniques.texture.inpainting import completed, rounds
from artgen.techniques.texture.materials import Material
from artgen.techniques.texture.synthesis import Pull, Synthesis, scales_of

__all__ = ["Texture"]

PLACE = "What goes where"
SIDE = 512  # of the picture, where nothing says how large it is to be
MARGIN = 24  # most pixels that are made beyond an edge and cut off


@dataclass(frozen=True)
class Texture(Pooled):
    """Settings of a texture; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input(
            "sample",
            "a picture of the texture, or several; not needed with --inpaint and --extend",
            many=True,
            optional=True,
        ),
    )

    size: Annotated[
        str,
        Option(
            "width and height in pixels, or one number for a square; if not given, the size of "
            f"--inpaint or --guide, or {SIDE}",
            "s",
            metavar="WIDTHxHEIGHT",
            first=True,
        ),
    ] = ""
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
        Option(
            "size of the texture's features, relative to the sample's",
            least=0.05,
            most=20,
            first=True,
        ),
    ] = 1.0
    depth: Annotated[
        int,
        Option(
            "how many of the network's layers count: 1 for colours, 5 for forms",
            least=1,
            most=5,
            first=True,
        ),
    ] = 5
    match_colors: Annotated[
        str, Option("give the picture the samples' colours at the end", choices=("yes", "no"))
    ] = "yes"
    with_: Annotated[
        tuple[str, ...],
        Option(
            "a further map of the sample (normals, roughness), made in register with the colours "
            "and written beside them; may be given again",
            file="with",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    sample_mask: Annotated[
        tuple[str, ...],
        Option(
            "which part of the sample counts: what is white; once for each sample",
            file="sample_mask",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    inpaint: Annotated[
        str, Option("a picture to be mended", file="inpaint", metavar="FILE", group=PLACE)
    ] = ""
    mask: Annotated[
        str,
        Option(
            "where --inpaint is mended: what is white", file="mask", metavar="FILE", group=PLACE
        ),
    ] = ""
    extend: Annotated[
        str,
        Option(
            "a picture to be carried on, on all sides, to --size",
            file="extend",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    fill: Annotated[
        str,
        Option(
            "with --inpaint and --extend: patches of what is known, whose structure goes on, or "
            "noise optimised to its statistics, as always with --guide and --tileable",
            choices=("patches", "statistics"),
            group=PLACE,
        ),
    ] = "patches"
    guide: Annotated[
        str,
        Option(
            "a plan of the picture in flat colours: each is a label",
            file="guide",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    sample_guide: Annotated[
        tuple[str, ...],
        Option(
            "the same labels on the sample; once for each sample",
            file="sample_guide",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    iterations: Annotated[
        int, Option("evaluations of the loss, over all scales", "n", least=1, group=RUN)
    ] = 180
    sample_weights: Annotated[
        tuple[float, ...], Option("weight of each sample, in their order: 2,1", least=0, group=LOSS)
    ] = ()
    loss: Annotated[
        str, Option("what of the sample is compared", choices=STYLE_LOSSES, group=LOSS)
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

    def __post_init__(self) -> None:
        validate(self)
        if self.size:
            dimensions(self.size, "--size")
        if self.proof == 1:
            raise UsageError("--proof is 1, which is the picture itself.", "Take 2 or 3.")
        _refuse_half(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The size asked for, whatever the sample's, or that of what is mended or planned."""
        if self.size:
            return dimensions(self.size, "--size")
        for picture in (*inputs.get("inpaint", ()), *inputs.get("guide", ())):
            return picture.shape[-2], picture.shape[-1]
        return SIDE, SIDE

    def margin(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns that are made beyond each edge and cut off: edges are seen by halves.

        A picture that is mended has edges of its own.
        """
        if self.tileable or self.inpaint or self.patched:
            return 0, 0
        return min(size[0] // 16, MARGIN), min(size[1] // 16, MARGIN)

    @property
    def patched(self) -> bool:
        """Whether known patches are put together instead of noise being optimised."""
        known = bool(self.inpaint or self.extend)
        return known and self.fill == "patches" and not (self.guide or self.tileable)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimises noise from coarse to fine.

        Args:
            inputs: `sample` (one or more; none where there is something to mend or to carry on),
                and those that the settings name.
            runtime: where, how exactly, in which pieces, and with which seed.
            state: of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, a size or sample too small, or
                pictures that do not go together.
        """
        if self.patched:
            yield from self._put_together(inputs, runtime)
            return
        size = self.result_size(inputs)
        job = self.synthesis(inputs, runtime)
        names = tuple(sorted(job.pull.layers))
        work = Work(
            *(job.canvas_eye, names, self.optimizer, job.scales),
            pull=job.probe,
            channels=job.material.channels,
            whole=self.loss == "sliced",
        )
        plan = runtime.plan(work)
        yield Note(plan.sentence)
        canvas = job.begun(state["canvas"]) if state else job.canvas(runtime.generator())
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
            if isinstance(event, Step):
                picture = event.picture
                yield replace(event, picture=_colours_of(event))
            else:
                yield event
        yield Result(self._finished(picture().detach(), job, size))

    def synthesis(self, inputs: Inputs, runtime: Runtime) -> Synthesis:
        """All that the settings ask for, refused where it cannot be."""
        size = self.result_size(inputs)
        margin = self.margin(size)
        material = self._material(inputs, runtime)
        sample_eye, canvas_eye = self.eye(runtime), self.eye(runtime, wraps=self.tileable)
        role = sample_eye.role("texture")
        layers = {"image": 1.0, **dict(list(role.layers.items())[: self.depth])}
        if self.layers:
            layers = dict(weighted(self.layers, "--layers"))
        height, width = (length + 2 * more for length, more in zip(size, margin, strict=True))
        shortest = min(min(sample.shape[-2:]) for sample in material.samples) * self.scale
        scales = scales_of(
            (height, width),
            shortest,
            self.iterations,
            stride=max(map(sample_eye.stride, layers)) if self.tileable else 1,
            least=max(map(sample_eye.smallest, layers)),
            net=sample_eye.spec.name,
        )
        made = scales[-1].size
        pull = Pull(
            *(self.loss, layers, role.scale),
            *(self.structure_weight, self.structure_reach, self.tv_weight),
        )
        zoom = (self.scale * made[0] / height, self.scale * made[1] / width)
        return Synthesis(material, canvas_eye, sample_eye, pull, scales, zoom, self.tileable)

    def _material(self, inputs: Inputs, runtime: Runtime) -> Material:
        check_given(self, inputs)
        size = self.result_size(inputs)
        there = {
            role: [picture.to(runtime.torch_device) for picture in many]
            for role, many in inputs.items()
        }
        weights, margin = self.sample_weights, self.margin(size)
        return Material.of(there, weights, size, margin, wraps=self.tileable)

    def _put_together(self, inputs: Inputs, runtime: Runtime) -> Iterator[Step | Note | Result]:
        """The picture with its hole filled by patches of itself, or of samples."""
        size, material = self.result_size(inputs), self._material(inputs, runtime)
        held = material.held
        assert held is not None  # else there is nothing to be filled
        samples, masks = [held.photo], [(held.mask == 0).float()]
        if inputs.get("sample"):
            samples = [_scaled(one, self.scale) for one in material.samples]
            masks = [
                _scaled(one.new_ones(one[:, :1].shape) if mask is None else mask, self.scale)
                for one, mask in zip(material.samples, material.parts[0].masks, strict=True)
            ]
        share, total = float((held.mask > 0).float().mean()), rounds(size)
        yield Note(f"{size[1]} x {size[0]} px, {share:.0%} of it from patches, {total} rounds.")
        if self.inpaint and share > 0.5:
            yield Note("Most of --mask is white, and what is white is mended: is it inverted?")
        picture = held.photo
        drawn = completed(held.photo, held.mask, samples, masks, runtime.generator())
        for index, picture in enumerate(drawn, start=1):
            at = (picture.shape[-2], picture.shape[-1])
            yield Step(index, total, at, {}, picture.clone)
        yield Result(self._proven({"picture": held.around(picture.clamp(0, 1))}))

    def _finished(
        self, picture: Tensor, job: Synthesis, size: tuple[int, int]
    ) -> dict[str, Tensor]:
        """The picture at its size and in the samples' colours, and what goes with it."""
        (height, width), (rows, columns) = size, self.margin(size)
        whole = (height + 2 * rows, width + 2 * columns)
        picture = resample(picture, whole, wraps=self.tileable).clamp(0, 1)
        if self.match_colors == "yes":
            picture = job.recoloured(picture)
        if job.material.held is not None:
            picture = job.material.held.at(whole).around(picture)
        picture = picture[..., rows : rows + height, columns : columns + width]
        found = {"picture": picture[:, :3].clone()}
        for number, file in enumerate(self.with_, start=1):
            name = Path(file).stem
            free = name if name not in {*found, "proof"} else f"{name}-{number}"
            found[free] = picture[:, 3 * number : 3 * number + 3].clone()
        return self._proven(found)

    def _proven(self, found: dict[str, Tensor]) -> dict[str, Tensor]:
        if self.proof:
            found["proof"] = found["picture"].repeat(1, 1, self.proof, self.proof)
        return found


def _refuse_half(settings: Texture) -> None:
    """Refuses options that need another one, or do not go with it."""
    flags = {
        "--inpaint": settings.inpaint,
        "--mask": settings.mask,
        "--extend": settings.extend,
        "--size": settings.size,
        "--guide": settings.guide,
        "--sample-guide": settings.sample_guide,
        "--with": settings.with_,
    }
    for one, needed in (
        ("--inpaint", "--mask"),
        ("--mask", "--inpaint"),
        ("--extend", "--size"),
        ("--guide", "--sample-guide"),
        ("--sample-guide", "--guide"),
    ):
        if flags[one] and not flags[needed]:
            raise UsageError(f"{one} goes with {needed}, which is not given.", "Give both.")
    for one, other in (("--inpaint", "--extend"), ("--with", "--inpaint"), ("--with", "--extend")):
        if flags[one] and flags[other]:
            raise UsageError(f"{one} and {other} do not go together.", "Give one of them.")


def _scaled(picture: Tensor, scale: float) -> Tensor:
    height, width = (max(round(length * scale), 1) for length in picture.shape[-2:])
    return resample(picture, (height, width)).clamp(0, 1)


def _colours_of(step: Step) -> Callable[[], Tensor]:
    """The step's picture without its maps."""
    return lambda: step.picture()[:, :3]


TECHNIQUES.add("texture", Texture)
