"""Hypercolumns: the activations of several layers at one position, as one vector.

Hariharan, Arbelaez, Girshick & Malik, Hypercolumns for Object Segmentation and Fine-grained
Localization, CVPR 2015. Here the positions are those of one of the layers: finer layers are
averaged over each of its cells, coarser ones are repeated. Both are local to a cell, so that a tile
has exactly the hypercolumns of the whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses.functional import as_rows
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window
from artgen.ops.numerics import TINY
from artgen.ops.reductions import alone_for, full_mean, qr

__all__ = ["Hypercolumns", "components", "energy_factors", "product_of"]

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
        window = region[self.grid]
        return [
            as_rows(self._moved(region[name].crop(features[name]), name, window))
            for name in self.layers
        ]

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Positions (h, w) for a picture of a size (H, W)."""
        height, width = size
        return self.extractor.length(self.grid, height), self.extractor.length(self.grid, width)

    def _moved(self, here: Tensor, layer: str, window: Window) -> Tensor:
        """A layer's activations (1, C, h, w) at a window of the grid's positions."""
        height, width = (place.stop - place.start for place in window.place)
        own, wanted = self.extractor.stride(layer), self.extractor.stride(self.grid)
        if own < wanted:
            here = F.avg_pool2d(here, wanted // own, ceil_mode=True, count_include_pad=False)
        elif own > wanted:
            here = here.repeat_interleave(own // wanted, 2).repeat_interleave(own // wanted, 3)
        here = here[..., :height, :width]
        # A coarser layer has no position for a rest at the picture's end.
        rest = (0, width - here.shape[3], 0, height - here.shape[2])
        return F.pad(here, rest, mode="replicate") if any(rest) else here


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
        basis = qr(product_of(rows.T, product_of(rows, basis)))
    return basis


def product_of(x: Tensor, y: Tensor) -> Tensor:
    """The matrix product (N, K) of (N, C) and (C, K), the same for any number of threads."""
    with alone_for(len(x), y.shape[1]):
        return x @ y
