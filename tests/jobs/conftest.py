"""A folder of contents for the simulated maker."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import drifting, film_file

from artgen.jobs import film_chunks

from .chunks import CHUNK


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six contents; what is in them is said by each test that wants something to happen."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"content {number}")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output folder, which is not there yet."""
    return tmp_path / "out"


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film of seven frames: two chunks and a bit."""
    monkeypatch.setattr(film_chunks, "FRAMES", CHUNK)
    (tmp_path / "in").mkdir()
    return film_file(tmp_path / "in" / "clip.mp4", drifting(7), sound=True)
