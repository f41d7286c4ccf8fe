"""See a layer's responses to a photo: its feature maps on a sheet.

As in Glassner (SIGGRAPH course Deep Learning: A Crash Course, 2018) and CS231n: a map is bright
where its filter has found what it responds to. Each map has its own brightness scale, and those
with the largest mean square come first.

Example: artgen see responses photo.jpg --layer conv1_1
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures import colormap
from artgen.figures.sheet import Cell, enlarged, fitted
from artgen.networks.channels import choose, energies, maps
from artgen.ops.numerics import TINY
from artgen.ops.resize import fit, resample, resize
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.network import Pooled, channelled
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.sheet import SeeSettings, given, seen

__all__ = ["SeeResponses"]


MOST = 15  # maps that are shown by default: with the photo four rows of four
TILE = 1024  # px, side of the tiles of a longer picture


@dataclass(frozen=True)
class SeeResponses(SeeSettings, Pooled):
    """Settings of a sheet of feature maps."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo; none with --init noise", optional=True),
    )

    size: Annotated[
        int,
        Option("long side to which the photo is resized, in pixels", "s", least=1, most=MOST_CELL),
    ] = 512
    layer: Annotated[
        str,
        Option(
            "the layer whose feature maps are drawn; by default, the network's first",
            "l",
            metavar="NAME",
        ),
    ] = ""
    channels: Annotated[
        str,
        Option(
            "which channels: numbers, strongest:8 or random:8; by default, the 15 strongest",
            metavar="NUMBER,…|strongest:N|random:N",
        ),
    ] = ""
    kernel: Annotated[
        str,
        Option(
            "apply a filter of your own instead of a layer: three weights for red, green and blue "
            '("1 1 -1" finds yellow), 9 for 3 x 3 pixels of grey, or 27 for 3 x 3 of each colour',
            metavar="NUMBERS",
        ),
    ] = ""
    init: Annotated[str, Option("use the photo, or noise", choices=("content", "noise"))] = (
        "content"
    )
    signed: Annotated[bool, Option("show the sign: blue below zero, red above, grey at zero")] = (
        False
    )
    over: Annotated[bool, Option("draw the maps over the photo")] = False
    cell: Annotated[
        int,
        Option(
            "long side of each map on the sheet, in pixels", least=1, most=MOST_CELL, group=SHEET
        ),
    ] = 192

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kernel and (self.layer or self.channels):
            raise UsageError("--kernel is a filter itself.", "Leave --layer and --channels out.")

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Compute the feature maps and draw them, in one step.

        Args:
            inputs: `content` (one picture).
            runtime: device, precision, tiles and seed.
            state: not used.

        Raises:
            UsageError: for an unknown layer or channel, or a picture too small.
        """
        photo = self._photo(inputs, runtime)
        if self.kernel:
            weights = typed(self.kernel)
            found = _slid(photo, weights.to(photo))
            lay_out = self.lay_out("a filter typed by hand")
            kernel = Cell("kernel", "the filter", enlarged(_shown(weights), max(self.cell // 3, 1)))
            seen_photo, answer = self._cells(photo, found, "answer", [0])
            answer = Cell("answer", "its answer", answer.picture)
            made = self.pictures([seen_photo, kernel, answer], lay_out)
            yield seen(made["picture"], Provenance())
            yield Result(made)
            return
        extractor = self.eye(runtime)
        layer = channelled(extractor, self.layer or extractor.layers[0])
        tile = self._tile(runtime)
        loud = energies(extractor, photo, [layer], tile)
        count = len(loud[layer])
        text = self.channels or f"strongest:{min(count, MOST)}"
        chosen = choose(text, loud, runtime.generator(), "--channels")[layer]
        found = maps(extractor, photo, layer, chosen, tile)
        lay_out = self.lay_out(f"{self.named} {layer}: {len(chosen)} of {count} maps")
        cells = self._cells(photo, found, layer, chosen)
        made = self.pictures(cells, lay_out)
        provenance = extractor.provenance(tile)
        yield seen(made["picture"], provenance)
        yield Result(made, provenance)

    def _photo(self, inputs: Inputs, runtime: Runtime) -> Tensor:
        """The photo at its size, or noise in all colours: (1, 3, H, W)."""
        photo = given(inputs.get("content", ()), self.init)
        if photo is None:
            noise = torch.rand((1, 3, self.size, self.size), generator=runtime.generator())
            return noise.to(runtime.torch_device)
        size = fit((photo.shape[-2], photo.shape[-1]), self.size)
        return resample(photo.to(runtime.torch_device), size).clamp(0, 1)

    def _tile(self, runtime: Runtime) -> int | None:
        """The side of the tiles in pixels; None for one piece."""
        if runtime.tile == "auto":
            return TILE if self.size > TILE else None
        return None if runtime.tile == "off" else int(runtime.tile)

    def _cells(self, photo: Tensor, found: Tensor, layer: str, chosen: Sequence[int]) -> list[Cell]:
        """The photo, and then a cell for each map of `found` (1, N, h, w)."""
        small = resize(photo, fit((photo.shape[-2], photo.shape[-1]), self.cell))
        cells = [Cell("photo", "photo", small)]
        for index, values in zip(chosen, found[0], strict=True):
            drawn = colormap.scaled(values[None, None], signed=self.signed)
            if self.over:
                smooth = resample(drawn, (small.shape[-2], small.shape[-1])).clamp(-1, 1)
                picture = colormap.over(small, smooth)
            elif self.signed:
                picture = colormap.diverging(fitted(drawn, self.cell))
            else:
                picture = fitted(drawn, self.cell).expand(-1, 3, -1, -1)
            cells.append(Cell(f"{layer}-{index}", str(index), picture))
        return cells


def typed(text: str) -> Tensor:
    """A filter (1, 3, k, k) from numbers: k * k for grey, or 3 * k * k, colour by colour; k is odd.

    Raises:
        UsageError: for text that is not numbers, or another count.
    """
    try:
        numbers = [float(word) for word in text.replace(",", " ").replace(";", " ").split()]
    except ValueError:
        numbers = []
    count = len(numbers)
    for colours in (1, 3):
        side = math.isqrt(count // colours)
        if side % 2 and side * side * colours == count and all(map(math.isfinite, numbers)):
            kernel = torch.tensor(numbers).view(1, colours, side, side)
            return kernel / 3 if colours == 3 else kernel.expand(1, 3, side, side) / 3
    raise UsageError(
        f"--kernel cannot be {text!r}.",
        'Write 3, 9, 25, 27 or 75 numbers, row by row, as in "-1 0 1 -2 0 2 -1 0 1".',
    )


def _slid(photo: Tensor, weights: Tensor) -> Tensor:
    """The response (1, 1, H, W) of a filter (1, 3, k, k) to a photo; its border is repeated."""
    edge = weights.shape[-1] // 2
    return F.conv2d(F.pad(photo, (edge,) * 4, "replicate"), weights)


def _shown(weights: Tensor) -> Tensor:
    """A filter (1, 3, k, k) as a picture: grey is a weight of zero."""
    return 0.5 + weights / (2 * weights.abs().amax().clamp(min=TINY))


TECHNIQUES.add("see_responses", SeeResponses)
