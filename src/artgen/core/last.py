"""What was made last, for who asks for the same again: photos of a folder, frames of a film."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

__all__ = ["LastMade"]

Made = TypeVar("Made")


class LastMade(Generic[Made]):
    """Keeps one thing, and what it was made of."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[Hashable, ...], Sequence[object], Made] | None = None

    def get(self, settings: Hashable, pictures: Sequence[object], make: Callable[[], Made]) -> Made:
        """What was made last, if it was of the same settings and pictures; or a new one.

        Args:
            settings: all that it depends on besides.
            pictures: tensors or arrays, which count as the same only if they are the same object;
                they are kept, so that no other takes their place in memory.
            make: makes it.
        """
        key = (settings, *map(id, pictures))
        if self._kept is None or self._kept[0] != key:
            self._kept = key, pictures, make()
        return self._kept[2]
