"""Every network with seeded random weights, and a picture for it."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from artgen.networks import weights
from artgen.networks.spec import NetworkSpec
from artgen.networks.zoo import all_networks, network

__all__ = ["NETWORKS", "picture", "random_weights"]

NETWORKS = all_networks()


def random_weights(name: str) -> NetworkSpec:
    """The network with seeded random weights, whether or not its own are here."""
    return replace(network(name), source=weights.Source("none", seed=3))


def picture(height: int = 67, width: int = 49) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(5))
