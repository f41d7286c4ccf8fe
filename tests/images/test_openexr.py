"""OpenEXR: parts, layers, windows and chromaticities."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from artgen import images
from artgen.images.openexr import encode

from .samples import colour, refused

GREY = 0.2158605  # linear light of sRGB 128 of 255
P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.329))


def write(path: Path, channels: dict[str, Any], **header: Any) -> Path:
    told = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}
    buffer = BytesIO()
    OpenEXR.File(told, channels).write(buffer)
    path.write_bytes(buffer.getvalue())
    return path


def plane(value: float, kind: str = "float32") -> Any:
    return np.full((6, 8), value, kind)


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_one_is_white(tmp_path: Path, kind: str) -> None:
    channels = {"R": plane(1, kind), "G": plane(GREY, kind), "B": plane(0, kind)}
    loaded = images.load(write(tmp_path / "a.exr", channels))
    assert colour(loaded.picture) == pytest.approx([255, 128, 0], abs=0.1)


def test_light_above_white_is_compressed_and_keeps_its_hue(tmp_path: Path) -> None:
    light = np.zeros((6, 8, 3), np.float32)
    light[0, 0], light[0, 1], light[0, 2] = (8, 8, 8), (2, 1, 0), (0.5, 0.25, 0)
    picture = images.load(write(tmp_path / "a.exr", {"RGB": light})).picture
    assert colour(picture) == [255, 255, 255]  # the brightest place
    assert colour(picture, x=2) == pytest.approx([187.5, 137, 0], abs=0.5)  # as without it
    assert 187 < colour(picture, x=1)[0] < 255


def test_grey_and_layers_are_found(tmp_path: Path) -> None:
    assert colour(images.load(write(tmp_path / "y.exr", {"Y": plane(GREY)})).picture)[0] == 128
    layer = {"paint.R": plane(1), "paint.G": plane(0), "paint.B": plane(0), "Z": plane(50)}
    assert colour(images.load(write(tmp_path / "l.exr", layer)).picture) == [255, 0, 0]
    assert "no channels R, G and B" in refused(write(tmp_path / "z.exr", {"Z": plane(1)})).message


def test_the_display_window_is_the_picture(tmp_path: Path) -> None:
    window = (np.array([0, 0], np.int32), np.array([15, 11], np.int32))
    data = (np.array([4, 2], np.int32), np.array([11, 7], np.int32))
    channels = {name: plane(1) for name in "RGB"}
    path = write(tmp_path / "a.exr", channels, displayWindow=window, dataWindow=data)
    picture = images.load(path).picture
    assert picture.shape == (1, 3, 12, 16)
    assert images.size_of(path) == (12, 16)
    assert picture[0, 0].sum() == 48
    assert picture[0, 0, 2, 4] == picture[0, 0, 7, 11] == 1


def test_chromaticities_are_applied(tmp_path: Path) -> None:
    channels = {"R": plane(1), "G": plane(0), "B": plane(0)}
    wide = tuple(value for point in P3 for value in point)
    picture = images.load(write(tmp_path / "a.exr", channels, chromaticities=wide)).picture
    assert colour(picture) == [255, 0, 0]  # beyond sRGB's red
    green = {"R": plane(0.5), "G": plane(0.5), "B": plane(0)}
    picture = images.load(write(tmp_path / "b.exr", green, chromaticities=wide)).picture
    assert colour(picture)[0] == pytest.approx(188, abs=3)


def test_many_channels_are_refused(tmp_path: Path) -> None:
    channels = {f"layer{number}.Z": plane(0) for number in range(40)}
    assert "40 channels" in refused(write(tmp_path / "a.exr", channels)).message


def test_damaged_data_is_refused_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The package itself prints."""
    noise = np.random.default_rng(1).random((64, 64, 3)).astype(np.float32)
    path = write(tmp_path / "a.exr", {"RGB": noise})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged or cut short" in refused(path).message
    assert capfd.readouterr() == ("", "")


def test_parts_without_colours_are_passed_over(tmp_path: Path) -> None:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    depth = OpenEXR.Part({**header, "name": "depth"}, {"Z": plane(5)})
    colours = OpenEXR.Part(
        {**header, "name": "colours"}, {"R": plane(1), "G": plane(0), "B": plane(0)}
    )
    OpenEXR.File([depth, colours]).write(str(tmp_path / "a.exr"))
    assert colour(images.load(tmp_path / "a.exr").picture) == [255, 0, 0]


def test_encode_writes_what_the_samples_are() -> None:
    samples = np.random.default_rng(1).random((5, 7, 1)).astype(np.float32)
    again = OpenEXR.File(BytesIO(encode(samples, "a = 1")))
    assert np.array_equal(again.channels()["Y"].pixels, samples[..., 0])
    assert again.header()["artgen"] == "a = 1"


def test_infinite_light_is_as_bright_as_the_brightest(tmp_path: Path) -> None:
    light = np.full((4, 4, 3), 0.5, np.float32)
    light[0, 0], light[1, 1] = np.inf, np.nan
    (tmp_path / "a.exr").write_bytes(encode(light, None, light=False))
    shown = images.load(tmp_path / "a.exr").picture[0, 0]
    assert shown[0, 0] == shown[3, 3] > 0.7
    assert shown[1, 1] == 0
