"""The techniques, one file or package each: settings, and a run that yields steps and a result."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from artgen.core.registry import docstring_of
from artgen.techniques.base import TECHNIQUES, Technique

__all__ = ["description", "names", "summaries", "technique"]

SHARED = ("base", "common")  # not techniques themselves


def names() -> list[str]:
    """The names of all techniques, by their files alone."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name not in SHARED]


def description(name: str) -> str:
    """The docstring of a technique's file, without importing it."""
    ends = (".py", "/__init__.py")
    files = (Path(folder, name + end) for folder in __path__ for end in ends)
    return docstring_of(next(file for file in files if file.exists()))


def summaries() -> dict[str, str]:
    """Name -> first line of the docstring, of every technique, without importing them."""
    return {name: description(name).splitlines()[0].rstrip(".") for name in names()}


def technique(name: str) -> type[Technique]:
    """The settings class of a technique, whose file is imported now.

    Raises:
        UsageError: for an unknown name; the hint has the closest one.
    """
    if name not in TECHNIQUES and name in names():
        import_module(f"{__name__}.{name}")
    return TECHNIQUES.get(name)
