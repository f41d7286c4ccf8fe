"""PGM, PPM and PFM at their full depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from artgen import images

from .samples import colour, quadrants, refused


@pytest.mark.parametrize(
    ("head", "data", "expected"),
    [
        (b"P5 2 1 255\n", b"\x00\x80", [0, 128 / 255]),
        (b"P5\n# a comment 9 9\n2 1\n65535\n", b"\x80\x00\xff\xff", [32768 / 65535, 1]),
        (b"P5 2 1 100\n", bytes([50, 100]), [128 / 255, 1]),
        (b"P5 2 1 1023\n", b"\x01\xff\x03\xff", [511 / 1023, 1]),
        (b"P2 2 1 255\n", b"0 255", [0, 1]),
        (b"P1 2 1\n", b"1 0", [0, 1]),
        (b"P4 2 1\n", b"\x80", [0, 1]),
    ],
)
def test_grey(tmp_path: Path, head: bytes, data: bytes, expected: list[float]) -> None:
    (tmp_path / "a.pgm").write_bytes(head + data)
    picture = images.load(tmp_path / "a.pgm").picture
    assert picture.shape == (1, 3, 1, 2)
    assert images.size_of(tmp_path / "a.pgm") == (1, 2)
    assert picture[0, 0, 0].tolist() == pytest.approx(expected, abs=1e-4)


def test_16_bit_colours(tmp_path: Path) -> None:
    samples = np.asarray(quadrants(), np.uint16) * 257
    (tmp_path / "a.ppm").write_bytes(b"P6 40 24 65535\n" + samples.astype(">u2").tobytes())
    loaded = images.load(tmp_path / "a.ppm")
    assert loaded.deep
    assert colour(loaded.picture, 23, 0) == [0, 0, 255]


@pytest.mark.parametrize(("scale", "order"), [(b"-1.0", "<f4"), (b"1.0", ">f4")])
def test_pfm_is_linear_light_from_the_bottom(tmp_path: Path, scale: bytes, order: str) -> None:
    light = np.zeros((2, 3, 3), order)
    light[0] = 0.2158605  # the first row is the lowest
    (tmp_path / "a.pfm").write_bytes(b"PF\n3 2\n" + scale + b"\n" + light.tobytes())
    picture = images.load(tmp_path / "a.pfm").picture
    assert colour(picture, 1) == pytest.approx([128] * 3, abs=0.1)
    assert colour(picture, 0) == [0, 0, 0]


@pytest.mark.parametrize(
    "head", [b"P5 2 1 0\n", b"P5 2 1 70000\n", b"P6 2 1 255\n", b"P5 0 0 255\n"]
)
def test_what_is_none(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.ppm").write_bytes(head + b"\x01\x02")
    refused(tmp_path / "a.ppm")
