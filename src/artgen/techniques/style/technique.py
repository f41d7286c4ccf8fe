"""The run of a style transfer, from coarse to fine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import equal_unless_given, one_for_each
from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.ops import color
from artgen.ops.resize import fit, resample
from artgen.ops.seamless import seamless
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.plan import Work
from artgen.optim.pyramid import Scale, aligned, pyramid, usable
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Inputs
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.masks import checked_mask, remarks
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.printing import enlarged
from artgen.techniques.common.pull import Pull
from artgen.techniques.common.regions import Zones
from artgen.techniques.style.settings import StyleSettings

__all__ = ["Style"]


@dataclass(frozen=True)
class Style(StyleSettings):
    """A style transfer; every default of its settings is the one the command line shows."""

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Optimise from coarse to fine, and enlarge to the print that is asked for.

        Args:
            inputs: `content` (one picture), `style` (one or more), `mask` and `masked` (as many
                as `mask` has), and `init` and `protect` (one) where they are files.
            runtime: device, precision, tiles and seed.
            state: that of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, weights that do not fit, an empty mask, or a picture
                too small.
        """
        events = self._paint(inputs, runtime, state)
        before, size = self.painted_size(inputs), self.result_size(inputs)
        yield from enlarged(events, before, size, runtime) if self.print else events

    def _paint(
        self, inputs: Inputs, runtime: Runtime, state: State | None
    ) -> Iterator[Step | Note | Result]:
        """The steps at the size that is painted, and the result."""
        size = self.painted_size(inputs)
        (photo,) = (picture.to(runtime.torch_device) for picture in inputs["content"])
        photo = seamless(photo) if self.tileable else photo
        zones = self._zones(inputs, photo, runtime)
        for flag, name, mask in self._masks(inputs):
            yield from map(Note, remarks(mask, flag, name, photo))
        if self.strength == 0 or self.color == "only":
            yield Result({"picture": self._unpainted(photo, zones, size)})
            return
        eye = self.eye(runtime, wraps=self.tileable)
        losses = tuple(self.style_loss.split("+"))
        layers = Layers.of(eye, self.style_layers, self.content_layers, self.slant).used_by(losses)
        scales = self._scales(eye, layers, size)
        pull = Pull(
            eye=eye,
            sample_eye=self.eye(runtime),  # not periodic, even where the result is
            layers=layers,
            zones=zones,
            photo=photo,
            losses=losses,
            copies=self.turned_copies,
            strength=self.strength,
            style=self.style_weight,
            content=self.content_weight,
            smooth=self.tv_weight,
            wraps=self.tileable,
        )
        start = state["canvas"] if state else self._start(inputs, photo, scales[0], runtime)
        yield from self._painted(pull, scales, start, state, runtime)

    def _painted(
        self,
        pull: Pull,
        scales: Sequence[Scale],
        start: Tensor,
        state: State | None,
        runtime: Runtime,
    ) -> Iterator[Step | Note | Result]:
        """The steps from a picture `start` (1, 3, H, W), and the result."""
        eye, layers, photo, zones = pull.eye, pull.layers, pull.photo, pull.zones
        size = fit((photo.shape[-2], photo.shape[-1]), self.size)
        work = Work(
            *(eye, layers.names, self.optimizer, scales, "sliced" in pull.losses, pull.probe),
            result=size,
        )
        plan = runtime.plan(work)
        yield Note(plan.sentence, plan.seconds)
        canvas = Pixels(start.to(runtime.torch_device), wraps=self.tileable)
        events = optimise(
            canvas,
            eye,
            scales,
            pull,
            Stepper(plan.optimizer, history=plan.history),
            tile=plan.tile,
            fits=plan.fits,
            settle=self.until == "settled",
            state=state,
        )
        picture: Callable[[], Tensor] = canvas
        for event in events:
            if isinstance(event, Step):
                picture = partial(self._finished, event.picture, photo, zones)
                event = replace(event, picture=picture)
            yield event
        yield Result({"picture": self._resample(picture(), size)}, eye.provenance(plan.tile))

    def _resample(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        """A picture at a size (H, W), periodic if the result is to be."""
        return resample(picture, size, wraps=self.tileable).clamp(0, 1)

    def _unpainted(self, photo: Tensor, zones: Zones, size: tuple[int, int]) -> Tensor:
        """The photo at its size, in the style pictures' colours if only these are wanted."""
        here = self._resample(photo, size)
        return zones.recoloured(here, self.strength / 100) if self.color == "only" else here

    def _scales(self, eye: FeatureExtractor, layers: Layers, size: tuple[int, int]) -> list[Scale]:
        """From coarse to fine; refused where the picture is too small for the layers."""
        scales = pyramid(size, self.iterations)
        if self.tileable:
            scales = aligned(scales, max(map(eye.stride, layers.names)))
        eye.check_size(scales[-1].size, layers.names)
        return usable(scales, layers.least)

    def _zones(self, inputs: Inputs, photo: Tensor, runtime: Runtime) -> Zones:
        """The style pictures with their weights, scales and rotations, and their zones."""
        device = runtime.torch_device
        shares = equal_unless_given(self.style_weights, len(inputs["style"]), "style")
        whole = len(shares) + len(inputs.get("masked", ()))
        scales = one_for_each(self.style_scale, whole, "--style-scale")
        turns = one_for_each(self.style_turn, whole, "--style-turn")
        pictures = [one.to(device) for one in (*inputs["style"], *inputs.get("masked", ()))]
        if self.color == "match":
            pictures = [color.matched(picture, photo) for picture in pictures]
        shares = shares + (1.0,) * (whole - len(shares))
        looked_at = [*map(Painting, pictures, shares, scales, turns)]
        first = len(inputs["style"])
        masks = [
            checked_mask(one.to(device), flag, name) for flag, name, one in self._masks(inputs)
        ]
        protected = masks.pop() if self.protect != "none" else None
        return Zones([looked_at[:first], *([one] for one in looked_at[first:])], masks, protected)

    def _masks(self, inputs: Inputs) -> Iterator[tuple[str, str, Tensor]]:
        """The option, the file's name and the picture of each mask; `--protect` is the last."""
        for text, picture in zip(self.mask, inputs.get("mask", ()), strict=True):
            yield "--mask", Path(text.rpartition("=")[0]).name, picture
        if self.protect != "none":
            yield "--protect", Path(self.protect).name, inputs["protect"][0]

    def _finished(self, picture: Callable[[], Tensor], photo: Tensor, zones: Zones) -> Tensor:
        """A picture as it is shown: its colours moved, and with the photo's protected parts.

        Directions of hypercolumns hardly hold colours: neighbours alone leave them to be moved to
        the style's mean and covariance.
        """
        made = picture()
        if self.style_loss == "neighbours":
            made = zones.recoloured(made, 1.0)
        here = self._resample(photo, (made.shape[-2], made.shape[-1]))
        if self.color == "keep":
            made = color.recoloured(made, here)
        return zones.kept(made, here)

    def _start(self, inputs: Inputs, photo: Tensor, scale: Scale, runtime: Runtime) -> Tensor:
        """The initial picture (1, 3, H, W)."""
        if self.init == "noise":
            noise = torch.rand((1, 3, *scale.size), generator=runtime.generator())
            return noise.to(runtime.torch_device)
        source = {"content": photo, "style": inputs["style"][0]}.get(self.init)
        if source is None and not inputs.get("init"):
            raise UsageError(
                f"--init {self.init!r} names a picture, and none was given.",
                "Give it as the input 'init'.",
            )
        if source is None:
            source = inputs["init"][0]
        return self._resample(source.to(runtime.torch_device), scale.size)


TECHNIQUES.add("style", Style)
