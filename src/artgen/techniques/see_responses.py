"""See what a layer's filters answer to a photo: its feature maps as a sheet.

Glassner's duck (SIGGRAPH course Deep Learning: A Crash Course, 2018) and CS231n draw them so:
where a map is bright its filter has found what it looks for. Each map is scaled on its own, and
those with the largest mean square come first.

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
from artgen.techniques.common.sheet import Seeing, given, seen

__all__ = ["SeeResponses"]


MOST = 15  # maps that are shown if nothing is said: with the photo four rows of four
TILE = 1024  # px, where pictures longer than that are cut


@dataclass(frozen=True)
class SeeResponses(Seeing, Pooled):
    """Settings of a sheet of feature maps."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo; none with --init noise", optional=True),
    )

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
    kernel: Annotated[
        str,
        Option(
            'no layer, but a filter typed by hand: "1 1 -1" for red, green and blue is yellow; '
            "nine numbers are three rows of grey, 27 three rows of each colour",
            metavar="NUMBERS",
        ),
    ] = ""
    init: Annotated[str, Option("what is looked at", choices=("content", "noise"))] = "content"
    signed: Annotated[bool, Option("show the sign: blue below zero, red above, grey at zero")] = (
        False
    )
    over: Annotated[bool, Option("lay the maps over the photo")] = False
    cell: Annotated[
        int, Option("long side of each map on the sheet, in pixels", least=1, group=SHEET)
    ] = 192

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kernel and (self.layer or self.channels):
            raise UsageError("--kernel is a filter itself.", "Leave --layer and --channels out.")

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
        """What is looked at, at its size: the photo, or noise of every colour."""
        photo = given(inputs.get("content", ()), self.init)
        if photo is None:
            noise = torch.rand((1, 3, self.size, self.size), generator=runtime.generator())
            return noise.to(runtime.torch_device)
        size = fit((photo.shape[-2], photo.shape[-1]), self.size)
        return resample(photo.to(runtime.torch_device), size).clamp(0, 1)

    def _tile(self, runtime: Runtime) -> int | None:
        """The side of the pieces that are looked at; None for one piece."""
        if runtime.tile == "auto":
            return TILE if self.size > TILE else None
        return None if runtime.tile == "off" else int(runtime.tile)

    def _cells(self, photo: Tensor, found: Tensor, layer: str, chosen: Sequence[int]) -> list[Cell]:
        """The photo, and then a cell for each map (1, N, h, w)."""
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
        UsageError: for what are no numbers, or not as many.
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
    """The answer (1, 1, H, W) of a filter (1, 3, k, k) to a photo, whose border is carried on."""
    edge = weights.shape[-1] // 2
    return F.conv2d(F.pad(photo, (edge,) * 4, "replicate"), weights)


def _shown(weights: Tensor) -> Tensor:
    """A filter as a picture: grey is a weight of zero."""
    return 0.5 + weights / (2 * weights.abs().amax().clamp(min=TINY))


TECHNIQUES.add("see_responses", SeeResponses)
