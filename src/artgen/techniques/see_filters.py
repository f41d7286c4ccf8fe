"""See what filters look for: for each the picture that it answers to most.

Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017, and Glassner's filter plates:
from noise, pixels climb until one channel of a layer, before its ReLU, answers more loudly all over
the picture. Different from Olah: pixels instead of a Fourier spectrum; the bands of the gradient
are made even, and it goes from coarse to fine under jitter, which does much the same.

Example: artgen see filters --layer conv3_1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from torch import Tensor

from artgen.activation import before_relu, choose, energies, filling
from artgen.climbing import Climbing
from artgen.errors import UsageError
from artgen.features import FeatureExtractor
from artgen.optimise import Note, Scale, State, Step
from artgen.options import Pooling
from artgen.plan import Work
from artgen.plates import Plate, drawn
from artgen.runtime import Runtime
from artgen.seeing import channelled
from artgen.settings import Option
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["SeeFilters"]

MOST = 16  # filters that are drawn if nothing is said


@dataclass(frozen=True)
class SeeFilters(Climbing):
    """Settings of a sheet of filters."""

    inputs: ClassVar[tuple[Input, ...]] = ()

    layer: Annotated[
        str,
        Option(
            "whose filters; before the network's content layer if not given", "l", metavar="NAME"
        ),
    ] = ""
    channels: Annotated[
        str,
        Option(
            "which of them: numbers, or random:8; the first 16 if not given",
            metavar="NUMBER,…|random:N",
        ),
    ] = ""
    all: Annotated[bool, Option("every filter of the layer")] = False
    size: Annotated[
        int, Option("side of each filter's picture, in pixels", "s", least=1, most=4096)
    ] = 128
    pooling: Pooling = "max"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.all and self.channels:
            raise UsageError("--all and --channels say two things.", "Give one of them.")

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Climbs for one filter after the other, each from the same noise.

        Args:
            inputs: none.
            runtime: where, how exactly, in which pieces, and with which seed.
            state: not used: there is none in the middle of a sheet.

        Raises:
            UsageError: for an unknown layer, channels that it has not, or a size too small.
        """
        extractor = self.network(runtime, pooling=self.pooling)
        layer = self._layer(extractor)
        scales = self.scales(self.size, extractor.smallest(layer))
        loud = energies(extractor, self.noise(scales, runtime), [layer])
        channels, count = self._channels(layer, loud[layer], runtime)
        work = [Scale(scale.size, scale.iterations * len(channels)) for scale in scales]
        plan = runtime.plan(Work(extractor, (layer,), "adam", work))
        yield Note(plan.sentence)

        def climb(channel: int) -> Iterator[Step | Note]:
            term = filling(layer, channel, loud[layer][channel])
            return self.climb(extractor, scales, term, runtime, plan)

        steps = sum(scale.iterations for scale in scales)
        plates = [
            Plate(f"{layer}-{n}", partial(_label, n), scales[-1].size, steps, partial(climb, n))
            for n in channels
        ]
        lay_out = self.lay_out(f"{self.net} {layer}: {len(channels)} of {count} filters")
        cells = yield from drawn(plates, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out))

    def _layer(self, extractor: FeatureExtractor) -> str:
        """The layer asked for, or the one before its ReLU: behind it silence has no slope."""
        asked = self.layer or next(iter(extractor.role("content").layers))
        layer = before_relu(extractor, channelled(extractor, asked))
        least = extractor.smallest(layer)
        if self.size < least:
            raise UsageError(
                f"--size is {self.size}, and {layer} of {self.net!r} needs at least {least} px.",
                "Take a larger one, or a layer nearer to the picture.",
            )
        return layer

    def _channels(self, layer: str, loud: Tensor, runtime: Runtime) -> tuple[Sequence[int], int]:
        """Those that are drawn, and how many there are; `strongest` is by what noise stirs."""
        count = len(loud)
        if not self.channels:
            return range(count if self.all else min(count, MOST)), count
        chosen = choose(self.channels, {layer: loud}, runtime.generator(), "--channels")
        return chosen[layer], count


def _label(channel: int, picture: Tensor) -> str:
    return str(channel)


TECHNIQUES.add("see_filters", SeeFilters)
