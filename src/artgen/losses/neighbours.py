"""A term: every position of the picture is like one position of the paintings, its neighbour.

Kolkin, Kucera, Paris, Sykora, Shechtman & Shakhnarovich, Neural Neighbor Style Transfer, 2022
(arXiv 2203.13215): each position's neighbour is the nearest in the paintings to what photo and
picture have there, by the cosine of centred hypercolumns; it is found once at each scale, and the
picture is then optimised towards it. Different from there: positions are those of a layer, so that
tiling stays exact; layers count by their energy in the paintings and not by their channels;
neighbours are searched among the principal components of at most MOST positions; and with several
paintings, weights tilt the choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from artgen.losses.cache import Cache
from artgen.losses.guides import Guide
from artgen.losses.hypercolumns import (
    Cells,
    Hypercolumns,
    components,
    energy_factors,
    product_of,
)
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.networks.tiling import tiles
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import alone_for, full_sum

__all__ = ["Neighbours", "nearest", "neighbours_term"]

MOST = 16384  # positions of all paintings together: those of 512 x 512 px
AT_ONCE = 2048  # positions compared with their neighbours at a time
CHUNK = 256  # positions whose neighbours are searched at a time
TILT = 0.1  # of cosine, for a weight e times as large


def nearest(queries: Tensor, keys: Tensor, bonus: Tensor | None = None) -> Tensor:
    """The index (N,) of the key with the largest product, for each query; the first of equals.

    Args:
        queries: (N, K).
        keys: (M, K).
        bonus: (M,), added to the products; nothing if not given.
    """
    bonus = keys.new_zeros(len(keys)) if bonus is None else bonus
    found = torch.empty(len(queries), dtype=torch.int64, device=keys.device)
    products = keys.new_empty((min(CHUNK, len(queries)), len(keys)))
    for part, index in zip(torch.split(queries, CHUNK), torch.split(found, CHUNK), strict=True):
        here = products[: len(part)]
        with alone_for(len(part), len(keys)):
            torch.addmm(bonus, part, keys.T, out=here)
            torch.argmax(here, 1, out=index)
    return found


@dataclass(frozen=True)
class Neighbours:
    """The positions of paintings among which neighbours are chosen.

    Attributes:
        columns: how hypercolumns are made, for the paintings.
        scales: the factor of each layer.
        aims: of each layer (M, C), its part of the hypercolumns, which are of unit length, times
            its factor once more: what an activation is multiplied by for a cosine. In bfloat16
            where the network computes in half precision.
        basis: (D, K), principal components of the centred hypercolumns, times the factors.
        keys: (M, K), the centred hypercolumns in this basis, of unit length before.
        bonus: (M,), by how much each is preferred.
    """

    columns: Hypercolumns
    scales: tuple[Tensor, ...]
    aims: tuple[Tensor, ...]
    basis: Tensor
    keys: Tensor
    bonus: Tensor

    @classmethod
    def of(
        cls,
        extractor: FeatureExtractor,
        paintings: Sequence[Tensor],
        shares: Sequence[float],
        layers: Mapping[str, float],
        tile: int | None = None,
    ) -> Neighbours:
        """The positions of paintings, thinned at random to MOST together.

        The last results of an extractor are cached: photos of one batch are painted in the same
        style.

        Args:
            extractor: the feature network.
            paintings: (1, 3, h, w) in [0, 1] each.
            shares: their weights; one of weight 0 is left out.
            layers: layer -> weight, its share of a hypercolumn's energy.
            tile: side of the tiles in pixels; None for one piece.
        """
        chosen = [(one, share) for one, share in zip(paintings, shares, strict=True) if share > 0]
        pictures, weights = zip(*chosen, strict=True)
        return _FOUND.get(
            extractor,
            pictures,
            (weights, tuple(layers.items()), tile),
            lambda: cls._among(Hypercolumns.of(extractor, tuple(layers)), chosen, layers, tile),
        )

    @classmethod
    @torch.no_grad()
    def _among(
        cls,
        columns: Hypercolumns,
        chosen: Sequence[tuple[Tensor, float]],
        layers: Mapping[str, float],
        tile: int | None,
    ) -> Neighbours:
        """The positions of paintings (1, 3, h, w), each with its weight above 0."""
        counts = _quotas([_positions(columns, one) for one, _ in chosen])
        largest = max(share for _, share in chosen)
        found, bonus = [], []
        for (painting, share), count in zip(chosen, counts, strict=True):
            found.append(_sampled(columns, painting, count, tile))
            preferred = TILT * torch.tensor(share / largest).log()
            bonus.append(preferred.expand(len(found[-1][0])))
        parts = [torch.cat(layer) for layer in zip(*found, strict=True)]
        scales = energy_factors(parts, tuple(layers.values()))
        factors = torch.cat(
            [scale.expand(part.shape[1]) for scale, part in zip(scales, parts, strict=True)]
        )
        rows = torch.cat(parts, 1) * factors
        centred = F.normalize(rows - rows.mean(0), dim=1)
        basis = components(centred)
        aims = F.normalize(rows, dim=1) * factors
        if (
            columns.extractor.dtype.itemsize == 2
        ):  # no more precise than what they are compared with
            aims = aims.to(torch.bfloat16)
        return cls(
            columns,
            scales,
            torch.split(aims, [part.shape[1] for part in parts], 1),
            basis * factors[:, None],
            product_of(centred, basis),
            torch.cat(bonus).to(rows),
        )

    @torch.no_grad()
    def queries(
        self, extractor: FeatureExtractor, picture: Tensor, tile: int | None = None
    ) -> Tensor:
        """A picture's hypercolumns (N, K) in the basis, not centred.

        Args:
            extractor: the picture's, of the same network.
            picture: (1, 3, H, W) in [0, 1].
            tile: side of the tiles in pixels; None for one piece.
        """
        columns = Hypercolumns(extractor, self.columns.layers, self.columns.grid)
        height, width = columns.size((picture.shape[-2], picture.shape[-1]))
        found = self.keys.new_zeros((height, width, self.basis.shape[1]))
        for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), columns.layers, tile):
            features = extractor(piece.cut(picture), columns.layers)
            parts = columns.parts(features, piece.region)
            bases = torch.split(self.basis, [part.shape[1] for part in parts])
            down, across = piece.region[columns.grid].place
            shape = (down.stop - down.start, across.stop - across.start, -1)
            for part, basis in zip(parts, bases, strict=True):
                found[down, across] += product_of(wide(part), basis).view(shape)
        return found.flatten(0, 1)

    def chosen(self, queries: Tensor, counts: Tensor | None = None) -> Tensor:
        """The index (N,) of the neighbour of each query (N, K).

        Args:
            queries: (N, K).
            counts: (N,), weights of the positions in the mean that is subtracted; all 1 if None.
        """
        if counts is None:
            mean = queries.mean(0)
        else:
            counts = counts / full_sum(counts).clamp(min=TINY)
            mean = (queries * counts[:, None]).sum(0)
        return nearest(F.normalize(queries - mean, dim=1), self.keys, self.bonus)


_FOUND: Cache[Neighbours] = Cache()


def neighbours_term(
    extractor: FeatureExtractor,
    neighbours: Neighbours,
    queries: Tensor,
    size: tuple[int, int],
    weight: float,
    name: str = "neighbours",
    guide: Guide | None = None,
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
    """
    columns = Hypercolumns(extractor, neighbours.columns.layers, neighbours.columns.grid)
    grid = columns.grid
    counts = None if guide is None else guide.maps[grid].flatten()
    height, width = columns.size(size)
    index = neighbours.chosen(queries, counts).view(height, width)
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


