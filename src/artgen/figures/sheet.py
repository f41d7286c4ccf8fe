"""Sheets: pictures in a grid with labels, each at its own size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images
from artgen.core.choices import BACKGROUNDS
from artgen.ops.resize import fit

__all__ = [
    "BACKGROUNDS",
    "Cell",
    "LayOut",
    "blank",
    "enlarged",
    "fitted",
    "line",
    "pictures",
    "put",
    "sheet",
]

GROUND = {"dark": 0.09, "light": 0.97}
INK = {"dark": 0.9, "light": 0.1}
BLANK = {"dark": 0.16, "light": 0.9}  # of a cell without its picture yet
LABEL, TITLE = 16, 20  # sizes of the letters, in pixels
MARGIN, GAP = 24, 14  # around the sheet, and between two cells
UNDER = 5  # from a picture to its label
WIDE = 1.5  # preferred width over height of a sheet


@dataclass(frozen=True)
class Cell:
    """A picture with its label.

    Attributes:
        name: stem of a file with the picture alone; letters, digits, `_` and `-`.
        label: text under it.
        picture: (1, 3, h, w) in [0, 1], or (1, 4, h, w) with alpha: then the sheet shows through.
    """

    name: str
    label: str
    picture: Tensor


LayOut: TypeAlias = Callable[[Sequence[Cell | None]], Tensor]
"""Cells -> a sheet (1, 3, H, W): `sheet` with all its other arguments given."""


def enlarged(picture: Tensor, side: int) -> Tensor:
    """A picture (1, C, h, w) enlarged by a whole factor, without interpolation.

    Its long side is at most `side` px, unless it is longer already.
    """
    times = max(side // max(picture.shape[-2:]), 1)
    return picture.repeat_interleave(times, 2).repeat_interleave(times, 3)


def fitted(picture: Tensor, side: int) -> Tensor:
    """A map (1, C, h, w) resized to a long side of `side` px, without interpolation if enlarged."""
    height, width = fit((picture.shape[-2], picture.shape[-1]), side)
    if side > max(picture.shape[-2:]):
        return F.interpolate(picture, (height, width), mode="nearest-exact")
    return F.interpolate(picture, (height, width), mode="area")


def sheet(
    cells: Sequence[Cell | None],
    *,
    title: str = "",
    columns: int = 0,
    background: str = "dark",
) -> Tensor:
    """Lays cells out row by row, each picture with its label under it.

    Columns are as wide as their widest picture or label, rows as high as their highest.

    Args:
        cells: row by row; None leaves a place empty.
        title: a line above; none if empty.
        columns: how many; 0 for a sheet about half as wide again as high.
        background: `dark` or `light`.

    Returns:
        (1, 3, H, W), on the CPU.
    """
    columns = min(columns, len(cells)) or _columns(cells)
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    drawn = [[None if cell is None else _drawn(cell, background) for cell in row] for row in rows]
    heights = [max((one.shape[-2] for one in row if one is not None), default=0) for row in drawn]
    widths = [
        max(
            (one.shape[-1] for row in drawn for one in row[n : n + 1] if one is not None), default=0
        )
        for n in range(columns)
    ]
    heading = line(title, TITLE, background) if title else None
    top = MARGIN + (heading.shape[-2] + GAP if heading is not None else 0)
    width = max(sum(widths) + GAP * (columns - 1), 0 if heading is None else heading.shape[-1])
    whole = (top + sum(heights) + GAP * (len(rows) - 1) + MARGIN, width + 2 * MARGIN)
    canvas = torch.full((1, 3, *whole), GROUND[background])
    if heading is not None:
        put(canvas, heading, MARGIN, MARGIN)
    for row, height in zip(drawn, heights, strict=True):
        left = MARGIN
        for one, room in zip(row, widths, strict=False):
            if one is not None:
                put(canvas, one, top, left)
            left += room + GAP
        top += height + GAP
    return canvas


def pictures(
    cells: Sequence[Cell | None],
    lay_out: LayOut,
    *,
    separate: bool = False,
) -> dict[str, Tensor]:
    """A technique's result: the sheet (1, 3, H, W) as `picture` and, if `separate`, every cell.

    Args:
        cells: of the sheet.
        lay_out: cells -> the sheet.
        separate: whether to add each cell's picture (1, 3 or 4, h, w) under its name.
    """
    made = {"picture": lay_out(cells)}
    if separate:
        made |= {cell.name: cell.picture.cpu() for cell in cells if cell is not None}
    return made


def blank(size: tuple[int, int], background: str) -> Tensor:
    """A placeholder (1, 3, H, W), in the colour of a background, for a picture not made yet."""
    return torch.full((1, 3, *size), BLANK[background])


def _columns(cells: Sequence[Cell | None]) -> int:
    """How many columns come nearest to the preferred proportions."""
    sizes = [cell.picture.shape[-2:] for cell in cells if cell is not None]
    height = max((size[0] for size in sizes), default=1) + UNDER + LABEL + GAP
    width = max((size[1] for size in sizes), default=1) + GAP
    count = len(cells)

    def badness(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log(columns * width / (rows * height) / WIDE)) + (
            2 * (rows * columns - count) / count
        )

    return min(range(1, count + 1), key=badness, default=1)


def _drawn(cell: Cell, background: str) -> Tensor:
    """The picture with its label under it, (1, 3, H, W), on the CPU."""
    picture = _over(cell.picture.detach().cpu().float(), GROUND[background])
    label = line(cell.label, LABEL, background)
    height, width = picture.shape[-2:]
    size = (height + UNDER + label.shape[-2], max(width, label.shape[-1]))
    made = torch.full((1, 3, *size), GROUND[background])
    put(made, picture, 0, 0)
    put(made, label, height + UNDER, 0)
    return made


def _over(picture: Tensor, ground: float) -> Tensor:
    """A picture (1, 3, h, w); one with alpha (1, 4, h, w) is composited over a grey."""
    if picture.shape[1] == 3:
        return picture
    return ground + (picture[:, :3] - ground) * picture[:, 3:]


def line(text: str, size: int, background: str) -> Tensor:
    """A line of text (1, 3, h, w) of `size` px, in the colours of a background."""
    cover = images.lettering(text, size)
    return (GROUND[background] + (INK[background] - GROUND[background]) * cover).expand(
        1, 3, -1, -1
    )


def put(canvas: Tensor, picture: Tensor, top: int, left: int) -> None:
    """Copies a picture (1, 3, h, w) into a larger one (1, 3, H, W), in place.

    Args:
        canvas: the larger one.
        picture: the smaller one.
        top, left: where its upper left corner goes, in pixels.
    """
    height, width = picture.shape[-2:]
    canvas[..., top : top + height, left : left + width] = picture
