"""A term: every position of the picture is like one position of the paintings, its neighbour.

Kolkin et al., Neural Neighbor Style Transfer, 2022: each position's neighbour is the nearest in the
paintings to what photo and picture have there; it is found once at each scale (`neighbour_table`),
and the picture is then optimised towards it. Different from there: positions are those of a layer,
so that tiling stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from artgen.losses.coherence import Coherence
from artgen.losses.guides import Guide
from artgen.losses.hypercolumns import Cells, Hypercolumns
from artgen.losses.neighbour_table import Neighbours
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import full_sum

__all__ = ["neighbours_term"]

AT_ONCE = 2048  # positions compared with their neighbours at a time


def neighbours_term(
    extractor: FeatureExtractor,
    neighbours: Neighbours,
    queries: Tensor,
    size: tuple[int, int],
    weight: float,
    name: str = "neighbours",
    guide: Guide | None = None,
    coherence: Coherence | None = None,
) -> Term:
    """The mean of 1 - cosine of each position's hypercolumn and its neighbour's.

    Args:
        extractor: the feature network of the picture.
        neighbours: the paintings' positions.
        queries: (N, K) of `Neighbours.queries`: what the neighbours are searched for.
        size: (H, W) of the picture, in pixels.
        weight: factor of the loss.
        name: of the term.
        guide: of the picture; everywhere if None.
        coherence: neighbours are chosen together; each for itself if None.
    """
    columns = Hypercolumns(extractor, neighbours.columns.layers, neighbours.columns.grid)
    grid = columns.grid
    counts = None if guide is None else guide.maps[grid].flatten()
    height, width = columns.size(size)
    index = neighbours.chosen(queries, (height, width), counts, coherence)
    positions = float(height * width) if guide is None else guide.positions[grid]

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[grid]
        rows, cells = zip(*columns.own_parts(features, region), strict=True)
        here = index[window.place].flatten()
        apart = 1 - _Cosines.apply(here, neighbours.aims, neighbours.scales, cells, *rows)
        if guide is not None:
            apart = apart * guide.at(grid, window).flatten()
        return {grid: full_sum(apart) / positions}

    return Term(name, columns.layers, statistics, lambda sums: sums[grid], weight)


class _Cosines(torch.autograd.Function):
    """Cosines (N,) of hypercolumns, given as their layers' own parts (n, C), and their neighbours.

    autograd by itself makes a dozen copies of everything; and coarse layers are repeated only for
    as many positions as are taken AT_ONCE.
    """

    @staticmethod
    def forward(
        ctx: Any,
        index: Tensor,
        aims: Sequence[Tensor],
        scales: Sequence[Tensor],
        cells: Sequence[Cells],
        *parts: Tensor,
    ) -> Tensor:
        product, square = (scales[0].new_zeros(len(index)) for _ in range(2))
        for aim, scale, cell, part in zip(aims, scales, cells, parts, strict=True):
            norm = torch.linalg.vector_norm(part, dim=1, dtype=scale.dtype)
            energy = norm.square()[:, None] * scale**2
            for lines in cell.lines(AT_ONCE):
                here = cell.positions(lines)
                product[here] += (wide(aim[index[here]]) * cell.spread(part, lines)).sum(1)
                square[here] += cell.spread(energy, lines)[:, 0]
        length = (square + TINY).sqrt()
        ctx.save_for_backward(index, product, length, *parts)
        ctx.aims, ctx.scales, ctx.cells = aims, scales, cells
        return product / length

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, pull: Tensor) -> tuple[Tensor | None, ...]:
        index, product, length, *parts = ctx.saved_tensors
        towards = (pull / length)[:, None]
        back = -(pull * product / length.pow(3))[:, None]
        found = []
        for aim, scale, cell, part in zip(ctx.aims, ctx.scales, ctx.cells, parts, strict=True):
            found.append(torch.empty_like(part))
            for lines in cell.lines(AT_ONCE):
                here = cell.positions(lines)
                pulled = aim[index[here]] * towards[here]
                pulled += cell.spread(part, lines) * (back[here] * scale.square())
                cell.gather(pulled, lines, found[-1])
        return None, None, None, None, *found
