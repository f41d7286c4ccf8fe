"""Inference of a painter on a picture of any size, in bounded memory.

Its normalisation layers use moments of the whole picture, so a tile cannot be painted on its own.
Exactly, the moments are summed over tiles, layer by layer, with those of the layers before it
known, at one pass a layer: our painters have one such layer, their first, which costs next to
nothing. Or, for imported networks with many such layers, all moments are taken from a smaller copy
of the picture, and every tile is painted with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.fast.multi_style import Moments, Network, Walk, measure, padded, sums
from artgen.fast.shared import COPY, STRIDE
from artgen.networks.tiling import Span, spans
from artgen.ops import numerics
from artgen.ops.resize import fit, resample

__all__ = ["COPY", "moments_of", "paint", "pieces", "sheet"]


def pieces(painter: Network, size: tuple[int, int], side: int) -> list[tuple[Span, Span]]:
    """The tiles (rows, columns) of a picture (H, W), with interiors of about `side` px."""
    rows, columns = (spans(length, side, STRIDE, painter.reach, False) for length in size)
    return list(product(rows, columns))


@torch.no_grad()
def paint(
    painter: Network,
    picture: Tensor,
    mix: Tensor,
    tile: int | None = None,
    *,
    exact: bool = False,
) -> Iterator[tuple[int, int, Tensor]]:
    """Yield the number of the tile just painted, how many there are, and the picture (1, 3, H, W).

    Args:
        painter: the network.
        picture: (1, 3, H, W) in [0, 1].
        mix: (1, styles), as Painter.mix returns it.
        tile: side of a tile's interior in pixels, about; None for one piece.
        exact: whether to use the moments of the picture itself instead of those of a smaller copy,
            where the network has more than one normalisation layer.
    """
    height, width = picture.shape[-2:]
    picture = padded(F.pad(picture, (STRIDE,) * 4, mode="replicate"))  # artefacts lie at its edge
    inner = (..., slice(STRIDE, STRIDE + height), slice(STRIDE, STRIDE + width))
    cut = pieces(painter, (picture.shape[-2], picture.shape[-1]), tile) if tile else []
    if len(cut) < 2:
        yield 1, 1, painter(picture, mix)[inner].clamp(0, 1)
        return
    summed = exact or painter.norms == 1
    found = _exact(painter, picture, mix, cut) if summed else moments_of(painter, picture, mix)
    painted = torch.empty_like(picture)
    for count, (rows, columns) in enumerate(cut, 1):
        corner = (rows.begin, columns.begin)
        piece = painter(_cut(picture, rows, columns), mix, _one_by_one(found), corner)
        place = (slice(rows.start, rows.stop), slice(columns.start, columns.stop))
        painted[(..., *place)] = piece[..., _inner(rows), _inner(columns)].clamp(0, 1)
        yield count, len(cut), painted[inner]


@torch.no_grad()
def sheet(painter: Network, photo: Tensor, side: int = 320, columns: int = 5) -> Tensor:
    """A photo (1, 3, h, w) as it is and in every style: a grid (1, 3, H, W), `side` px a cell."""
    height, width = photo.shape[-2:]
    size = fit((height, width), side)
    photo = resample(photo.to(painter.mix({painter.styles[1]: 1.0})), size).clamp(0, 1)
    cells = [photo]
    for name in painter.styles[1:]:
        cells += [cell for *_, cell in paint(painter, photo, painter.mix({name: 1.0}))]
    columns = min(columns, len(cells))
    cells += [torch.ones_like(photo)] * (-len(cells) % columns)
    rows = [torch.cat(cells[i : i + columns], -1) for i in range(0, len(cells), columns)]
    return torch.cat(rows, -2)


def _cut(picture: Tensor, rows: Span, columns: Span) -> Tensor:
    return picture[..., rows.begin : rows.end, columns.begin : columns.end]


def _one_by_one(moments: Sequence[Moments]) -> Callable[[Tensor], Moments]:
    """Returns these moments one after the other, whatever the layer."""
    rest = iter(moments)
    return lambda _: next(rest)


def moments_of(painter: Network, picture: Tensor, mix: Tensor) -> list[Moments]:
    """Moments, (B, C, 1, 1) each, of every normalisation layer's input.

    Args:
        painter: the network.
        picture: (B, 3, H, W) in [0, 1]; larger than COPY, a smaller copy is used.
        mix: (1, styles).
    """
    height, width = picture.shape[-2:]
    share = min(1.0, COPY / max(height, width))
    copy = resample(picture, (max(round(height * share), 1), max(round(width * share), 1)))
    found: list[Moments] = []

    def note(features: Tensor) -> Moments:
        found.append(measure(features))
        return found[-1]

    painter(copy.clamp(0, 1), mix, note)
    return found


def _exact(
    painter: Network, picture: Tensor, mix: Tensor, cut: list[tuple[Span, Span]]
) -> list[Moments]:
    """Moments of every normalisation layer's input over the whole picture, summed in float64."""
    found: list[Moments] = []
    for _ in range(painter.norms):
        added: list[Tensor] = []
        positions = 0
        for rows, columns in cut:
            walk = painter.walk(_cut(picture, rows, columns), mix, (rows.begin, columns.begin))
            seen = _before(walk, found)
            scale = (rows.end - rows.begin) // seen.shape[-2]
            total, squares, count = sums(seen[..., _inner(rows, scale), _inner(columns, scale)])
            wide = [numerics.exact(value) for value in (total, squares)]
            added = [a + b for a, b in zip(added, wide, strict=True)] if added else wide
            positions += count
        mean, square = (value / positions for value in added)
        variance = (square - mean.square()).clamp(min=0)
        found.append((mean.to(picture), variance.to(picture)))
    return found


def _inner(span: Span, scale: int = 1) -> slice:
    """The positions of a layer inside a tile's interior."""
    return slice((span.start - span.begin) // scale, (span.stop - span.begin) // scale)


def _before(walk: Walk, known: Sequence[Moments]) -> Tensor:
    """The input of the first normalisation layer whose moments are not known yet."""
    seen = next(walk)
    for moments in known:
        seen = walk.send(moments)
    walk.close()
    return seen
