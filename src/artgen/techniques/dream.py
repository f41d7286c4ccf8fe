"""Dreams: a network's own forms brought out in a photo, at every size.

Mordvintsev, Olah & Tyka, Inceptionism: Going Deeper into Neural Networks, 2015 (google/deepdream):
the pixels climb until a layer answers more loudly, from small to large. Different from there: the
gradient's bands of frequency are made more even, so that forms of all sizes grow at once; the photo
is mirrored at its edge, so that no seam is dreamt of; and what does not fit is looked at in tiles.

Example: artgen dream photo.jpg --layer block4
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

from torch import Tensor

from artgen import ascent, chroma, images
from artgen.activation import (
    MATCHES,
    OBJECTIVES,
    Channels,
    activation,
    choose,
    energies,
    guided,
)
from artgen.canvas import resample
from artgen.errors import UsageError
from artgen.features import FeatureExtractor
from artgen.objective import Term
from artgen.optimise import Note, Scale, State, Step, optimise
from artgen.options import Net, Pooling, Weights
from artgen.plan import Work
from artgen.runtime import Runtime
from artgen.settings import Option, validate, weighted
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["Dream"]

ASCENT = "The ascent"
COLORS = ("style", "keep")
GUIDE = 256  # long side at which a guide is looked at, in pixels: about that of the coarse octaves


@dataclass(frozen=True)
class Dream:
    """Settings of a dream; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo", frame=True),)

    size: Annotated[int, Option("long side of the picture, in pixels", "s", least=1)] = 512
    layer: Annotated[
        str,
        Option(
            "what is to answer more loudly: layers and weights; the network's own choice if not "
            "given",
            "l",
            metavar="NAME=WEIGHT,…",
        ),
    ] = ""
    channel: Annotated[
        str,
        Option(
            "channels of the layers: numbers, strongest:3 or random:3; all if not given",
            metavar="NUMBER,…|strongest:N|random:N",
        ),
    ] = ""
    objective: Annotated[
        str,
        Option(
            "without a guide: make more of what is there (l2), or of everything",
            choices=OBJECTIVES,
        ),
    ] = "l2"
    guide: Annotated[
        str,
        Option("a picture whose forms are sought, instead of any", choices=("none",), file="guide"),
    ] = "none"
    match: Annotated[
        str, Option("which of the guide's features draw: the best, or their mean", choices=MATCHES)
    ] = "best"
    init: Annotated[str, Option("what is dreamt on", choices=("content", "noise"))] = "content"
    color: Annotated[
        str,
        Option("the dream's colours, or the photo's kept (its I and Q of YIQ)", choices=COLORS),
    ] = "style"
    tileable: Annotated[
        bool, Option("opposite edges go on in each other: for noise, or a photo whose edges do")
    ] = False
    octaves: Annotated[
        int, Option("sizes at which the photo is dreamt on", least=1, most=64, group=ASCENT)
    ] = 4
    octave_scale: Annotated[
        float, Option("how much larger each is than the one before", least=1.01, group=ASCENT)
    ] = 1.4
    iterations: Annotated[int, Option("steps at each octave", "n", least=1, group=ASCENT)] = 10
    step: Annotated[
        float,
        Option(
            "how far a step moves a pixel on average; from black to white is 1",
            least=0,
            most=1,
            group=ASCENT,
        ),
    ] = 0.0035
    jitter: Annotated[
        int, Option("pixels that the picture is moved by before a step", least=0, group=ASCENT)
    ] = 32
    smoothing: Annotated[
        float,
        Option(
            "the gradient as it is (0), or forms of every size alike (1)",
            least=0,
            most=1,
            group=ASCENT,
        ),
    ] = 0.5
    net: Net = "slim"
    pooling: Pooling = "max"
    weights: Weights = ""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long."""
        height, width = inputs["content"][0].shape[-2:]
        return images.fit((height, width), self.size)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Climbs from octave to octave.

        Args:
            inputs: `content` (one picture) and, where `guide` is a file, `guide` (one).
            runtime: where, how exactly, in which pieces, and with which seed.
            state: of the step to go on from, of a run with the same settings and inputs.

        Raises:
            UsageError: for unknown layers, or a picture too small.
        """
        photo = self._resample(
            inputs["content"][0].to(runtime.torch_device), self.result_size(inputs)
        )
        extractor = runtime.extractor(
            self.net,
            padding="circular" if self.tileable else "replicate",
            pooling=self.pooling,
            file=Path(self.weights) if self.weights else None,
        )
        size = self.result_size(inputs)
        layers = self._layers(extractor, size)
        scales = self._octaves(extractor, layers, size)
        guide = self._guide(inputs, extractor, layers)
        plan = runtime.plan(Work(extractor, tuple(sorted(layers)), "adam", scales))
        yield Note(plan.sentence)
        channels = None
        if self.channel:
            loud = energies(extractor, photo, tuple(layers), plan.tile)
            channels = choose(self.channel, loud, runtime.generator())
            yield from _silent(channels, loud)
        ground = photo
        if self.init == "noise":
            ground = ascent.clouds(scales, runtime.generator(), wraps=self.tileable).to(photo)

        def pull(scale: Scale, tile: int | None) -> list[Term]:
            here = self._resample(ground, scale.size)
            loud = energies(extractor, here, tuple(layers), tile)
            if guide is None:
                return [activation(layers, loud, self.objective, channels)]
            return [guided(extractor, guide, layers, loud, self.match, channels)]

        start = state["canvas"].to(photo) if state else self._resample(ground, scales[0].size)
        mover = ascent.Ascent(
            self.step * extractor.role("dream").scale,
            jitter=self.jitter,
            smoothing=self.smoothing,
            generator=runtime.generator(),
        )
        canvas = ascent.Octave(start, ground, wraps=self.tileable)
        picture: Callable[[], Tensor] = photo.clone
        events = optimise(
            canvas, extractor, scales, pull, mover, tile=plan.tile, fits=plan.fits, state=state
        )
        for event in events:
            shown = self._shown(event, photo) if isinstance(event, Step) else event
            yield shown
            if isinstance(shown, Step):
                picture = shown.picture
        yield Result({"picture": picture()})

    def _resample(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        return resample(picture, size, wraps=self.tileable).clamp(0, 1)

    def _shown(self, step: Step, photo: Tensor) -> Step:
        """The step, its picture in the photo's colours where they are to be kept."""
        if self.color == "style":
            return step
        dreamt = step.picture

        def recoloured() -> Tensor:
            return chroma.recoloured(dreamt(), self._resample(photo, step.scale))

        return replace(step, picture=recoloured)

    def _layers(self, extractor: FeatureExtractor, size: tuple[int, int]) -> Mapping[str, float]:
        """The layers asked for, or the network's own choice, once the picture is large enough."""
        layers = weighted(self.layer, "--layer") if self.layer else extractor.role("dream").layers
        least = max(map(extractor.smallest, layers))
        if min(size) < least:
            raise UsageError(
                f"At {size[1]} x {size[0]} px the picture is too small for the layers asked of "
                f"{extractor.spec.name!r}, which need at least {least} px on each side.",
                "Take a larger --size, a less narrow picture, or layers nearer to the picture.",
            )
        return layers

    def _guide(
        self, inputs: Inputs, extractor: FeatureExtractor, layers: Mapping[str, float]
    ) -> Tensor | None:
        """The guide at the size at which it is looked at; none where none is asked for."""
        if self.guide == "none":
            return None
        if not inputs.get("guide"):
            raise UsageError(
                f"--guide {self.guide!r} names a picture, and none was given.",
                "Give it as the input 'guide'.",
            )
        picture = inputs["guide"][0].to(extractor.mean.device)
        least = max(map(extractor.smallest, layers))
        height, width = images.fit((picture.shape[-2], picture.shape[-1]), GUIDE)
        return resample(picture, (max(height, least), max(width, least))).clamp(0, 1)

    def _octaves(
        self, extractor: FeatureExtractor, layers: Mapping[str, float], size: tuple[int, int]
    ) -> list[Scale]:
        """Without the octaves in which some layer would have no position."""
        least = max(map(extractor.smallest, layers))
        return ascent.octaves(size, self.octaves, self.octave_scale, self.iterations, least)


def _silent(channels: Channels, loud: Mapping[str, Tensor]) -> Iterator[Note]:
    """Says which layers have nothing to climb from: behind a ReLU silence has no slope."""
    for layer, chosen in channels.items():
        if not loud[layer][list(chosen)].sum():
            numbers = ", ".join(map(str, chosen))
            yield Note(
                f"Nothing in the photo stirs channel {numbers} of {layer}: it may not dream. "
                "The layer before the ReLU (conv…) does even so."
            )


TECHNIQUES.add("dream", Dream)