def _positions(columns: Hypercolumns, painting: Tensor) -> int:
    height, width = columns.size((painting.shape[-2], painting.shape[-1]))
    return height * width


def _quotas(counts: Sequence[int]) -> list[int]:
    """How many of each painting's positions are kept, multiples of 16 where there are so many."""
    kept = min(1.0, MOST / sum(counts))
    quotas = [max(int(count * kept), 1) for count in counts]
    return [quota // 16 * 16 or quota for quota in quotas]


def _sampled(columns: Hypercolumns, painting: Tensor, count: int, tile: int | None) -> list[Tensor]:
    """Each layer's activations (count, C) at random positions of a painting (1, 3, h, w)."""
    size = (painting.shape[-2], painting.shape[-1])
    height, width = columns.size(size)
    order = torch.randperm(height * width, generator=torch.Generator().manual_seed(count))
    kept = torch.zeros(height * width, dtype=torch.bool)
    kept[order[:count]] = True
    kept = kept.view(height, width).to(painting.device)
    found = []
    for piece in tiles(columns.extractor, size, columns.layers, tile):
        features = columns.extractor(piece.cut(painting), columns.layers)
        here = kept[piece.region[columns.grid].place].flatten()
        found.append([wide(part[here]) for part in columns.parts(features, piece.region)])
    return [torch.cat(layer) for layer in zip(*found, strict=True)]


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
