"""A term: one weighted loss that says which layers it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from artgen.networks.regions import Features, Region

__all__ = ["Tensors", "Term"]

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Term:
    """One weighted loss that says which layers it needs.

    Attributes:
        name: under which its value appears in a Step.
        layers: names of the layers that `statistics` reads.
        statistics: features and region -> sums over the region's inner positions, so that the sums
            of several regions add up to those of the whole.
        loss: summed statistics -> a scalar (0-d).
        weight: factor of the loss.
        reach: positions beyond the inner ones that `statistics` reads.
        whole: whether `statistics` are no sums, so that the picture has to be in one piece.
    """

    name: str
    layers: tuple[str, ...]
    statistics: Callable[[Features, Region], Tensors]
    loss: Callable[[Tensors], Tensor]
    weight: float = 1.0
    reach: int = 0
    whole: bool = False
