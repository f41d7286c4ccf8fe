"""See what each filter of a layer responds to most: a picture optimised from noise.

Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017, and Glassner's filter plates:
from noise, the mean of one channel of a layer, before its ReLU, is maximised. What is optimised is
a spectrum in decorrelated colours, randomly shifted, zoomed and turned before each evaluation; with
`--canvas phase` only the phases of a spectrum like that of photos, seen in random crops (MACO, Fel
et al., NeurIPS 2023); with `--canvas pixels` the pixels, with the frequency bands of the gradient
equalised. `--regularisers` shows the effect of each of these.

Example: artgen see filters --layer conv3_1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, ClassVar

from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.progressive import PendingCell, drawn
from artgen.losses.activation import filling_term, firing_term
from artgen.networks.channels import before_relu, choose, energies
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.maximization import VariedSettings
from artgen.techniques.common.network import Pooled, channelled

__all__ = ["SeeFilters"]

OBJECTIVES = ("channel", "neuron")
# The settings of each column of such a row, and its title.
COLUMNS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pixels", {"canvas": "pixels", "jitter": 0, "smoothing": 0.0}),
    ("jitter", {"canvas": "pixels", "smoothing": 0.0}),
    ("even gradient", {"canvas": "pixels"}),
    ("spectrum", {"canvas": "fourier", "jitter": 0, "zoom": 0.0, "rotate": 0.0}),
    ("jitter", {"canvas": "fourier", "zoom": 0.0, "rotate": 0.0}),
    ("zoom and turn", {"canvas": "fourier"}),
)
MOST = 16  # filters that are drawn by default


@dataclass(frozen=True)
class SeeFilters(VariedSettings, Pooled):
    """Settings of a sheet of filters."""

    inputs: ClassVar[tuple[Input, ...]] = ()

    layer: Annotated[
        str,
        Option(
            "the layer; by default, the network's content layer, before its ReLU",
            "l",
            metavar="NAME",
        ),
    ] = ""
    channels: Annotated[
        str,
        Option(
            "which channels: numbers, or random:8; by default, the first 16",
            metavar="NUMBER,…|random:N",
        ),
    ] = ""
    all: Annotated[bool, Option("every filter of the layer")] = False
    objective: Annotated[
        str,
        Option(
            "what to maximise: the channel everywhere, or one neuron, on its receptive field",
            choices=OBJECTIVES,
        ),
    ] = "channel"
    regularisers: Annotated[
        bool, Option("a row for each filter that shows the effect of each regulariser")
    ] = False
    size: Annotated[
        int, Option("side of each filter's picture, in pixels", "s", least=1, most=4096)
    ] = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.all and self.channels:
            raise UsageError("--all and --channels say two things.", "Give one of them.")
        if self.regularisers and self.vary != "none":
            raise UsageError("--regularisers and --vary both make rows.", "Give one of them.")

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Maximise one filter after the other, each from the same noise.

        Args:
            inputs: none.
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer or channel, or a size too small.
        """
        extractor = self.eye(runtime)
        layer = self._layer(extractor)
        neuron = self.objective == "neuron"
        side, scales = self._scales(extractor, layer)
        loud = energies(extractor, self.noise(scales, runtime), [layer])
        channels, count = self._channels(layer, loud[layer], runtime)
        ways = [(words, self, here) for words, here in self.seeds(runtime)]
        if self.regularisers:
            plain = replace(self, regularisers=False)
            ways = [(words, replace(plain, **changes), runtime) for words, changes in COLUMNS]
        plan = self.plan(extractor, [layer], scales, len(channels) * len(ways), runtime)
        yield Note(plan.sentence)

        def maximise(way: SeeFilters, here: Runtime, channel: int) -> Iterator[Step | Note]:
            energy = loud[layer][channel]
            if neuron:
                term = firing_term(layer, channel, energy)
                return way.maximise(extractor, scales, term, here, still=True)
            return way.maximise(extractor, scales, filling_term(layer, channel, energy), here, plan)

        steps = sum(scale.iterations for scale in scales)
        shown = side * max(self.size // side, 1)
        pending = []
        for n in channels:
            for column, (words, way, here) in enumerate(ways):
                name = f"{layer}-{n}-{column}" if words else f"{layer}-{n}"
                label = partial(_label, f"{n}: {words}" if words else str(n))
                pending.append(
                    PendingCell(
                        name,
                        label,
                        (shown, shown),
                        steps,
                        partial(maximise, way, here, n),
                        sharp=neuron,
                    )
                )
        title = f"{self.named} {layer}: {len(channels)} of {count} filters"
        lay_out = self.lay_out(title, len(ways) if len(ways) > 1 else 0)
        cells, provenance = yield from drawn(pending, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _scales(self, extractor: FeatureExtractor, layer: str) -> tuple[int, list[Scale]]:
        """The side of a filter's picture, and the scales; for a neuron, its receptive field."""
        if self.objective == "channel":
            return self.size, self.scales(self.size, extractor.smallest(layer))
        field = 2 * extractor.radius(layer) + extractor.stride(layer)
        side = min(max(field, extractor.smallest(layer)), self.size)
        return side, [Scale((side, side), self.octaves * self.iterations)]

    def _layer(self, extractor: FeatureExtractor) -> str:
        """The layer, before its ReLU: behind a ReLU, an inactive neuron has no gradient."""
        asked = self.layer or next(iter(extractor.role("content").layers))
        layer = before_relu(extractor, channelled(extractor, asked))
        extractor.check_size((self.size, self.size), [layer])
        return layer

    def _channels(self, layer: str, loud: Tensor, runtime: Runtime) -> tuple[Sequence[int], int]:
        """The channels to draw, and how many there are; `strongest` is by their answer to noise."""
        count = len(loud)
        if not self.channels:
            most = MOST // len(COLUMNS) if self.regularisers else MOST
            return range(count if self.all else min(count, most)), count
        chosen = choose(self.channels, {layer: loud}, runtime.generator(), "--channels")
        return chosen[layer], count


def _label(words: str, picture: Tensor) -> str:
    return words


TECHNIQUES.add("see_filters", SeeFilters)
