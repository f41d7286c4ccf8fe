"""Enlarges a picture of any size to any size, in bounded memory: tile by tile, and exactly.

The network knows one factor, four. To any other the picture takes one pass more than enough, and
each tile is reduced with the antialiased bicubic filter of the whole (`ops.resize.resample`). A
tile has a halo as wide as the receptive field and the filter reach, so that it is what the whole
would be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.fast.enlarger import MARGIN, TIMES, Enlarger
from artgen.ops.resize import resize, taps

__all__ = ["TILE", "count", "enlarge", "stages"]

TILE = 512  # px of the picture that goes in, side of a tile


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
    windows, weights = [], []
    for axis, (start, stop) in enumerate((rows, columns)):
        length = padded.shape[axis - 2] - 2 * MARGIN
        first, matrix = taps(TIMES * length, goal[axis], start, stop)
        last = first + matrix.shape[1]
        begin = max(first // TIMES - enlarger.reach, -MARGIN)
        end = min(-(-last // TIMES) + enlarger.reach, length + MARGIN)
        windows.append((begin, end, first - TIMES * begin, last - TIMES * begin))
        weights.append(matrix.to(padded))
    (top, bottom, down, below), (left, right, along, beside) = windows
    large: Tensor = enlarger(
        padded[..., top + MARGIN : bottom + MARGIN, left + MARGIN : right + MARGIN], detail
    )
    large = large[..., down:below, along:beside]
    whole = tuple(TIMES * (length - 2 * MARGIN) for length in padded.shape[-2:])
    if whole != goal:
        large = weights[0] @ large @ weights[1].T
    return large.clamp(0, 1)
