"""Folders of pictures: in order, read when asked for, known again by what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.errors import PictureError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "many"
    (here / "deep").mkdir(parents=True)
    for number, name in enumerate(["b.png", "a.jpg", "deep/c.png"]):
        images.save(torch.full((1, 3, 8, 9), number / 4), here / name)
    (here / "notes.txt").write_text("no picture, and none by its name")
    return here


def test_pictures_come_in_order_and_folders_below_too(folder: Path) -> None:
    found = images.load_folder(folder)
    assert [path.name for path in found.pictures.paths] == ["a.jpg", "b.png", "c.png"]
    assert [round(float(one.mean()), 2) for one in found.pictures] == [0.25, 0, 0.5]
    assert len(found.pictures[1:]) == 2
    assert found.skipped == ()
    assert found.path.name == "many"


def test_they_are_read_when_they_are_asked_for(folder: Path) -> None:
    found = images.load_folder(folder)
    (folder / "b.png").unlink()
    assert found.pictures[0].shape == (1, 3, 8, 9)
    with pytest.raises(PictureError, match="There is no file"):
        found.pictures[1]


def test_what_cannot_be_read_is_left_out_and_named(folder: Path) -> None:
    before = images.load_folder(folder)
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    after = images.load_folder(folder)
    assert [path.name for path in after.skipped] == ["bad.jpg"]
    assert after.sha256 == before.sha256


def test_it_is_known_by_its_pictures(folder: Path, tmp_path: Path) -> None:
    first = images.load_folder(folder).sha256
    folder.rename(tmp_path / "moved")
    assert images.load_folder(tmp_path / "moved").sha256 == first
    images.save(torch.zeros(1, 3, 8, 9), tmp_path / "moved/d.png")
    assert images.load_folder(tmp_path / "moved").sha256 != first


def test_the_current_folder_has_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert images.load_folder(".").path.name == "many"


def test_no_folder_and_no_pictures_are_refused(folder: Path) -> None:
    with pytest.raises(PictureError, match=r"a\.jpg is no folder"):
        images.load_folder(folder / "a.jpg")
    (folder / "empty").mkdir()
    with pytest.raises(PictureError, match="no picture in empty"):
        images.load_folder(folder / "empty")
