"""Regions: which positions of each layer count in a tile of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Features", "Region", "Window", "whole"]

Features = Mapping[str, Tensor]
"""Layer name -> activation (1, C, H, W); `"image"`, the picture itself, is always among them."""


@dataclass(frozen=True)
class Window:
    """Which positions of one layer count in a tile, and where they lie in the whole layer.

    Attributes:
        inner: rows and columns, of the tile's activation, that count.
        place: rows and columns of the whole layer where they lie.
        total: (H, W) of the whole layer.
    """

    inner: tuple[slice, slice]
    place: tuple[slice, slice]
    total: tuple[int, int]

    @property
    def positions(self) -> int:
        """Number of positions of the whole layer: the divisor that makes a sum a mean."""
        return self.total[0] * self.total[1]

    def crop(self, features: Tensor) -> Tensor:
        """The positions that count, of a tile's activation (1, C, h, w) of this layer."""
        rows, columns = self.inner
        if features.shape[-2:] == (rows.stop - rows.start, columns.stop - columns.start):
            return features  # a slice of everything would cost its gradient a copy
        return features[..., rows, columns]

    def carried_on(self, features: Tensor, count: int) -> Tensor:
        """Features (1, C, h, w) of a wrapping picture, with `count` positions more below and right.

        They are added only along an axis that the tile covers: elsewhere its halo has them.
        """
        for axis, inner, total in zip((2, 3), self.inner, self.total, strict=True):
            if inner == slice(0, total) and features.shape[axis] == total:
                places = torch.arange(total + count, device=features.device) % total
                features = features.index_select(axis, places)
        return features


Region = Mapping[str, Window]
"""Layer name -> Window: which of a tile's positions count. The whole picture is one region."""


def whole(features: Features) -> Region:
    """The region in which every position of every activation (1, C, H, W) counts."""
    region = {}
    for name, value in features.items():
        height, width = value.shape[-2:]
        window = (slice(0, height), slice(0, width))
        region[name] = Window(window, window, (height, width))
    return region
