"""Every network with weights of its own: those for features, and the one for optical flow."""

from __future__ import annotations

from typing import TypeAlias

from artgen.networks.raft import RAFT, FlowNetwork
from artgen.networks.spec import NetworkSpec
from artgen.networks.zoo import all_networks, network

__all__ = ["Kept", "named", "networks"]

Kept: TypeAlias = NetworkSpec | FlowNetwork


def networks() -> list[Kept]:
    """All networks, each in its newest version."""
    registry = all_networks()
    return [*(registry.get(name) for name in registry), RAFT]


def named(name: str) -> Kept:
    """The network called `name`; see `zoo.network`.

    Raises:
        UsageError: for an unknown network, or an unknown version of one.
    """
    return RAFT if name == RAFT.name else network(name)
