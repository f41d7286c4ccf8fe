"""Pictures in: every kind of file is read, upright, with its alpha and its EXIF."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from artgen import images
from artgen.errors import PictureError
from artgen.images import reading
from artgen.images.openexr import encode
from artgen.ops.resize import resize

from .encoders import encoded
from .samples import (
    GREEN,
    RED,
    SWAPPED,
    colour,
    quadrants,
    refused,
    tensor_of,
    with_chunk,
    write,
)

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("suffix", "within"),
    [(".png", 0), (".tif", 0), (".bmp", 0), (".gif", 0), (".jpg", 6), (".webp", 6), (".avif", 6)],
)
def test_every_format_is_read(tmp_path: Path, suffix: str, within: int) -> None:
    path = tmp_path / f"picture{suffix}"
    options = {} if suffix in (".gif", ".bmp", ".tif", ".png") else {"quality": 98}
    quadrants().save(path, **options)  # type: ignore[arg-type]
    loaded = images.load(path)
    assert loaded.picture.dtype == torch.float32
    assert loaded.picture.shape == (1, 3, 24, 40)
    assert loaded.alpha is None
    assert loaded.exif is None
    assert not loaded.deep
    assert loaded.path == path
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    inner = loaded.picture[..., 4:8, 4:8]  # away from edges, where chroma is shared
    assert (inner - tensor_of(quadrants())[..., 4:8, 4:8]).abs().max() * 255 <= within + 1e-3


def test_the_name_does_not_decide(tmp_path: Path) -> None:
    quadrants().save(tmp_path / "one.png")
    (tmp_path / "one.png").rename(tmp_path / "one.jpg")
    assert colour(images.load(tmp_path / "one.jpg").picture) == [255, 0, 0]


def test_gif_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = Image.new("P", (8, 8), 0), Image.new("P", (8, 8), 1)
    for frame in (first, second):
        frame.putpalette([*RED, *GREEN])
    first.save(tmp_path / "two.gif", save_all=True, append_images=[second])
    assert colour(images.load(tmp_path / "two.gif").picture) == [255, 0, 0]


@pytest.mark.parametrize(
    ("suffix", "orientation"),
    [
        *product([".jpg", ".png", ".tif"], range(1, 9)),
        *product([".webp", ".avif"], [3, 6]),  # slow encoders, and the same way
    ],
)
def test_exif_is_turned_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned{suffix}"
    quadrants().save(path, exif=exif)
    with Image.open(path) as image:
        expected = tensor_of(ImageOps.exif_transpose(image))
    loaded = images.load(path)
    assert loaded.picture.shape == expected.shape
    assert (loaded.picture - expected).abs().max() < 0.01
    assert (expected.shape == (1, 3, 40, 24)) == (orientation > 4)  # the test turns at all


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_files_are_turned_upright(tmp_path: Path, orientation: int) -> None:
    samples = np.array(quadrants()).astype(np.uint16) * 257
    exif = Image.Exif()
    exif[0x0112] = orientation
    reference = quadrants()
    reference.getexif()[0x0112] = orientation
    expected = tensor_of(ImageOps.exif_transpose(reference))
    tiff = write(
        tmp_path / "a.tif", samples, photometric="rgb", extratags=[(274, "H", 1, orientation, True)]
    )
    png = write(tmp_path / "a.png", samples)
    png.write_bytes(with_chunk(png.read_bytes(), b"eXIf", exif.tobytes()[6:]))
    for path in (tiff, png):
        loaded = images.load(path)
        assert loaded.deep
        assert torch.equal(loaded.picture, expected), path.suffix


def test_grey_is_read(tmp_path: Path) -> None:
    for mode, value in (("L", 77), ("1", 1)):
        Image.new(mode, (3, 2), value).save(tmp_path / f"{mode}.png")
    assert colour(images.load(tmp_path / "L.png").picture) == [77, 77, 77]
    assert colour(images.load(tmp_path / "1.png").picture) == [255, 255, 255]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_with_alpha_is_read(tmp_path: Path, suffix: str) -> None:
    image = Image.new("LA", (2, 1), (100, 255))
    image.putpixel((1, 0), (100, 51))
    image.save(tmp_path / f"la{suffix}")
    loaded = images.load(tmp_path / f"la{suffix}")
    assert colour(loaded.picture) == [100, 100, 100]
    assert loaded.alpha is not None
    assert loaded.alpha.shape == (1, 1, 1, 2)
    assert (loaded.alpha * 255).round().flatten().tolist() == [255, 51]


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_palette_with_transparency_is_read(tmp_path: Path, suffix: str) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([*RED, *GREEN])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / f"p{suffix}", transparency=1)
    loaded = images.load(tmp_path / f"p{suffix}")
    assert loaded.alpha is not None
    assert loaded.alpha.flatten().tolist() == [1, 0]
    assert colour(loaded.picture, x=1) == [255, 0, 0]  # not the green that is hidden


def test_palette_with_alpha_for_every_colour_is_read(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([*RED, *RED])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "p.png", transparency=bytes([255, 128]))
    alpha = images.load(tmp_path / "p.png").alpha
    assert alpha is not None
    assert (alpha * 255).round().flatten().tolist() == [255, 128]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_colour_declared_transparent_is_read(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (2, 1), 10 if mode == "L" else (10, 20, 30))
    image.putpixel((1, 0), 99 if mode == "L" else (99, 98, 97))
    image.save(tmp_path / "t.png", transparency=99 if mode == "L" else (99, 98, 97))
    alpha = images.load(tmp_path / "t.png").alpha
    assert alpha is not None
    assert alpha.flatten().tolist() == [1, 0]


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk_without_a_profile_is_read(tmp_path: Path, suffix: str) -> None:
    Image.new("CMYK", (16, 16), (255, 0, 255, 0)).save(tmp_path / f"green{suffix}", quality=100)
    Image.new("CMYK", (16, 16), (0, 0, 0, 204)).save(tmp_path / f"dark{suffix}", quality=100)
    green = colour(images.load(tmp_path / f"green{suffix}").picture)
    assert green == pytest.approx([0, 255, 0], abs=2)
    dark = colour(images.load(tmp_path / f"dark{suffix}").picture)
    assert dark == pytest.approx([51, 51, 51], abs=2)


# Alpha


def test_opaque_alpha_is_none(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (1, 2, 3, 255)).save(tmp_path / "a.png")
    assert images.load(tmp_path / "a.png").alpha is None


def test_hidden_colours_do_not_bleed(tmp_path: Path) -> None:
    image = Image.new("RGBA", (30, 10), (0, 255, 0, 0))  # green that nobody sees
    image.paste((200, 10, 10, 255), (0, 0, 10, 10))
    image.paste((100, 10, 10, 255), (10, 0, 20, 10))
    image.save(tmp_path / "a.png")
    loaded = images.load(tmp_path / "a.png")
    assert colour(loaded.picture, x=0) == [200, 10, 10]
    assert colour(loaded.picture, x=25) == [150, 10, 10]  # the mean of what is seen
    assert resize(loaded.picture, (5, 15))[0, 1].max() < 0.05  # nor through resizing


def test_nothing_visible_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 255, 0, 0)).save(tmp_path / "a.png")
    assert colour(images.load(tmp_path / "a.png").picture) == [255, 255, 255]


# HEIC


def test_heic_is_read_with_its_extra(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif", reason="needs artgen[heic]")
    heif.from_pillow(quadrants(64, 64)).save(tmp_path / "a.heic", quality=95)
    assert colour(images.load(tmp_path / "a.heic").picture) == pytest.approx([255, 0, 0], abs=8)


def test_heic_without_its_extra_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "a.heic"
    path.write_bytes(struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert refused(path).hint == "Install it: pip install pillow-heif"


# EXIF


def photo_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = 6
    exif[0x0131] = "Old editor"
    exif[0x8769] = {0x9003: "2024:05:06 07:08:09", 0xA002: 9999, 0x927C: b"offsets"}
    exif[0x8825] = {1: "N", 2: (51.0, 28.0, 38.0)}
    read = Image.Exif()
    read.load(
        exif.tobytes()
    )  # Pillow cannot write directories below a TIFF before it has read them
    return read


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tif"])
def test_exif_comes_along_for_those_who_ask(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    quadrants().save(path, exif=photo_exif())
    kept = images.load(path).exif
    assert kept is not None
    exif = Image.Exif()
    exif.load(kept)
    assert exif[0x010F] == "Maker"
    assert exif.get_ifd(0x8825)[2] == (51.0, 28.0, 38.0)
    assert exif.get_ifd(0x8769) == {0x9003: "2024:05:06 07:08:09"}  # no old size, no maker notes
    assert 0x0112 not in exif  # the pixels are upright already
    assert 0x0131 not in exif


def test_broken_exif_is_not_fatal(tmp_path: Path) -> None:
    exif = photo_exif().tobytes()
    for broken in (exif[:40], exif[:6] + b"XX" + exif[8:], exif[:14] + b"\xff" * 60):
        quadrants().save(tmp_path / "a.jpg", exif=broken)
        assert images.load(tmp_path / "a.jpg").picture.shape == (1, 3, 24, 40)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_thumbnail(tmp_path: Path, suffix: str) -> None:
    quadrants(400, 600).save(tmp_path / f"a{suffix}")
    small = images.thumbnail(tmp_path / f"a{suffix}", 24)
    assert small.shape == (1, 3, 16, 24)
    assert colour(small, 2, 2) == pytest.approx([255, 0, 0], abs=4)
    assert colour(small, 13, 20) == pytest.approx([255, 255, 255], abs=4)


def test_thumbnail_does_not_enlarge(tmp_path: Path) -> None:
    quadrants(4, 6).save(tmp_path / "a.png")
    assert images.thumbnail(tmp_path / "a.png", 24).shape == (1, 3, 4, 6)


@pytest.mark.parametrize(
    ("kind", "mode", "most"),
    [
        *(("png", "RGB", 20), ("png", "RGBA", 30), ("gif", "P", 48), ("png", "L", 20)),
        *(("jpg", "CMYK", 25), ("psd", "RGBA", 48), ("exr", "RGB", 36), ("float.tif", "RGB", 36)),
    ],
)
def test_a_picture_takes_few_bytes_a_pixel_while_it_is_read(
    tmp_path: Path, kind: str, mode: str, most: int
) -> None:
    """The result has 12 of them, 16 with transparency: what else is there is measured."""
    pytest.importorskip("resource")
    side = 2400
    code = (
        "import sys\n"
        "from artgen import images\n"
        "from peak import peak\n"
        "images.load(sys.argv[2])\n"
        "before = peak()\n"
        "read = images.load(sys.argv[1]).pixels\n"
        "print(peak() - before)\n"
    )
    paths = []
    for folder, size in (("large", side), ("small", 64)):
        (tmp_path / folder).mkdir()
        colour = 3 if mode in "PL" else (9, 8, 7, 100)[: len(mode)]
        made = Image.new(mode, (size, size), colour)
        made.info.update({"transparency": 3} if mode == "P" else {})
        paths.append(str(encoded(kind, tmp_path / folder, made)))
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], cwd=TESTS, capture_output=True, text=True, check=True
    )
    assert 10 < int(done.stdout) / side**2 < most


def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")):

        def failing(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(reading, "picture_of", failing)
        for read in (images.load, lambda path: images.thumbnail(path, 4)):
            with pytest.raises(PictureError, match="too large for this machine's memory"):
                read(tmp_path / "a.png")


# Data


@pytest.mark.parametrize("suffix", [".png", ".tif", ".exr"])
def test_data_are_the_numbers_of_the_file(tmp_path: Path, suffix: str) -> None:
    """No profile, no curve, no colour behind alpha, nothing divided by alpha."""
    numbers = np.random.default_rng(1).random((6, 8, 4)).astype(np.float32)
    path = tmp_path / f"a{suffix}"
    if suffix == ".exr":
        path.write_bytes(encode(numbers, None, light=False))
    elif suffix == ".tif":
        write(path, numbers, photometric="rgb", extrasamples=["assocalpha"], iccprofile=SWAPPED)
    else:
        numbers = np.rint(numbers * 255).astype(np.float32) / 255
        Image.fromarray(to_bytes_of(numbers)).save(path, icc_profile=SWAPPED)
    (picture,) = images.load(path, reads="data").pictures
    assert picture.shape == (1, 4, 6, 8)
    assert torch.allclose(picture[0], torch.from_numpy(numbers).permute(2, 0, 1), atol=1e-6)


def to_bytes_of(numbers: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(numbers * 255).astype(np.uint8)


def test_a_layer_has_its_alpha_as_a_channel(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 3), (200, 100, 50, 128)).save(tmp_path / "a.png")
    (layer,) = images.load(tmp_path / "a.png", reads="layer").pictures
    assert (layer[0, :, 0, 0] * 255).round().tolist() == [200, 100, 50, 128]
    (plain,) = images.load(tmp_path / "a.png").pictures
    assert plain.shape[1] == 3
