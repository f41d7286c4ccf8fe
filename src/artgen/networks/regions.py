"""Which positions of a layer count, where only a piece of the picture is looked at."""

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
    """Which positions of one layer count, and where they lie in the layer of the whole picture."""

    inner: tuple[slice, slice]
    place: tuple[slice, slice]
    total: tuple[int, int]

    @property
    def positions(self) -> int:
        """Positions of the whole layer: what a sum has to be divided by to be a mean."""
        return self.total[0] * self.total[1]

    def crop(self, features: Tensor) -> Tensor:
        """The positions that count, of the activation (1, C, h, w) of this layer."""
        rows, columns = self.inner
        if features.shape[-2:] == (rows.stop - rows.start, columns.stop - columns.start):
            return features  # a slice of everything would cost its gradient a copy
        return features[..., rows, columns]

    def carried_on(self, features: Tensor, count: int) -> Tensor:
        """Features of a picture that wraps round, with `count` positions more below and right.

        They are added only along an axis that the tile has whole: elsewhere its halo has them.
        """
        for axis, inner, total in zip((2, 3), self.inner, self.total, strict=True):
            if inner == slice(0, total) and features.shape[axis] == total:
                places = torch.arange(total + count, device=features.device) % total
                features = features.index_select(axis, places)
        return features


Region = Mapping[str, Window]
"""Layer name -> Window: what of a tile's features counts. The whole picture is one region."""


def whole(features: Features) -> Region:
    """The region in which every position of every layer counts."""
    region = {}
    for name, value in features.items():
        height, width = value.shape[-2:]
        window = (slice(0, height), slice(0, width))
        region[name] = Window(window, window, (height, width))
    return region
