"""Pictures in: every kind of file that should be read is, and every kind that should not says why.

All files are made here, so that each test knows the colours it must find.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import threading
import warnings
import zlib
from itertools import product
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from artgen import images
from artgen.errors import PictureError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# A wider green than sRGB's, as on phones (Display P3's primaries).
P3 = imagecodecs.cms_profile(
    "rgb",
    whitepoint=(0.3127, 0.329, 1.0),
    primaries=(0.68, 0.32, 1, 0.265, 0.69, 1, 0.15, 0.06, 1),
    gamma=2.2,
)
# sRGB with red and blue swapped: nobody can mistake whether it was applied.
SWAPPED = imagecodecs.cms_profile(
    "rgb",
    whitepoint=(0.3127, 0.329, 1.0),
    primaries=(0.15, 0.06, 1, 0.3, 0.6, 1, 0.64, 0.33, 1),
    gamma=2.2,
)


def colour(picture: Tensor, y: int = 0, x: int = 0) -> list[float]:
    """One pixel, in levels of 255."""
    return [round(value, 1) for value in (picture[0, :, y, x] * 255).tolist()]


def write(path: Path, samples: NDArray[np.generic], **options: object) -> Path:
    """A 16-bit (or other) TIFF or PNG."""
    if path.suffix == ".png":
        path.write_bytes(imagecodecs.png_encode(samples))
    else:
        tifffile.imwrite(path, samples, metadata=None, **options)  # type: ignore[arg-type]
    return path


def with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return png[:33] + chunk + png[33:]


def quadrants(height: int = 24, width: int = 40) -> Image.Image:
    """Red, green over blue, white: each way of turning and mirroring looks different."""
    image = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for at, fill in (
        ((0, 0), RED),
        ((half[0], 0), GREEN),
        ((0, half[1]), BLUE),
        (half, WHITE),
    ):
        image.paste(fill, (*at, at[0] + half[0], at[1] + half[1]))
    return image


def tensor_of(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)[None] / 255


def refused(path: Path, **options: int) -> PictureError:
    """The error, which must be one sentence with a hint, and of load() and no other."""
    with pytest.raises(PictureError) as caught:
        images.load(path, **options)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert str(path) in caught.value.message
    return caught.value


# What is read


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


# 16 bits


def ramp16(channels: int) -> NDArray[np.uint16]:
    """A ramp of 1024 levels, none of them one of the 256."""
    ramp = np.linspace(1, 65534, 1024).astype(np.uint16)
    return np.tile(ramp[None, :, None], (3, 1, channels))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_16_bits_are_read_at_full_depth(tmp_path: Path, suffix: str, channels: int) -> None:
    samples = ramp16(channels).squeeze()
    path = write(tmp_path / f"deep{suffix}", samples)
    loaded = images.load(path)
    assert loaded.deep
    assert loaded.alpha is None
    expected = torch.from_numpy(ramp16(3).astype(np.float32) / 65535).permute(2, 0, 1)[None]
    assert torch.equal(loaded.picture, expected)


@pytest.mark.parametrize("channels", [2, 4])
def test_16_bit_png_with_alpha_is_read(tmp_path: Path, channels: int) -> None:
    samples = ramp16(channels)
    samples[..., -1] = 65535
    samples[0, :, -1] = 32768
    loaded = images.load(write(tmp_path / "deep.png", samples))
    assert loaded.alpha is not None
    assert loaded.alpha[0, 0, :2, 0].tolist() == pytest.approx([32768 / 65535, 1])
    assert loaded.picture[0, 0, 1].unique().numel() == 1024


def test_grey_16_from_pillow_is_read(tmp_path: Path) -> None:
    for suffix in (".png", ".tif"):
        path = tmp_path / f"grey{suffix}"
        Image.fromarray(ramp16(1)[..., 0]).save(path)
        assert images.load(path).picture[0, 1, 0].unique().numel() == 1024, suffix


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "rgb", "planarconfig": "separate"},
        {"photometric": "rgb", "compression": "lzw", "predictor": True},
        {"photometric": "rgb", "compression": "zlib", "tile": (16, 16)},
        {"photometric": "rgb", "bigtiff": True},
        {"photometric": "rgb", "byteorder": ">"},
    ],
    ids=["planes", "lzw", "tiles", "bigtiff", "big endian"],
)
def test_kinds_of_deep_tiff(tmp_path: Path, options: dict[str, object]) -> None:
    samples = ramp16(3)
    samples[..., 1] //= 2
    stored = np.moveaxis(samples, 2, 0) if "planarconfig" in options else samples
    picture = images.load(write(tmp_path / "a.tif", stored, **options)).picture
    assert torch.equal(
        picture, torch.from_numpy(samples.astype(np.float32) / 65535).permute(2, 0, 1)[None]
    )


def test_white_is_zero_in_some_tiffs(tmp_path: Path) -> None:
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535)):
        samples = np.array([[0, top]], dtype)
        path = write(tmp_path / "white.tif", samples, photometric="miniswhite")
        assert images.load(path).picture[0, 0].flatten().tolist() == [1, 0]


def test_premultiplied_alpha_is_divided_out(tmp_path: Path) -> None:
    samples = np.array([[[20000, 10000, 0, 32768], [0, 0, 0, 65535]]], np.uint16)
    path = write(tmp_path / "a.tif", samples, photometric="rgb", extrasamples=["assocalpha"])
    loaded = images.load(path)
    assert loaded.alpha is not None
    a = 32768 / 65535
    # Straight 40000 (of 65535), then shown on the mean: (20000 + 0) / (a + 1).
    expected = 20000 / 65535 + (1 - a) * (20000 / 65535) / (a + 1)
    assert loaded.picture[0, 0, 0, 0].item() == pytest.approx(expected, abs=1e-4)


def test_extra_channels_that_are_no_alpha_are_dropped(tmp_path: Path) -> None:
    samples = np.full((4, 4, 4), 1000, np.uint16)
    path = write(tmp_path / "a.tif", samples, photometric="rgb", extrasamples=[0])
    loaded = images.load(path)
    assert loaded.alpha is None
    assert loaded.picture.shape == (1, 3, 4, 4)


def test_deep_cmyk_is_read(tmp_path: Path) -> None:
    samples = np.zeros((2, 2, 4), np.uint16)
    samples[..., 0] = 65535
    path = write(tmp_path / "a.tif", samples, photometric="separated")
    assert colour(images.load(path).picture) == [0, 255, 255]


@pytest.mark.parametrize("kind", ["float32", "int16", "uint32"])
def test_other_samples_are_refused(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a.tif", np.ones((4, 4, 3), kind), photometric="rgb")
    assert "samples" in refused(path).message


def test_kinds_of_8_bit_tiff(tmp_path: Path) -> None:
    for mode in ("1", "P", "L", "RGB"):
        for compression in ("raw", "tiff_lzw", "packbits"):
            path = tmp_path / f"{mode}-{compression}.tif"
            quadrants().convert(mode).save(path, compression=compression)
            assert colour(images.load(path).picture, 23, 39) == [255, 255, 255], path.name
    quadrants().convert("YCbCr").save(tmp_path / "y.tif", compression="jpeg", quality=95)
    assert colour(images.load(tmp_path / "y.tif").picture) == pytest.approx([255, 0, 0], abs=6)


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
    assert images.resize(loaded.picture, (5, 15))[0, 1].max() < 0.05  # nor through resizing


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
    assert refused(path).hint == "Install it: pip install 'artgen[heic]'"


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


# What is refused


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


@pytest.mark.parametrize("content", [b"hello, world", b"%PDF-1.7", b"\0" * 1000, b"P6 1 1 255 abc"])
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


# Thumbnails and sizes


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


def test_fit() -> None:
    assert images.fit((3000, 4000), 1000) == (750, 1000)
    assert images.fit((4000, 3000), 1000) == (1000, 750)
    assert images.fit((10, 20), 40) == (20, 40)
    assert images.fit((10, 20000), 512) == (1, 512)
    assert images.fit((1, 1), 512) == (512, 512)


def test_resize() -> None:
    checks = (torch.arange(64)[:, None] + torch.arange(64)).remainder(2).float()
    checks = checks.expand(1, 3, 64, 64)
    small = images.resize(checks, (16, 16))
    assert small.shape == (1, 3, 16, 16)
    assert (small[..., 2:-2, 2:-2] - 0.5).abs().max() < 0.02  # averaged, not picked
    edge = torch.zeros(1, 1, 8, 8)
    edge[..., 4:] = 1
    large = images.resize(edge, (33, 47))
    assert large.shape == (1, 1, 33, 47)
    assert large.min() >= 0
    assert large.max() <= 1  # bicubic overshoots
    assert torch.equal(images.resize(checks, (64, 64)), checks)


def test_to_bytes() -> None:
    picture = torch.tensor([0.5, -0.2, 1.7]).view(1, 3, 1, 1).expand(1, 3, 4, 5)
    samples = images.to_bytes(picture)
    assert samples.dtype == np.uint8
    assert samples.shape == (4, 5, 3)
    assert samples[0, 0].tolist() == [128, 0, 255]
    assert images.to_bytes(torch.full((1, 3, 1, 1), float("nan"))).max() == 0
    assert images.to_bytes(picture.bfloat16())[0, 0].tolist() == [128, 0, 255]
