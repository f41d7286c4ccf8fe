"""Drafts: those that pages are waiting for, and the last ones made."""

from __future__ import annotations

from artgen.studio.messages import DraftRequest, DraftResult
from artgen.studio.orders import ResolvedOrder

__all__ = ["DraftQueue"]

KEPT = 8


class DraftQueue:
    """One draft is made at a time; a page's newer request replaces its older one."""

    def __init__(self) -> None:
        self._made: dict[int, DraftResult] = {}
        self._wanted: dict[str, DraftRequest] = {}  # by page
        self._count = 0
        self.being: DraftRequest | None = None  # being made by the worker

    def ask(self, page: str, order: ResolvedOrder) -> int:
        """Request a draft; returns its number."""
        self._count += 1
        self._wanted.pop(page, None)
        self._wanted[page] = DraftRequest(self._count, order)
        return self._count

    def take(self) -> DraftRequest | None:
        """The draft to make next: of the page that has waited longest."""
        if self.being or not self._wanted:
            return None
        self.being = self._wanted.pop(next(iter(self._wanted)))
        return self.being

    def put(self, drafted: DraftResult) -> None:
        """Add a draft that is made, or has failed."""
        self.being = None
        self._made[drafted.number] = drafted
        self._made.pop(drafted.number - KEPT, None)

    def jpeg(self, number: int) -> bytes:
        """A recent draft; empty if there is none with this number."""
        found = self._made.get(number)
        return found.jpeg if found else b""
