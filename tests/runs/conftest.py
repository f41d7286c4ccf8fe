"""A folder of pictures, for what reads inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor

from artgen import images


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Tensor, painting: Tensor) -> Path:
    """A folder with photo.png, mask.png and paint/a.png and b.png, which is where we are."""
    images.save(photo, tmp_path / "photo.png")
    images.save(photo, tmp_path / "mask.png")
    (tmp_path / "paint").mkdir()
    for name in ("a", "b"):
        images.save(painting, tmp_path / "paint" / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path
