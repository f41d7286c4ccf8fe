"""Short chunks for all tests of films."""

from __future__ import annotations

import pytest

from artgen.video import writing


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four frames, so that a short film has several."""
    monkeypatch.setattr(writing, "CHUNK", 4)
