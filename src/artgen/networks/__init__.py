"""The networks, one file each; each registers its NetworkSpec when it is imported."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from artgen.features import NetworkSpec
from artgen.registry import Registry

__all__ = ["DEFAULT", "NETWORKS", "TORCHVISION_LICENCE", "all_networks"]

DEFAULT = "slim"
# torchvision's README, "Pre-trained Model License": no licence of their own is named there.
TORCHVISION_LICENCE = "torchvision's (BSD-3-Clause); ImageNet's terms of use may bind the weights"
NETWORKS: Registry[NetworkSpec] = Registry("network")


def all_networks() -> Registry[NetworkSpec]:
    """The registry with every file of this folder imported into it."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return NETWORKS
