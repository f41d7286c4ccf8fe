"""What is no picture, or too large a one, is refused in one sentence."""

from __future__ import annotations

import os
import struct
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artgen import images
from artgen.errors import PictureError

from .samples import RED, quadrants, refused, with_chunk, write


def test_missing(tmp_path: Path) -> None:
    assert "no file" in refused(tmp_path / "none.png").message


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "picture.png")


def test_name_that_no_file_can_have(tmp_path: Path) -> None:
    refused(tmp_path / ("x" * 5000 + ".png"))
    with pytest.raises(PictureError):
        images.load("a\0b.png")


def test_folder(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX only")
def test_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "ordinary" in refused(tmp_path / "pipe.png").message


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert "is empty" in refused(tmp_path / "a.png").message


@pytest.mark.parametrize("content", [b"hello, world", b"%PDF-1.7", b"\0" * 1000])
def test_no_picture(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert "not a picture" in refused(tmp_path / "a.png").message


@pytest.mark.parametrize(
    "suffix", [".png", ".jpg", ".webp", ".avif", ".tif", ".bmp", ".gif", ".png16", ".tif16", ".p"]
)
def test_truncated(tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / f"whole{suffix}"
    if suffix.endswith("16"):
        path = write(path.with_suffix(suffix[:-2]), noise.astype(np.uint16) * 257)
    elif suffix == ".p":  # a TIFF that Pillow decodes, its directory first
        palette = np.arange(768, dtype=np.uint16).reshape(3, 256)
        options = {"photometric": "palette", "colormap": palette, "compression": "zlib"}
        path = write(path.with_suffix(".tif"), noise[..., 0], **options)
    else:
        Image.fromarray(noise).save(path)
    images.load(path)
    whole = path.read_bytes()
    for part in (0.01, 0.3, 0.9, 0.99):
        path.write_bytes(whole[: max(16, int(len(whole) * part))])
        assert "cut short" in refused(path).message, part
    assert capfd.readouterr() == ("", "")  # decoders in C would print by themselves


def test_1_x_1(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), RED).save(tmp_path / "a.png")
    assert images.load(tmp_path / "a.png").picture.flatten().tolist() == [1, 0, 0]


def test_20000_x_10(tmp_path: Path) -> None:
    Image.new("RGB", (20000, 10), RED).save(tmp_path / "a.png")
    assert images.load(tmp_path / "a.png").picture.shape == (1, 3, 10, 20000)


def bomb(path: Path, side: int) -> Path:
    """Claims side x side pixels in its header and has none."""
    if path.suffix == ".png":
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        path.write_bytes(with_chunk(b"\x89PNG\r\n\x1a\n", b"IHDR", header)[: 8 + 25])
        path.write_bytes(path.read_bytes() + b"\0\0\0\0IDAT" + bytes(4))
    else:
        entries = [(256, side), (257, side), (258, 8), (262, 1), (273, 8), (277, 1), (279, 10)]
        data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries))
        data += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
        path.write_bytes(data + bytes(40))
    return path


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_too_many_pixels_are_refused_by_the_header(tmp_path: Path, suffix: str) -> None:
    error = refused(bomb(tmp_path / f"bomb{suffix}", 30000))
    assert "30000 x 30000 = 900 megapixels" in error.message
    assert "--max-pixels 900000000" in error.hint


def test_the_limit_can_be_moved(tmp_path: Path) -> None:
    Image.new("RGB", (100, 50)).save(tmp_path / "a.png")
    assert images.load(tmp_path / "a.png", max_pixels=5000).picture.shape[-1] == 100
    assert "--max-pixels 5000" in refused(tmp_path / "a.png", max_pixels=4999).hint


def test_pillows_own_limit_stays_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (100, 50)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    images.load(tmp_path / "a.png")  # 5000 pixels: Pillow by itself raises
    assert Image.MAX_IMAGE_PIXELS == 100  # and is as it was, for the rest of the program


def test_threads_leave_warnings_and_limit_as_they_were(tmp_path: Path) -> None:
    quadrants().save(tmp_path / "a.png")
    before, limit = list(warnings.filters), Image.MAX_IMAGE_PIXELS
    threads = [
        threading.Thread(target=lambda: [images.load(tmp_path / "a.png") for _ in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before
    assert limit == Image.MAX_IMAGE_PIXELS
