"""JPEG XL: its header is read here, since imagecodecs tells nothing of it."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from artgen import images
from artgen.images.jpeg_xl import _Bits, _colours

from .encoders import light_of
from .samples import colour, quadrants, refused


def coded(*parts: tuple[int, int]) -> _Bits:
    """A stream of values, each with its number of bits."""
    value = at = 0
    for number, count in parts:
        value, at = value | number << at, at + count
    return _Bits(value.to_bytes(at // 8 + 1, "little"))


def enum(value: int) -> tuple[tuple[int, int], ...]:
    return ((value, 2),) if value < 2 else ((2, 2), (value - 2, 4))


@pytest.mark.parametrize(
    "size", [(8, 8), (24, 40), (256, 256), (1, 1), (1080, 1920), (3, 700), (4000, 6000), (480, 640)]
)
@pytest.mark.parametrize("container", [False, True])
def test_every_coding_of_a_size(tmp_path: Path, size: tuple[int, int], container: bool) -> None:
    samples = np.zeros((*size, 3), np.uint8)
    path = tmp_path / "a.jxl"
    path.write_bytes(imagecodecs.jpegxl_encode(samples, effort=1, usecontainer=container))
    assert images.size_of(path) == size


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("lossless", [True, False])
def test_every_kind_of_samples(tmp_path: Path, channels: int, kind: str, lossless: bool) -> None:
    top = 1 if kind == "float32" else np.iinfo(kind).max
    samples = (np.full((16, 24, channels), 0.5) * top).astype(kind)
    data = imagecodecs.jpegxl_encode(samples.squeeze(), lossless=lossless)
    (tmp_path / "a.jxl").write_bytes(data)
    loaded = images.load(tmp_path / "a.jxl")
    assert loaded.deep == (kind != "uint8")
    assert (loaded.alpha is not None) == (channels in (2, 4))
    # imagecodecs labels what is deeper than 8 bits as linear light, whatever it was.
    expected = 127.5 if kind == "uint8" else 187.5
    assert colour(loaded.picture) == pytest.approx([expected] * 3, abs=1.5)


def test_exif_orientation_and_recipe_come_along(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    images.save(
        images.load(_plain(tmp_path)).picture, tmp_path / "b.jxl", exif=exif.tobytes(), recipe="x"
    )
    loaded = images.load(tmp_path / "b.jxl")
    assert loaded.exif is not None
    assert b"Maker" in loaded.exif
    assert images.read_recipe(tmp_path / "b.jxl") == "x"


def _plain(folder: Path) -> Path:
    path = folder / "a.jxl"
    path.write_bytes(imagecodecs.jpegxl_encode(np.asarray(quadrants()), lossless=True))
    return path


def test_colours_by_number_and_of_their_own() -> None:
    srgb = _colours(coded((1, 1)))
    assert (srgb.curve, srgb.icc, srgb.grey) == (13, False, False)
    rgb = ((0, 1), (0, 1), *enum(0), *enum(1))  # own colours, no ICC, RGB, D65
    wide = _colours(coded(*rgb, *enum(11), (0, 1), *enum(13)))
    assert wide.primaries[:2] == (0.68, 0.32)
    hdr = _colours(coded(*rgb, *enum(9), (0, 1), *enum(16)))
    assert hdr.curve == 16
    gamma = _colours(coded(*rgb, *enum(1), (1, 1), (4545455, 24)))
    assert gamma.gamma == pytest.approx(1 / 2.2, abs=1e-6)
    assert _colours(coded((0, 1), (1, 1), *enum(0))).icc
    grey = _colours(coded((0, 1), (0, 1), *enum(1), *enum(1), (0, 1), *enum(8)))
    assert (grey.grey, grey.curve) == (True, 8)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    frames[0, ..., 0], frames[1, ..., 1] = 255, 255
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(frames, lossless=True))
    loaded = images.load(tmp_path / "a.jxl")
    assert colour(loaded.picture) == [255, 0, 0]
    assert "animated" in loaded.notes[0]


def test_a_container_without_a_picture_is_refused(tmp_path: Path) -> None:
    start = b"\0\0\0\x0cJXL \r\n\x87\n"
    for rest in (b"", b"\0\0\0\x14ftypjxl \0\0\0\0jxl ", b"\xff\xff\xff\xffjxlc", bytes(100)):
        (tmp_path / "a.jxl").write_bytes(start + rest)
        refused(tmp_path / "a.jxl")


def test_the_light_of_floats_is_as_it_was(tmp_path: Path) -> None:
    light = light_of(quadrants())
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(light, lossless=True))
    assert colour(images.load(tmp_path / "a.jxl").picture) == [255, 0, 0]
