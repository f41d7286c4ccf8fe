"""See what a layer's filters answer to a photo: its feature maps as a sheet.

Glassner's duck (SIGGRAPH course Deep Learning: A Crash Course, 2018) and CS231n draw them so:
where a map is bright its filter has found what it looks for. Each map is scaled on its own, and
those with the largest mean square come first.

Example: artgen see responses photo.jpg --layer conv1_1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from torch import Tensor

from artgen import heat, images
from artgen.activation import choose, energies, maps
from artgen.canvas import resample
from artgen.optimise import Note, State, Step
from artgen.options import SHEET, Pooling
from artgen.runtime import Runtime
from artgen.seeing import Seeing, channelled, seen
from artgen.settings import Option
from artgen.sheets import Cell, fitted
from artgen.techniques import TECHNIQUES, Input, Inputs, Result

__all__ = ["SeeResponses"]


MOST = 15  # maps that are shown if nothing is said: with the photo four rows of four
TILE = 1024  # px, where pictures longer than that are cut


@dataclass(frozen=True)
class SeeResponses(Seeing):
    """Settings of a sheet of feature maps."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    size: Annotated[
        int, Option("long side at which the network sees the photo, in pixels", "s", least=1)
    ] = 512
    layer: Annotated[
        str,
        Option("whose maps are drawn; the network's first if not given", "l", metavar="NAME"),
    ] = ""
    channels: Annotated[
        str,
        Option(
            "which of its maps: numbers, strongest:8 or random:8; the 15 strongest if not given",
            metavar="NUMBER,…|strongest:N|random:N",
        ),
    ] = ""
    signed: Annotated[bool, Option("show the sign: blue below zero, red above, grey at zero")] = (
        False
    )
    over: Annotated[bool, Option("lay the maps over the photo")] = False
    cell: Annotated[
        int, Option("long side of each map on the sheet, in pixels", least=1, group=SHEET)
    ] = 192
    pooling: Pooling = "max"

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Looks once and draws, in one step; `state` has nothing to say.

        Args:
            inputs: `content` (one picture).
            runtime: where, how exactly, in which pieces, and with which seed.
            state: not used.

        Raises:
            UsageError: for an unknown layer, channels that it has not, or a picture too small.
        """
        extractor = self.network(runtime, pooling=self.pooling)
        layer = channelled(extractor, self.layer or extractor.layers[0])
        photo = inputs["content"][0].to(runtime.torch_device)
        size = images.fit((photo.shape[-2], photo.shape[-1]), self.size)
        photo = resample(photo, size).clamp(0, 1)
        tile = self._tile(runtime)
        loud = energies(extractor, photo, [layer], tile)
        count = len(loud[layer])
        text = self.channels or f"strongest:{min(count, MOST)}"
        chosen = choose(text, loud, runtime.generator(), "--channels")[layer]
        found = maps(extractor, photo, layer, chosen, tile)
        lay_out = self.lay_out(f"{self.net} {layer}: {len(chosen)} of {count} maps")
        cells = self._cells(photo, found, layer, chosen)
        made = self.pictures(cells, lay_out)
        yield seen(made["picture"])
        yield Result(made)

    def _tile(self, runtime: Runtime) -> int | None:
        """The side of the pieces that are looked at; None for one piece."""
        if runtime.tile == "auto":
            side = TILE if self.size > TILE else None
        else:
            side = None if runtime.tile == "off" else int(runtime.tile)
        runtime.tile_used = "off" if side is None else str(side)
        return side

    def _cells(self, photo: Tensor, found: Tensor, layer: str, chosen: Sequence[int]) -> list[Cell]:
        """The photo, and then a cell for each map (1, N, h, w)."""
        small = images.resize(photo, images.fit((photo.shape[-2], photo.shape[-1]), self.cell))
        cells = [Cell("photo", "photo", small)]
        for index, values in zip(chosen, found[0], strict=True):
            drawn = heat.scaled(values[None, None], signed=self.signed)
            if self.over:
                smooth = resample(drawn, (small.shape[-2], small.shape[-1])).clamp(-1, 1)
                picture = heat.over(small, smooth)
            elif self.signed:
                picture = heat.diverging(fitted(drawn, self.cell))
            else:
                picture = fitted(drawn, self.cell).expand(-1, 3, -1, -1)
            cells.append(Cell(f"{layer}-{index}", str(index), picture))
        return cells


TECHNIQUES.add("see_responses", SeeResponses)
