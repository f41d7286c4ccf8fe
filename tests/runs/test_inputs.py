"""Names become files, files pictures, and pictures tensors: for every way of running alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor

from artgen import images
from artgen.errors import PictureError
from artgen.runs.gallery import shipped_styles
from artgen.runs.inputs import (
    files_for,
    files_named,
    files_of,
    frame_of,
    notes_of,
    read_each,
    read_files,
    tensors,
)
from artgen.techniques.see_map import SeeMap
from artgen.techniques.style import Style

CONTENT, STYLE = Style.inputs
MOST = 10_000


def test_words_are_files_or_styles_or_folders_of_styles(files: Path) -> None:
    assert files_for(CONTENT, ["photo.png"]) == ["photo.png"]
    wave = str(shipped_styles()["wave"])
    assert files_for(STYLE, ["wave", "paint"]) == [
        wave,
        str(Path("paint/a.png")),
        str(Path("paint/b.png")),
    ]
    with pytest.raises(PictureError, match="neither a file nor a shipped style"):
        files_for(STYLE, ["wabe"])


def test_settings_name_files_too(files: Path) -> None:
    settings = Style(mask=("mask.png=wave",), init="photo.png")
    wave = str(shipped_styles()["wave"])
    named = {"mask": ["mask.png"], "masked": [wave], "init": ["photo.png"]}
    assert files_named(settings) == named
    words = {"content": ["photo.png"], "style": ["wave"]}
    assert files_of(settings, words) == {"content": ["photo.png"], "style": [wave], **named}


def test_files_are_read_in_their_order(files: Path, photo: Tensor) -> None:
    settings = Style()
    read = read_files(settings, {"content": ["photo.png"], "style": ["paint/a.png"] * 2}, MOST)
    assert list(read) == ["content", "style"]
    assert [one.path.name for one in read["style"]] == ["a.png", "a.png"]
    given = tensors(read)
    assert [len(given[role]) for role in given] == [1, 2]
    assert given["content"][0].sub(photo).abs().max() < 1 / 255
    assert frame_of(settings, read) is read["content"][0]
    with pytest.raises(PictureError, match="--max-pixels"):
        read_files(settings, {"content": ["photo.png"]}, 100)


def test_a_folder_is_read_when_its_pictures_are_asked_for(files: Path) -> None:
    Path("paint/broken.png").write_text("no picture")
    settings = SeeMap()
    (folder,) = settings.inputs
    read = read_files(settings, {folder.name: ["paint"]}, MOST)
    assert list(notes_of(read)) == ["Left out of paint, for no picture can be read: broken.png."]
    assert isinstance(tensors(read)[folder.name], images.Pictures)
    assert frame_of(settings, read) is None


def test_each_is_read_by_what_reads_one() -> None:
    read = read_each({"a": [1, 2], "b": []}, lambda role, one: f"{role}{one}")
    assert read == {"a": ["a1", "a2"], "b": []}
