"""HDR pictures: what is no brighter than white keeps its colour, what is brighter its hue."""

from __future__ import annotations

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from artgen import images
from artgen.images.metadata import png_chunk

HEADER = 33  # bytes of a PNG's signature and IHDR
TO_WIDE = np.array(((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956)))


def pq(light: np.ndarray) -> np.ndarray:
    """Light in cd/m2 as SMPTE ST 2084 codes it."""
    power = np.power(np.maximum(light, 0) / 10_000, 0.1593017578125)
    return np.power((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power), 78.84375)


def hlg(light: np.ndarray) -> np.ndarray:
    """Light in cd/m2 as ARIB STD-B67 codes it for a screen of 1000."""
    level = np.maximum(light @ (0.2627, 0.6780, 0.0593), 1e-9) / 1000
    scene = light / 1000 * level ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * np.maximum(scene, 0)), high)


def hdr_file(
    path: Path, srgb: tuple[int, ...], code: int, bits: int = 16, nits: float = 203
) -> Path:
    """A PNG of one sRGB colour, coded for a white of so many cd/m2."""
    value = np.array(srgb) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    light = TO_WIDE @ linear * nits
    coded = hlg(light) if code == 18 else pq(light)
    kind = np.uint16 if bits == 16 else np.uint8
    samples = np.broadcast_to(np.rint(coded * (2**bits - 1)).astype(kind), (6, 8, 3))
    data = bytes(imagecodecs.png_encode(np.ascontiguousarray(samples)))
    chunk = png_chunk(b"cICP", struct.pack("4B", 9, code, 0, 1))
    path.write_bytes(data[:HEADER] + chunk + data[HEADER:])
    return path


@pytest.mark.parametrize("code", [16, 18])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour", [(128, 128, 128), (32, 191, 64), (150, 10, 10)])
def test_colours_of_a_screen_come_back(
    tmp_path: Path, code: int, bits: int, colour: tuple[int, ...]
) -> None:
    loaded = images.load(hdr_file(tmp_path / "in.png", colour, code, bits))
    found = loaded.picture[0, :, 0, 0] * 255
    assert found.tolist() == pytest.approx(colour, abs=3 if bits == 16 else 9)
    assert "HDR" in loaded.notes[0]


def test_what_is_brighter_than_white_is_not_lost(tmp_path: Path) -> None:
    white, sun = (
        images.load(hdr_file(tmp_path / "in.png", (255,) * 3, 16, nits=nits)).picture.mean()
        for nits in (203, 900)
    )
    assert 0.9 < white < sun <= 1


def test_a_png_that_says_it_is_srgb_is_taken_as_it_is(tmp_path: Path) -> None:
    loaded = images.load(hdr_file(tmp_path / "in.png", (200, 100, 50), 13))
    assert loaded.notes == ()
    assert loaded.picture[0, 0, 0, 0] < 0.75
