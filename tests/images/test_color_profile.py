"""Colour profiles become sRGB, at every depth and for every space."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from artgen import images

from .samples import P3, SWAPPED, colour, with_chunk, write


def cmyk_profile() -> bytes:
    """A press whose cyan is red: a table of 2 x 2 x 2 x 2 colours in Lab, red where there is cyan,
    else paper white; black ink darkens.
    """
    table = b""
    for index in range(16):  # the last ink changes fastest
        cyan, black = index & 8, index & 1
        if black:
            table += bytes([0, 128, 128])
        else:
            table += bytes([round(0.54 * 255), 128 + 81, 128 + 70] if cyan else [255, 128, 128])
    curve = bytes(range(256))
    identity = struct.pack(">9i", *[65536 * (i % 4 == 0) for i in range(9)])
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + curve * 4 + table + curve * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    lut += bytes(-len(lut) % 4)
    tags, body = b"", b""
    at = 128 + 4 + 2 * 12
    for name, data in ((b"A2B0", lut), (b"wtpt", white)):
        tags += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    header = struct.pack(">I", size) + b"\0\0\0\0" + b"\x02\x10\0\0" + b"prtrCMYKLab "
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", 2) + tags + body


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk_goes_through_its_profile(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"press{suffix}"
    Image.new("CMYK", (16, 16), (255, 0, 0, 0)).save(path, icc_profile=cmyk_profile(), quality=100)
    red, green, blue = colour(images.load(path).picture)  # by the plain rule: 0, 255, 255
    assert red > 240
    assert green < 40
    assert blue < 40


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif", ".tif"])
def test_profiles_are_converted_to_srgb(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"swapped{suffix}"
    Image.new("RGB", (16, 16), (240, 30, 30)).save(path, icc_profile=SWAPPED, quality=98)
    red, _, blue = colour(images.load(path).picture)
    assert red < 60
    assert blue > 220


def test_display_p3_becomes_more_saturated(tmp_path: Path) -> None:
    for name, profile in (("p3", P3), ("none", None)):
        Image.new("RGB", (4, 4), (100, 180, 100)).save(
            tmp_path / f"{name}.png", icc_profile=profile
        )
    plain = colour(images.load(tmp_path / "none.png").picture)
    assert plain == [100, 180, 100]
    red, green, _ = colour(images.load(tmp_path / "p3.png").picture)
    assert red < 85
    assert 178 < green < 186


def test_conversion_of_8_bits_does_not_band(tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    dim = imagecodecs.cms_profile(
        "rgb",
        whitepoint=(0.3127, 0.329, 1.0),
        primaries=(0.64, 0.33, 1, 0.3, 0.6, 1, 0.15, 0.06, 1),
        gamma=1.6,
    )
    Image.fromarray(ramp).save(tmp_path / "ramp.png", icc_profile=dim)
    loaded = images.load(tmp_path / "ramp.png")
    assert loaded.picture[0, 0, 0].unique().numel() == 256  # as 8 bits some would fall together


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_profiles_work_at_16_bits(tmp_path: Path, suffix: str) -> None:
    ramp = np.zeros((4, 1024, 3), np.uint16)
    ramp[..., 0] = np.linspace(0, 65535, 1024)
    path = tmp_path / f"deep{suffix}"
    if suffix == ".png":
        write(path, ramp)
        profile = b"name\0\0" + zlib.compress(SWAPPED)
        path.write_bytes(with_chunk(path.read_bytes(), b"iCCP", profile))
    else:
        write(path, ramp, photometric="rgb", iccprofile=SWAPPED)
    picture = images.load(path).picture
    assert picture[0, 2, 0, -1] > 0.9
    assert picture[0, 2, 0].unique().numel() > 900


def test_grey_goes_through_its_profile(tmp_path: Path) -> None:
    linear = imagecodecs.cms_profile("gray", gamma=1.0)
    Image.new("L", (4, 4), 55).save(tmp_path / "linear.png", icc_profile=linear)
    assert colour(images.load(tmp_path / "linear.png").picture) == pytest.approx([128] * 3, abs=1)


def test_grey_goes_through_a_profile_for_rgb(tmp_path: Path) -> None:
    """As some programs tag it. Linear light: 55 of 255 is middle grey."""
    primaries = (0.64, 0.33, 1, 0.3, 0.6, 1, 0.15, 0.06, 1)
    linear = imagecodecs.cms_profile(
        "rgb", whitepoint=(0.3127, 0.329, 1.0), primaries=primaries, gamma=1.0
    )
    Image.new("L", (4, 4), 55).save(tmp_path / "linear.png", icc_profile=linear)
    assert colour(images.load(tmp_path / "linear.png").picture) == pytest.approx([128] * 3, abs=1)


def test_a_profile_leaves_alpha_alone(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2, 1), (240, 30, 30, 255))
    image.putpixel((1, 0), (240, 30, 30, 100))
    image.save(tmp_path / "a.png", icc_profile=SWAPPED)
    loaded = images.load(tmp_path / "a.png")
    assert loaded.alpha is not None
    assert (loaded.alpha * 255).round().flatten().tolist() == [255, 100]
    assert loaded.picture[0, 2, 0, 0] > 0.85


@pytest.mark.parametrize(
    "profile",
    [b"x", b"garbage" * 100, P3[:200], P3[:-40], imagecodecs.cms_profile("gray", gamma=1.0)],
    ids=["tiny", "garbage", "cut", "nearly", "grey for RGB"],
)
def test_broken_profiles_are_ignored(tmp_path: Path, profile: bytes) -> None:
    Image.new("RGB", (4, 4), (10, 200, 30)).save(tmp_path / "a.tif", icc_profile=profile)
    assert colour(images.load(tmp_path / "a.tif").picture) == pytest.approx([10, 200, 30], abs=3)
