"""Lessons of photos: crops that differ, from photos as they come."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pictures import smooth

from artgen import images
from artgen.errors import UsageError
from artgen.fast.training import Photos
from artgen.runs.teaching import Training, photos_in
from artgen.runtime import Runtime


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(4):
        images.save(smooth(80, 100 + 9 * seed, seed=seed), folder / f"{seed}.png")
    return photos_in(folder)


def test_photos_that_cannot_be_read_are_left_out_and_named(
    photos: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "photos" / "broken.jpg"
    broken.write_text("no picture")
    drawn = Photos([broken, photos[0]], 32, torch.Generator().manual_seed(0))
    for _ in range(8):
        crop = drawn.draw()
        assert crop.shape == (1, 3, 32, 32)
        assert 0 <= crop.min() <= crop.max() <= 1
    assert len(drawn.refused) == 1
    assert "broken.jpg" in drawn.refused[0]


def test_no_photo_at_all_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture")
    with pytest.raises(UsageError, match="None of the photos"):
        Photos([broken], 32, torch.Generator()).draw()
    with pytest.raises(UsageError, match="There are no photos"):
        Training().trainer({}, [], Runtime("cpu"))


def test_crops_differ_and_memory_is_bounded(photos: list[Path]) -> None:
    drawn = Photos(photos, 32, torch.Generator().manual_seed(0))
    drawn.BYTES = 2 * 3 * 96 * 96  # type: ignore[misc]
    crops = [drawn.draw() for _ in range(12)]
    assert len({float(crop.sum()) for crop in crops}) == 12
    assert drawn.bytes <= drawn.BYTES
