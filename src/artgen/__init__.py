"""artgen: art from pictures with convolutional networks.

`artgen.style`, `artgen.texture`, `artgen.dream` and so on make pictures as the commands of that
name do; `artgen.load` and `artgen.save` read and write them. Nothing is imported before it is
asked for: torch alone takes seconds.
"""

from __future__ import annotations

import importlib
from typing import Any

from artgen._version import __version__

__all__ = ["__version__", "load", "save"]


def __getattr__(name: str) -> Any:
    if name in ("load", "save"):
        images = importlib.import_module("artgen.images")
        return _load if name == "load" else images.save
    if name in _techniques():
        return importlib.import_module("artgen.api").function(name)
    raise AttributeError(f"module 'artgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_techniques()]


def _techniques() -> list[str]:
    """Names, told by files alone: Python asks here for every submodule before it imports it."""
    found: list[str] = importlib.import_module("artgen.techniques").names()
    return found


def _load(path: str) -> Any:
    """A picture (1, 3, H, W), RGB in [0, 1], upright and in sRGB."""
    return importlib.import_module("artgen.images").load(path).picture
