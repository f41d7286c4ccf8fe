"""Hypercolumns: the activations of several layers at one position, as one vector.

Hariharan, Arbelaez, Girshick & Malik, Hypercolumns for Object Segmentation and Fine-grained
Localization, CVPR 2015. Here the positions are those of one of the layers: finer layers are
averaged over each of its cells, coarser ones are repeated. Both are local to a cell, so that a tile
has exactly the hypercolumns of the whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.losses.functional import as_rows
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import TINY
from artgen.ops.pooling import cell_means
from artgen.ops.reductions import full_mean, product_by_rows, products_of_rows, qr

__all__ = ["Cells", "Hypercolumns", "components", "energy_factors"]

COMPONENTS = 64  # of hypercolumns, among which others are compared
ROUNDS = 3  # of the subspace iteration that finds them
CELL = 4  # pixels from one position to the next, where the network has such a layer


@dataclass(frozen=True)
class Hypercolumns:
    """The hypercolumns of some layers.

    Attributes:
        extractor: the feature network.
        layers: in the order in which their channels follow each other.
        grid: the layer whose positions they have.
    """

    extractor: FeatureExtractor
    layers: tuple[str, ...]
    grid: str

    @classmethod
    def of(cls, extractor: FeatureExtractor, layers: Sequence[str]) -> Hypercolumns:
        """Those of these layers, at the positions of the one that has one in every CELL pixels."""
        far = {name: abs(math.log2(extractor.stride(name) / CELL)) for name in layers}
        return cls(extractor, tuple(layers), min(layers, key=far.__getitem__))

    def parts(self, features: Features, region: Region) -> list[Tensor]:
        """Each layer's activations (N, C) at the N positions that count, row by row."""
        found = self.own_parts(features, region)
        return [cells.spread(rows, slice(0, cells.grid[0])) for rows, cells in found]

    def own_parts(self, features: Features, region: Region) -> list[tuple[Tensor, Cells]]:
        """Each layer's activations (n, C) at its cells, and how these lie in the grid."""
        height, width = (place.stop - place.start for place in region[self.grid].place)
        found = []
        for name in self.layers:
            here = self._averaged(region[name].crop(features[name]), name)
            times = max(self.extractor.stride(name) // self.extractor.stride(self.grid), 1)
            down, across = min(here.shape[2], height), min(here.shape[3], width)
            rows = as_rows(here[..., :down, :across])
            found.append((rows, Cells((down, across), times, (height, width))))
        return found

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Positions (h, w) for a picture of a size (H, W)."""
        height, width = size
        return self.extractor.length(self.grid, height), self.extractor.length(self.grid, width)

    def _averaged(self, here: Tensor, layer: str) -> Tensor:
        """A finer layer's activations (1, C, h, w) at the grid's positions; others as they are."""
        times = self.extractor.stride(self.grid) // self.extractor.stride(layer)
        if times > 1:
            return cell_means(here, times)
        return here


@dataclass(frozen=True)
class Cells:
    """The cells of a layer in the grid of hypercolumns: one position, or a few that share one.

    Attributes:
        own: (h, w), cells down and across.
        times: positions of the grid along a side of a cell. A rest at the picture's end, for which
            a coarser layer has no cell, belongs to the last one.
        grid: (H, W), the positions.
    """

    own: tuple[int, int]
    times: int
    grid: tuple[int, int]

    def spread(self, rows: Tensor, lines: slice) -> Tensor:
        """The rows (h * w, C) of cells at the positions (N, C) of some lines of the grid."""
        if self.own == self.grid:
            return rows[self.positions(lines)]
        down, across = (
            (torch.arange(size, device=rows.device) // self.times).clamp(max=own - 1)
            for size, own in zip(self.grid, self.own, strict=True)
        )
        return rows[(down[lines, None] * self.own[1] + across).flatten()]

    def gather(self, values: Tensor, lines: slice, sums: Tensor) -> None:
        """The reverse: write into `sums` (h * w, C) those of the values (N, C) of each cell."""
        if self.own == self.grid:
            sums[self.positions(lines)] = values
            return
        first = lines.start // self.times
        last = min(-(-lines.stop // self.times), self.own[0])
        there = values.view(-1, self.grid[1], values.shape[1])
        there = _summed(_summed(there, 1, self.times, self.own[1]), 0, self.times, last - first)
        sums[first * self.own[1] : last * self.own[1]] = there.flatten(0, 1)

    def positions(self, lines: slice) -> slice:
        """The positions of some lines."""
        return slice(lines.start * self.grid[1], lines.stop * self.grid[1])

    def lines(self, most: int) -> Iterator[slice]:
        """All lines, of whole cells, in pieces of about `most` positions."""
        step = max(most // (self.grid[1] * self.times), 1)
        for first in range(0, self.own[0], step):
            last = first + step
            end = self.grid[0] if last >= self.own[0] else last * self.times
            yield slice(first * self.times, end)


def _summed(values: Tensor, dim: int, times: int, cells: int) -> Tensor:
    """Sums of each `times` in a row along a dimension, `cells` of them; the last has the rest."""
    most = times * (cells - 1)
    last = values.narrow(dim, most, values.shape[dim] - most).sum(dim, keepdim=True)
    split = (*values.shape[:dim], cells - 1, times, *values.shape[dim + 1 :])
    full = values.narrow(dim, 0, most).view(split).sum(dim + 1)
    return torch.cat([full, last], dim)


def energy_factors(parts: Sequence[Tensor], weights: Sequence[float]) -> tuple[Tensor, ...]:
    """Factors (0-d) by which each layer (M, C) has its weight's share of the energy."""
    found = []
    for part, weight in zip(parts, weights, strict=True):
        energy = full_mean(part.square().sum(1)).clamp(min=TINY)
        found.append((weight / sum(weights) / energy).sqrt())
    return tuple(found)


def components(rows: Tensor, count: int = COMPONENTS) -> Tensor:
    """Principal components (D, K) of centred rows (M, D), by subspace iteration.

    Halko, Martinsson & Tropp, Finding Structure with Randomness, SIAM Review 2011, algorithm 4.4.
    """
    width = min(count, rows.shape[1])
    drawn = torch.randn((rows.shape[1], width), generator=torch.Generator().manual_seed(0))
    basis = qr(drawn.to(rows))
    for _ in range(ROUNDS):
        basis = qr(products_of_rows(rows, product_by_rows(rows, basis)))
    return basis
