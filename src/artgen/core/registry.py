"""Registry: items are added by name, looked up with a "did you mean", and listed in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Generic, TypeVar

from artgen.errors import UsageError, did_you_mean

__all__ = ["Registry", "docstring_of"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Items of one kind ("network", "technique") by name."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        """Registers `item`; a second item of the same name is a programming error (ValueError)."""
        if name in self._items:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._items[name] = item
        return item

    def get(self, name: str) -> T:
        """The item called `name`; raises UsageError that names the nearest known one."""
        try:
            return self._items[name]
        except KeyError:
            raise UsageError(
                f"There is no {self.kind} called {name!r}.", did_you_mean(name, self)
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __len__(self) -> int:
        return len(self._items)


def docstring_of(file: Path) -> str:
    """The docstring that a Python file begins with, of a file that is neither imported nor parsed.

    It has to be what the file begins with, in three double quotes; "" where there is none. To parse
    all files of commands takes longer than the rest of `artgen --help`.
    """
    source = file.read_text(encoding="utf-8")
    found = re.match(r'"""(.*?)"""', source, re.DOTALL)
    return cleandoc(found[1]) if found else ""
