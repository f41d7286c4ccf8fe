"""The networks, one file each; each registers its NetworkSpec when it is imported."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from artgen.core.registry import Registry
from artgen.errors import UsageError, did_you_mean
from artgen.networks.extractor import NetworkSpec

__all__ = [
    "DEFAULT",
    "NETWORKS",
    "TORCHVISION_LICENCE",
    "VGG_STYLE",
    "all_networks",
    "network",
    "versions",
]

DEFAULT = "slim"
# torchvision's README, "Pre-trained Model License": no licence of their own is named there.
TORCHVISION_LICENCE = "torchvision's (BSD-3-Clause); ImageNet's terms of use may bind the weights"
# Style layers of VGG-shaped networks. Gatys 2016 weighs all five alike; the middle ones, where
# strokes live, count double here: chosen by eye, on sheets of six photos by six paintings.
VGG_STYLE = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 2.0, "relu4_1": 2.0, "relu5_1": 1.0}
NETWORKS: Registry[NetworkSpec] = Registry("network")


def all_networks() -> Registry[NetworkSpec]:
    """The registry with every file of this folder imported into it."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return NETWORKS


def network(name: str) -> NetworkSpec:
    """The network of a name: `slim` is the newest one, `slim@1` its first version.

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
