"""Files of 16 bits and other depths: nothing of them is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from artgen import images

from .samples import colour, quadrants, refused, write


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


@pytest.mark.parametrize("kind", ["int16", "int32", "complex64"])
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
