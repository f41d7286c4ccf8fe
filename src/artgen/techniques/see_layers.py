"""See what each block of a network responds to: sheets of its filters.

Glassner (SIGGRAPH course Deep Learning: A Crash Course, 2018) draws VGG so: edges and colours
first, then textures, then parts of objects. Each picture is the one that a filter responds to most,
as in `artgen see filters`.

Example: artgen see layers --each 6
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import names
from artgen.core.schema import Option
from artgen.figures.progressive import PendingCell, drawn
from artgen.losses.activation import filling_term
from artgen.losses.term import Term
from artgen.networks.channels import before_relu, choose, energies
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.maximization import VariedSettings
from artgen.techniques.common.network import Pooled, channelled

__all__ = ["SeeLayers"]


@dataclass(frozen=True)
class SeeLayers(VariedSettings, Pooled):
    """Settings of sheets of filters."""

    inputs: ClassVar[tuple[Input, ...]] = ()

    layer: Annotated[
        str,
        Option("layers, a row each; by default, one of every block", "l", metavar="NAME,…"),
    ] = ""
    each: Annotated[int, Option("filters of each layer, chosen at random", least=1, most=64)] = 6
    size: Annotated[
        int, Option("side of each filter's picture, in pixels", "s", least=1, most=4096)
    ] = 112

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Maximise one filter after the other, layer by layer.

        Args:
            inputs: none.
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer, or a size too small for one.
        """
        extractor = self.eye(runtime)
        layers = self._layers(extractor)
        least = max(map(extractor.smallest, layers))
        scales = self.scales(self.size, least)
        loud = energies(extractor, self.noise(scales, runtime), layers)
        ways = self.seeds(runtime)
        plan = self.plan(extractor, layers, scales, len(ways) * self.each * len(layers), runtime)
        yield Note(plan.sentence)

        def maximise(term: Term, here: Runtime) -> Iterator[Step | Note]:
            return self.maximise(extractor, scales, term, here, plan)

        steps = sum(scale.iterations for scale in scales)
        places: list[PendingCell | None] = []
        for layer in layers:
            count = min(self.each, len(loud[layer]))
            drawn_by_lot = choose(f"random:{count}", {layer: loud[layer]}, runtime.generator())
            for channel in sorted(drawn_by_lot[layer]):
                term = filling_term(layer, channel, loud[layer][channel])
                for words, here in ways:
                    name = "-".join([f"{layer}-{channel}", *words.split()])
                    label = partial(_label, ", ".join(filter(None, [layer, str(channel), words])))
                    make = partial(maximise, term, here)
                    places.append(PendingCell(name, label, scales[-1].size, steps, make))
            places += [None] * (0 if len(ways) > 1 else self.each - count)
        columns = len(ways) if len(ways) > 1 else self.each
        lay_out = self.lay_out(f"{self.named}: what filters look for, layer by layer", columns)
        cells, provenance = yield from drawn(places, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _layers(self, extractor: FeatureExtractor) -> list[str]:
        """The layers asked for, or the network's style layers, each before its ReLU."""
        asked = names(self.layer, "--layer") if self.layer else extractor.role("style").layers
        layers = [before_relu(extractor, channelled(extractor, name)) for name in asked]
        extractor.check_size((self.size, self.size), layers)
        return list(dict.fromkeys(layers))


def _label(words: str, picture: Tensor) -> str:
    return words


TECHNIQUES.add("see_layers", SeeLayers)
