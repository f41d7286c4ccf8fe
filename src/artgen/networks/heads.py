"""Heads: what a network trained to tell classes apart has behind its last layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artgen.networks.imagenet import SIDE

__all__ = ["Head", "binned", "evidence", "parted"]


@dataclass(frozen=True)
class Head:
    """From the activation of a network's last layer, (B, C, h, w), to scores (B, classes).

    Attributes:
        build: makes its chain of named layers, its weights still random.
        convert: turns the published file's tensors into the chain's.
        side: short side, in pixels, of the pictures that it was trained on.
        on_request: whether it is so large that it is kept only by who asks for it.
    """

    build: Callable[[], nn.Sequential]
    convert: Callable[[Mapping[str, Tensor]], dict[str, Tensor]]
    side: int = SIDE
    on_request: bool = False


def evidence(head: nn.Sequential, features: Tensor) -> Tensor:
    """Scores (B, classes) before a ReLU that has no weights behind it.

    Where such a ReLU (SqueezeNet's) is silent it has no slope, and nothing could climb.
    """
    scores: Tensor = nn.Sequential(*_heard(head))(features)
    return scores


def _heard(head: nn.Sequential) -> list[nn.Module]:
    layers = list(head.children())
    last = max(n for n, layer in enumerate(layers) if next(layer.parameters(), None) is not None)
    return [x for n, x in enumerate(layers) if n < last or not isinstance(x, nn.ReLU)]


def parted(head: nn.Sequential) -> tuple[nn.Sequential, int, nn.Sequential]:
    """What gives the evidence, parted where positions are averaged.

    Returns:
        What looks at each position by itself; the rows and columns of averages; and what looks at
        these.
    """
    layers = _heard(head)
    (at,) = (n for n, layer in enumerate(layers) if isinstance(layer, nn.AdaptiveAvgPool2d))
    count = layers[at].output_size
    assert isinstance(count, int)
    return nn.Sequential(*layers[:at]), count, nn.Sequential(*layers[at + 1 :])


def binned(
    features: Tensor, place: tuple[slice, slice], total: tuple[int, int], count: int
) -> Tensor:
    """What some positions add to the averages (1, C, count, count) of a layer.

    Summed over pieces that cover the layer it is `torch.nn.AdaptiveAvgPool2d(count)` of the whole.

    Args:
        features: (1, C, h, w), the positions.
        place: where they lie in the layer.
        total: (H, W) of the layer.
        count: rows and columns of averages.
    """
    down, across = (
        _shares(where, length, count).to(features)
        for where, length in zip(place, total, strict=True)
    )
    return down @ features @ across.T


def _shares(place: slice, length: int, count: int) -> Tensor:
    """How much each of the positions of a place says in each average: (count, positions)."""
    number = torch.arange(count)[:, None]
    first, end = number * length // count, -(-(number + 1) * length // count)
    where = torch.arange(place.start, place.stop)
    return ((where >= first) & (where < end)) / (end - first)
