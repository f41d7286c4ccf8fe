"""Heads: what a network trained to tell classes apart has behind its last layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

__all__ = ["Head", "evidence"]


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
    side: int = 224
    on_request: bool = False


def evidence(head: nn.Sequential, features: Tensor) -> Tensor:
    """Scores (B, classes) before a ReLU that has no weights behind it.

    Where such a ReLU (SqueezeNet's) is silent it has no slope, and nothing could climb.
    """
    layers = list(head.children())
    last = max(n for n, layer in enumerate(layers) if next(layer.parameters(), None) is not None)
    for number, layer in enumerate(layers):
        if number < last or not isinstance(layer, nn.ReLU):
            features = layer(features)
    return features
