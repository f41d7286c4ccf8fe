"""An output that cannot be written is refused before the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.errors import ArtgenError, PictureError, UsageError

from .outputs import SUFFIXES, files, gradient


def refused(kind: type[ArtgenError], path: Path, *arguments: object, **options: object) -> str:
    with pytest.raises(kind) as caught:
        images.check_output(path, *arguments, **options)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert not list(path.parent.glob(".artgen-*")) if path.parent.is_dir() else True
    return str(caught.value)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG", ".Jpg"])
def test_a_good_output_is_accepted(tmp_path: Path, suffix: str) -> None:
    images.check_output(tmp_path / f"a{suffix}", (480, 640))
    images.check_output(tmp_path / f"a{suffix}", None)
    assert files(tmp_path) == []  # and nothing left from trying


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.gif", "a.bmp", "a.heic", ".png"])
def test_unknown_extension(tmp_path: Path, name: str) -> None:
    text = refused(UsageError, tmp_path / name, None)
    assert ".png, .jpg, .jpeg, .webp, .avif, .tif, .tiff" in text
    with pytest.raises(UsageError):
        images.save(gradient(), tmp_path / name)


@pytest.mark.parametrize(
    ("suffix", "fits", "does_not"),
    [
        (".webp", (16383, 10), (16384, 10)),
        (".webp", (10, 16383), (10, 16384)),
        (".jpg", (65500, 10), (10, 65501)),
        (".avif", (32768, 8192), (10, 32769)),
        (".avif", (16384, 16384), (16384, 16400)),
        (".png", (10, 1_000_000), (10, 1_000_001)),
        (".tif", (10, 20_000_000), None),
    ],
)
def test_what_a_format_cannot_hold(
    tmp_path: Path, suffix: str, fits: tuple[int, int], does_not: tuple[int, int] | None
) -> None:
    images.check_output(tmp_path / f"a{suffix}", fits)
    if does_not is not None:
        height, width = does_not
        assert f"{width} x {height}" in refused(UsageError, tmp_path / f"a{suffix}", does_not)


@pytest.mark.parametrize(("suffix", "side"), [(".webp", 16383), (".jpg", 65500), (".avif", 32768)])
def test_the_limits_are_real(tmp_path: Path, suffix: str, side: int) -> None:
    """The largest that is accepted is also written and read."""
    path = tmp_path / f"long{suffix}"
    images.save(torch.zeros(1, 3, 1, side), path)
    assert images.load(path).picture.shape == (1, 3, 1, side)


def test_save_itself_refuses_what_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="16384 x 1 "):
        images.save(torch.zeros(1, 3, 1, 16384), tmp_path / "a.webp")
    assert files(tmp_path) == []


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_16_bits_where_there_are_none(tmp_path: Path, suffix: str) -> None:
    assert "PNG and TIFF" in refused(UsageError, tmp_path / f"a{suffix}", None, bits=16)
    images.check_output(tmp_path / "a.png", None, bits=16)
    images.check_output(tmp_path / "a.tiff", None, bits=16)


def test_output_equal_to_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.png"
    source.touch()
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    for path in (source, Path("in.png"), Path("sub/../in.png")):
        assert "input" in refused(UsageError, path, None, inputs=[Path("other.png"), source])
    images.check_output(tmp_path / "out.png", None, inputs=[source])
    os.link(source, tmp_path / "hard.png")
    assert "input" in refused(UsageError, tmp_path / "hard.png", None, inputs=[source])


def test_output_that_links_to_an_input(tmp_path: Path) -> None:
    source, link = tmp_path / "in.png", tmp_path / "link.png"
    source.touch()
    try:
        link.symlink_to(source)
    except OSError:
        pytest.skip("this system gives no right to make links")
    assert "input" in refused(UsageError, link, None, inputs=[source])


def test_output_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert "folder" in refused(UsageError, tmp_path / "a.png", None)
    with pytest.raises(PictureError):
        images.save(gradient(), tmp_path / "a.png")
    assert files(tmp_path) == ["a.png"]


def test_folder_is_missing(tmp_path: Path) -> None:
    assert "does not exist" in refused(PictureError, tmp_path / "none" / "a.png", None)
    with pytest.raises(PictureError, match="does not exist"):
        images.save(gradient(), tmp_path / "none" / "a.png")


def test_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file.png").write_text("x")
    for path in (tmp_path / "file.png" / "a.png", tmp_path / "file.png" / "b" / "a.png"):
        refused(PictureError, path, None)
        with pytest.raises(PictureError):
            images.save(gradient(), path)
    assert files(tmp_path) == ["file.png"]


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    refused(PictureError, tmp_path / ("x" * 300 + ".png"), None)
    refused(PictureError, tmp_path / "a\0b.png", None)


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="permissions bind neither root nor Windows",
)
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "may not be written" in refused(PictureError, folder / "a.png", None)
