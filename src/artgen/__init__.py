"""artgen: art from pictures with convolutional networks.

`artgen.style`, `artgen.texture`, `artgen.dream` and so on make pictures as the commands of that
name do; `artgen.load` and `artgen.save` read and write them. Nothing is imported before it is
asked for: torch alone takes seconds.
"""

from __future__ import annotations

import importlib
from typing import Any

from artgen._version import __version__

# Name -> the module that has it.
HOMES = {
    **dict.fromkeys(("info", "load", "save", "steps", "styles"), "artgen.api"),
    **dict.fromkeys(("Note", "Result", "Step"), "artgen.core.events"),
    "ArtgenError": "artgen.errors",
    "Picture": "artgen.images",
    "Runtime": "artgen.runtime",
}

__all__ = ["__version__", *HOMES]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    if name in _techniques():
        return importlib.import_module("artgen.api").function(name)
    raise AttributeError(f"module 'artgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_techniques()]


def _techniques() -> list[str]:
    """Names, told by files alone: Python asks here for every submodule before it imports it."""
    found: list[str] = importlib.import_module("artgen.techniques").names()
    return found
