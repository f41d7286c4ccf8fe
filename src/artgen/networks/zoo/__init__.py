"""The networks, one file each; each registers its NetworkSpec when it is imported."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from artgen.core.registry import Registry
from artgen.errors import UsageError, did_you_mean
from artgen.networks.spec import NetworkSpec
from artgen.networks.zoo.base import NETWORKS

__all__ = ["all_networks", "network", "versions"]


def all_networks() -> Registry[NetworkSpec]:
    """The registry with every file of this folder imported into it."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return NETWORKS


def network(name: str) -> NetworkSpec:
    """The network called `name`: `slim` is the newest version, `slim@1` the first.

    Raises:
        UsageError: for an unknown network, or an unknown version of one.
    """
    plain, at, _ = name.partition("@")
    newest = all_networks().get(plain)
    known = {one.full_name: one for one in versions(newest)}
    if at and name not in known:
        raise UsageError(f"There is no network {name!r}.", did_you_mean(name, known))
    return known[name] if at else newest


def versions(newest: NetworkSpec) -> list[NetworkSpec]:
    """Every version of a network, oldest first."""
    return [*newest.earlier, newest]
