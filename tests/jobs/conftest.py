"""A folder of contents for the simulated maker."""

from __future__ import annotations

from pathlib import Path

import pytest


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
