"""The settings of a training, and the photos that it finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor

from artgen import images
from artgen.errors import UsageError
from artgen.runs.teaching import photos_in


def test_photos_are_found_in_folders_of_folders(tmp_path: Path, photo: Tensor) -> None:
    (tmp_path / "deep").mkdir()
    images.save(photo, tmp_path / "deep" / "one.png")
    (tmp_path / "notes.txt").write_text("no photo")
    assert photos_in(tmp_path) == [tmp_path / "deep" / "one.png"]
    with pytest.raises(UsageError, match="is no folder"):
        photos_in(tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no photos in"):
        photos_in(tmp_path / "empty")
