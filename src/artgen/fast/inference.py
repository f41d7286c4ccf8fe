"""A painter at work on a picture of any size, in bounded memory.

Its norms look at the whole picture, so a tile cannot be painted by itself. Exactly, their moments
are summed over tiles norm by norm, each with those before it fixed, at one walk a norm: a painter
of ours has one, in its first layer, which costs next to nothing. Or, for networks from elsewhere
that have many, all moments are taken from a copy that fits, and every tile is painted with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.fast.multi_style import Moments, Network, Walk, measure, padded, sums
from artgen.fast.unet import STRIDE
from artgen.networks.tiling import Span, spans
from artgen.ops import numerics
from artgen.ops.resize import fit, resample

__all__ = ["COPY", "moments_of", "paint", "pieces", "sheet"]

COPY = 2048  # px, the long side of the copy that moments are taken from


def pieces(painter: Network, size: tuple[int, int], side: int) -> list[tuple[Span, Span]]:
    """The tiles (rows, columns) of a picture (H, W), with interiors about `side` px long."""
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
    """Yields the number of the tile just painted, how many there are, and the picture so far.

    Args:
        painter: the network.
        picture: (1, 3, H, W) in [0, 1].
        mix: (1, styles), as Painter.mix gives it.
        tile: about how long a tile's interior may be; None for one piece.
        exact: whether the moments are those of the picture itself and not of a smaller copy, where
            the network has more than one norm.
    """
    height, width = picture.shape[-2:]
    picture = padded(F.pad(picture, (STRIDE,) * 4, mode="replicate"))  # specks lie at its very edge
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
    """A photo (1, 3, H, W) as it is and in every style, in rows, each about `side` px long."""
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
    """Answers every norm in turn, whatever it sees."""
    rest = iter(moments)
    return lambda _: next(rest)


def moments_of(painter: Network, picture: Tensor, mix: Tensor) -> list[Moments]:
    """What each norm sees, in a copy of the picture no longer than COPY."""
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
    """What each norm sees in the whole picture, in float64 sums over tiles."""
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
    """The positions of a layer that belong to a tile's interior."""
    return slice((span.start - span.begin) // scale, (span.stop - span.begin) // scale)


def _before(walk: Walk, known: Sequence[Moments]) -> Tensor:
    """What the first norm whose moments are not known yet is about to see."""
    seen = next(walk)
    for moments in known:
        seen = walk.send(moments)
    walk.close()
    return seen
