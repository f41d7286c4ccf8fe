"""Registry: items are added by name, looked up with a "did you mean", and listed in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from artgen.errors import UsageError, did_you_mean

__all__ = ["Registry"]

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
