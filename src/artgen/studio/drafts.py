"""Drafts: those that pages wait for, and the last that were made."""

from __future__ import annotations

from artgen.studio.messages import Draft, Drafted
from artgen.studio.orders import Commission

__all__ = ["Sketches"]

KEPT = 8


class Sketches:
    """One at a time; a page has no use for one that it asked for before its last."""

    def __init__(self) -> None:
        self._made: dict[int, Drafted] = {}
        self._wanted: dict[str, Draft] = {}  # by each page
        self._count = 0
        self.being: Draft | None = None  # that the worker has in its hands

    def ask(self, page: str, commission: Commission) -> int:
        """The number of the draft that a page will get."""
        self._count += 1
        self._wanted.pop(page, None)
        self._wanted[page] = Draft(self._count, commission)
        return self._count

    def take(self) -> Draft | None:
        """What the worker is to make now: that of the page which has waited longest."""
        if self.being or not self._wanted:
            return None
        self.being = self._wanted.pop(next(iter(self._wanted)))
        return self.being

    def put(self, drafted: Drafted) -> None:
        """One that is made, or cannot be."""
        self.being = None
        self._made[drafted.number] = drafted
        self._made.pop(drafted.number - KEPT, None)

    def jpeg(self, number: int) -> bytes:
        """One of the last; empty where there is none."""
        found = self._made.get(number)
        return found.jpeg if found else b""
