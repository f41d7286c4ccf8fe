"""Enlarges a picture of any size to any size, in bounded memory: tile by tile, and exactly.

The network knows one factor, four. To any other the picture takes one pass more than enough, and
each tile is reduced with the antialiased bicubic filter of the whole (`ops.resize.resample`). A
tile has a halo as wide as the receptive field and the filter reach, so that it is what the whole
would be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.fast.enlarger import MARGIN, TIMES, Enlarger
from artgen.ops.resize import resize, taps

__all__ = ["TILE", "count", "enlarge", "stages"]

TILE = 512  # px of the picture that goes in, side of a tile
BAND = 64  # px of a tile that are reduced at once: each needs but a few of the enlarged ones


def stages(size: tuple[int, int], target: tuple[int, int]) -> list[tuple[int, int]]:
    """The sizes (H, W) that a picture has after each pass, the last of them the target."""
    found = []
    while TIMES * max(size) < max(target):
        size = size[0] * TIMES, size[1] * TIMES
        found.append(size)
    return [*found, target]


def count(size: tuple[int, int], target: tuple[int, int], tile: int | None = TILE) -> int:
    """How many tiles `enlarge` makes of a picture of a size (H, W)."""
    return sum(map(len, _all_cuts(size, target, tile)))


@torch.no_grad()
def enlarge(
    enlarger: Enlarger,
    picture: Tensor,
    target: tuple[int, int],
    detail: float,
    tile: int | None = TILE,
) -> Iterator[tuple[int, int, Tensor]]:
    """Yield the number of the tile just made, how many there are, and the picture (N, 3, H, W).

    Args:
        enlarger: the network.
        picture: (N, 3, h, w) in [0, 1].
        target: (H, W) of the enlargement, no smaller.
        detail: from faithful (0) to inventive (1).
        tile: side of a tile in pixels of the picture that goes into a pass; None for one piece.
    """
    size = (picture.shape[-2], picture.shape[-1])
    cuts = _all_cuts(size, target, tile)
    number, total = 0, sum(map(len, cuts))
    for goal, cut in zip(stages(size, target), cuts, strict=True):
        padded = F.pad(picture, (MARGIN,) * 4, mode="replicate")
        made = resize(picture, goal)  # what is shown of tiles to come
        for rows, columns in cut:
            made[..., slice(*rows), slice(*columns)] = _piece(
                enlarger, padded, goal, rows, columns, detail
            )
            number += 1
            yield number, total, made
        picture = made


def _all_cuts(
    size: tuple[int, int], target: tuple[int, int], tile: int | None
) -> list[list[tuple[tuple[int, int], tuple[int, int]]]]:
    """The tiles of each pass."""
    passes = stages(size, target)
    before = [size, *passes[:-1]]
    return [_cuts(here, there, tile) for here, there in zip(before, passes, strict=True)]


def _cuts(
    size: tuple[int, int], goal: tuple[int, int], tile: int | None
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The tiles of an enlargement, (first, last + 1) row and column of each."""
    spans = []
    for length, long in zip(size, goal, strict=True):
        count = 1 if tile is None else -(-length // tile)
        edges = [long * number // count for number in range(count + 1)]
        spans.append(list(pairwise(edges)))
    rows, columns = spans
    return list(product(rows, columns))


def _piece(
    enlarger: Enlarger,
    padded: Tensor,
    goal: tuple[int, int],
    rows: tuple[int, int],
    columns: tuple[int, int],
    detail: float,
) -> Tensor:
    """A tile (N, 3, h, w) of the enlargement of a picture that has MARGIN more on each side."""
    lengths = [length - 2 * MARGIN for length in padded.shape[-2:]]
    spans = list(map(_Span.of, lengths, goal, (rows, columns)))
    down, across = (
        slice(
            max(span.first // TIMES - enlarger.reach, -MARGIN) + MARGIN,
            min(-(-span.last // TIMES) + enlarger.reach, length + MARGIN) + MARGIN,
        )
        for span, length in zip(spans, lengths, strict=True)
    )
    large: Tensor = enlarger(padded[..., down, across], detail)
    for axis, (span, begin) in enumerate(zip(spans, (down.start, across.start), strict=True)):
        start = span.first - TIMES * (begin - MARGIN)
        large = span.reduced(large.narrow(axis - 2, start, span.last - span.first), axis - 2)
    return large.clamp(0, 1)


class _Span(NamedTuple):
    """What a tile needs of the enlargement along an axis, and how that is reduced.

    Attributes:
        first, last: the first and last + 1 of the enlarged pixels that are needed.
        bands: of some pixels of the tile each: where what they need begins, and their weights
            (m, n); None where nothing is reduced.
    """

    first: int
    last: int
    bands: list[tuple[int, Tensor]] | None

    @classmethod
    def of(cls, length: int, goal: int, wanted: tuple[int, int]) -> _Span:
        """For pixels `wanted` (first, last + 1) of `goal` pixels, of a picture of a length."""
        if TIMES * length == goal:
            return cls(*wanted, None)
        start, stop = wanted
        bands = [
            taps(TIMES * length, goal, one, min(one + BAND, stop))
            for one in range(start, stop, BAND)
        ]
        first = bands[0][0]
        last = max(begin + matrix.shape[1] for begin, matrix in bands)
        return cls(first, last, [(begin - first, matrix) for begin, matrix in bands])

    def reduced(self, large: Tensor, axis: int) -> Tensor:
        """The tile's pixels along an axis, of enlarged ones (N, 3, H, W) from `first` to `last`."""
        if self.bands is None:
            return large
        made = []
        for begin, matrix in self.bands:
            seen = large.narrow(axis, begin, matrix.shape[1])
            weights = matrix.to(large)
            made.append(weights @ seen if axis == -2 else seen @ weights.T)
        return torch.cat(made, axis)
