"""TIFF: floats are linear light, or what their profile says; see test_depth.py for integers."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from artgen import images
from artgen.images.tiff import head

from .samples import SWAPPED, colour, write

GREY = 0.2158605  # linear light of sRGB 128 of 255


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_floats_are_linear_light(tmp_path: Path, kind: str) -> None:
    samples = np.full((4, 4, 3), GREY, kind)
    loaded = images.load(write(tmp_path / "a.tif", samples, photometric="rgb"))
    assert colour(loaded.picture) == pytest.approx([128] * 3, abs=0.1)
    assert loaded.deep


def test_exposure_is_in_stops(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.full((4, 4, 3), GREY / 4, np.float32), photometric="rgb")
    loaded = images.load(path, exposure=2)
    assert colour(loaded.picture) == pytest.approx([128] * 3, abs=0.1)
    assert loaded.exposure == 2


def test_a_profile_of_floats_is_applied(tmp_path: Path) -> None:
    srgb = imagecodecs.cms_profile("srgb")
    samples = np.zeros((4, 4, 3), np.float32)
    samples[..., 0] = 128 / 255
    path = write(tmp_path / "a.tif", samples, photometric="rgb", iccprofile=srgb)
    assert colour(images.load(path).picture) == pytest.approx([128, 0, 0], abs=0.2)
    path = write(tmp_path / "b.tif", samples, photometric="rgb", iccprofile=SWAPPED)
    assert colour(images.load(path).picture)[2] > 100  # red and blue change places


def test_32_bit_integers_are_read(tmp_path: Path) -> None:
    samples = np.array([[[0, 2**31, 2**32 - 1]]], np.uint32)
    picture = images.load(write(tmp_path / "a.tif", samples, photometric="rgb")).picture
    assert picture.flatten().tolist() == pytest.approx([0, 0.5, 1], abs=1e-4)


def test_what_is_no_number_is_black_and_infinite_is_white(tmp_path: Path) -> None:
    samples = np.array([[[np.nan] * 3, [np.inf] * 3, [-1.0] * 3, [0.5] * 3]], np.float32)
    picture = images.load(write(tmp_path / "a.tif", samples, photometric="rgb")).picture
    assert picture[0, 0, 0, [0, 2]].tolist() == [0, 0]
    assert 0.7 < picture[0, 0, 0, 1] <= 1


def test_head_has_size_and_orientation(tmp_path: Path) -> None:
    tags = [(274, "H", 1, 6, True)]
    path = write(tmp_path / "a.tif", np.zeros((3, 5), np.uint8), extratags=tags)
    with path.open("rb") as file:
        found = head(file, path)
    assert (found.size, found.orientation, found.recipe) == ((3, 5), 6, None)
