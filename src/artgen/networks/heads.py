"""Classification heads: what networks have behind their last feature layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artgen.networks.fused_conv import convolved
from artgen.networks.imagenet import SIDE
from artgen.ops.reductions import product

__all__ = ["Head", "applied", "binned", "evidence", "parted"]


@dataclass(frozen=True)
class Head:
    """From the activation (B, C, h, w) of a network's last layer to scores (B, classes).

    Attributes:
        build: makes its chain of named layers, its weights still random.
        convert: turns the published file's tensors into the chain's.
        side: short side, in pixels, of the pictures that it was trained on.
        on_request: whether it is so large that it is kept only if asked for.
    """

    build: Callable[[], nn.Sequential]
    convert: Callable[[Mapping[str, Tensor]], dict[str, Tensor]]
    side: int = SIDE
    on_request: bool = False


def applied(layers: nn.Sequential, x: Tensor) -> Tensor:
    """What layers with frozen weights make of x (B, ...): same bits with any number of threads."""
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            x = convolved(x, layer)
        elif isinstance(layer, nn.Linear):
            x = product(x, layer.weight.T) + layer.bias
        else:
            x = layer(x)
    return x


def evidence(head: nn.Sequential, features: Tensor) -> Tensor:
    """Scores (B, classes) of features (B, C, h, w), without a ReLU behind the last weights.

    Where such a ReLU (SqueezeNet's) is zero it has no gradient, and nothing could ascend it.
    """
    scores: Tensor = nn.Sequential(*_heard(head))(features)
    return scores


def _heard(head: nn.Sequential) -> list[nn.Module]:
    layers = list(head.children())
    last = max(n for n, layer in enumerate(layers) if next(layer.parameters(), None) is not None)
    return [x for n, x in enumerate(layers) if n < last or not isinstance(x, nn.ReLU)]


def parted(head: nn.Sequential) -> tuple[nn.Sequential, int, nn.Sequential]:
    """The head without a last ReLU, split at its average pooling.

    Returns:
        What is applied to each position by itself; the rows and columns of averages; and what is
        applied to these.
    """
    layers = _heard(head)
    (at,) = (n for n, layer in enumerate(layers) if isinstance(layer, nn.AdaptiveAvgPool2d))
    count = layers[at].output_size
    assert isinstance(count, int)
    return nn.Sequential(*layers[:at]), count, nn.Sequential(*layers[at + 1 :])


def binned(
    features: Tensor, place: tuple[slice, slice], total: tuple[int, int], count: int
) -> Tensor:
    """Share of some positions in a layer's adaptive averages (1, C, count, count).

    Summed over tiles that cover the layer it is `torch.nn.AdaptiveAvgPool2d(count)` of the whole.

    Args:
        features: (1, C, h, w), the positions.
        place: rows and columns where they lie in the layer.
        total: (H, W) of the layer.
        count: rows and columns of averages.
    """
    down, across = (
        _shares(where, length, count).to(features)
        for where, length in zip(place, total, strict=True)
    )
    return down @ features @ across.T


def _shares(place: slice, length: int, count: int) -> Tensor:
    """Averaging weights (count, positions)."""
    number = torch.arange(count)[:, None]
    first, end = number * length // count, -(-(number + 1) * length // count)
    where = torch.arange(place.start, place.stop)
    return ((where >= first) & (where < end)) / (end - first)
