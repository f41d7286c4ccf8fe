"""The run of a style transfer, from coarse to fine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
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
from artgen.techniques.base import Inputs
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.masks import checked_mask, remarks
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.pull import Pull
from artgen.techniques.common.regions import Zones
from artgen.techniques.style.settings import StyleSettings

__all__ = ["paint"]


def paint(
    settings: StyleSettings, inputs: Inputs, runtime: Runtime, state: State | None
) -> Iterator[Step | Note | Result]:
    """Yield the steps of a style transfer at the size that is painted, and the result.

    Args:
        settings: all of them; a print is for the caller to make.
        inputs: as `Style.run` takes them; pictures (1, 3, H, W) in [0, 1].
        runtime: device, precision, tiles and seed.
        state: that of the step to go on from; None to begin.

    Raises:
        UsageError: as `Style.run`.
        RecipeError: for a state that does not fit.
        OutOfMemory: if it does not fit, however small the tiles.
    """
    size = settings.painted_size(inputs)
    (photo,) = (picture.to(runtime.torch_device) for picture in inputs["content"])
    photo = seamless(photo) if settings.tileable else photo
    zones = _zones(settings, inputs, photo, runtime)
    for flag, name, mask in _masks(settings, inputs):
        yield from map(Note, remarks(mask, flag, name, photo))
    if settings.strength == 0 or settings.color == "only":
        yield Result({"picture": _unpainted(settings, photo, zones, size)})
        return
    eye = settings.eye(runtime, wraps=settings.tileable)
    losses = tuple(settings.style_loss.split("+"))
    named = (settings.style_layers, settings.content_layers)
    layers = Layers.of(eye, *named, settings.slant).used_by(losses)
    scales = _scales(settings, eye, layers, size)
    pull = Pull(
        eye=eye,
        sample_eye=settings.eye(runtime),  # not periodic, even where the result is
        layers=layers,
        zones=zones,
        photo=photo,
        losses=losses,
        copies=settings.turned_copies,
        coherence=settings.coherence,
        strength=settings.strength,
        style=settings.style_weight,
        content=settings.content_weight,
        smooth=settings.tv_weight,
        wraps=settings.tileable,
    )
    start = state["canvas"] if state else _start(settings, inputs, photo, scales[0], runtime)
    yield from _painted(settings, pull, scales, start, state, runtime)


def _painted(
    settings: StyleSettings,
    pull: Pull,
    scales: Sequence[Scale],
    start: Tensor,
    state: State | None,
    runtime: Runtime,
) -> Iterator[Step | Note | Result]:
    """The steps from a picture `start` (1, 3, H, W), and the result."""
    eye, layers, photo, zones = pull.eye, pull.layers, pull.photo, pull.zones
    size = fit((photo.shape[-2], photo.shape[-1]), settings.size)
    work = Work(
        *(eye, layers.names, settings.optimizer, scales, "sliced" in pull.losses, pull.probe),
        result=size,
    )
    plan = runtime.plan(work)
    yield Note(plan.sentence, plan.seconds)
    canvas = Pixels(start.to(runtime.torch_device), wraps=settings.tileable)
    events = optimise(
        canvas,
        eye,
        scales,
        pull,
        Stepper(plan.optimizer, history=plan.history),
        tile=plan.tile,
        fits=plan.fits,
        settle=settings.until == "settled",
        state=state,
    )
    picture: Callable[[], Tensor] = canvas
    for event in events:
        if isinstance(event, Step):
            picture = partial(_finished, settings, event.picture, photo, zones)
            event = replace(event, picture=picture)
        yield event
    yield Result({"picture": _resample(settings, picture(), size)}, eye.provenance(plan.tile))


def _resample(settings: StyleSettings, picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture at a size (H, W), periodic if the result is to be."""
    return resample(picture, size, wraps=settings.tileable).clamp(0, 1)


def _unpainted(
    settings: StyleSettings, photo: Tensor, zones: Zones, size: tuple[int, int]
) -> Tensor:
    """The photo at its size, in the style pictures' colours if only these are wanted."""
    here = _resample(settings, photo, size)
    return zones.recoloured(here, settings.strength / 100) if settings.color == "only" else here


def _scales(
    settings: StyleSettings, eye: FeatureExtractor, layers: Layers, size: tuple[int, int]
) -> list[Scale]:
    """From coarse to fine; refused where the picture is too small for the layers."""
    scales = pyramid(size, settings.iterations)
    if settings.tileable:
        scales = aligned(scales, max(map(eye.stride, layers.names)))
    eye.check_size(scales[-1].size, layers.names)
    return usable(scales, layers.least)


def _zones(settings: StyleSettings, inputs: Inputs, photo: Tensor, runtime: Runtime) -> Zones:
    """The style pictures with their weights, scales and rotations, and their zones."""
    device = runtime.torch_device
    shares = equal_unless_given(settings.style_weights, len(inputs["style"]), "style")
    whole = len(shares) + len(inputs.get("masked", ()))
    scales = one_for_each(settings.style_scale, whole, "--style-scale")
    turns = one_for_each(settings.style_turn, whole, "--style-turn")
    pictures = [one.to(device) for one in (*inputs["style"], *inputs.get("masked", ()))]
    if settings.color == "match":
        pictures = [color.matched(picture, photo) for picture in pictures]
    shares = shares + (1.0,) * (whole - len(shares))
    looked_at = [*map(Painting, pictures, shares, scales, turns)]
    first = len(inputs["style"])
    masks = [
        checked_mask(one.to(device), flag, name) for flag, name, one in _masks(settings, inputs)
    ]
    protected = masks.pop() if settings.protect != "none" else None
    return Zones([looked_at[:first], *([one] for one in looked_at[first:])], masks, protected)


def _masks(settings: StyleSettings, inputs: Inputs) -> Iterator[tuple[str, str, Tensor]]:
    """The option, the file's name and the picture of each mask; `--protect` is the last."""
    for text, picture in zip(settings.mask, inputs.get("mask", ()), strict=True):
        yield "--mask", Path(text.rpartition("=")[0]).name, picture
    if settings.protect != "none":
        yield "--protect", Path(settings.protect).name, inputs["protect"][0]


def _finished(
    settings: StyleSettings, picture: Callable[[], Tensor], photo: Tensor, zones: Zones
) -> Tensor:
    """A picture as it is shown: its colours moved, and with the photo's protected parts.

    Directions of hypercolumns hardly hold colours: neighbours alone leave them to be moved to
    the style's mean and covariance.
    """
    made = picture()
    if settings.style_loss == "neighbours":
        made = zones.recoloured(made, 1.0)
    here = _resample(settings, photo, (made.shape[-2], made.shape[-1]))
    if settings.color == "keep":
        made = color.recoloured(made, here)
    return zones.kept(made, here)


def _start(
    settings: StyleSettings, inputs: Inputs, photo: Tensor, scale: Scale, runtime: Runtime
) -> Tensor:
    """The initial picture (1, 3, H, W)."""
    if settings.init == "noise":
        noise = torch.rand((1, 3, *scale.size), generator=runtime.generator())
        return noise.to(runtime.torch_device)
    source = {"content": photo, "style": inputs["style"][0]}.get(settings.init)
    if source is None and not inputs.get("init"):
        raise UsageError(
            f"--init {settings.init!r} names a picture, and none was given.",
            "Give it as the input 'init'.",
        )
    if source is None:
        source = inputs["init"][0]
    return _resample(settings, source.to(runtime.torch_device), scale.size)
