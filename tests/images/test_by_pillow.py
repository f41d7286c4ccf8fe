"""What Pillow decodes, and where imagecodecs steps in."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from artgen import images
from artgen.images import by_pillow

from .encoders import DX10, bc4, dds_head, encoded, psd
from .samples import SWAPPED, colour, quadrants


def test_jpeg_2000_keeps_its_16_bits(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 1024).astype(np.uint16)[None, :, None], (8, 1, 3))
    (tmp_path / "a.jp2").write_bytes(imagecodecs.jpeg2k_encode(ramp, level=0))
    loaded = images.load(tmp_path / "a.jp2")
    assert loaded.deep
    assert loaded.picture[0, 0, 0].unique().numel() == 1024


def test_jpeg_2000_of_12_bits_is_as_bright(tmp_path: Path) -> None:
    samples = np.full((16, 16, 3), 4095, np.uint16)
    data = imagecodecs.jpeg2k_encode(samples, level=0, bitspersample=12)
    (tmp_path / "a.jp2").write_bytes(data)
    assert colour(images.load(tmp_path / "a.jp2").picture) == [255, 255, 255]


def test_the_profile_of_jpeg_2000_is_applied(tmp_path: Path) -> None:
    whole = encoded("jp2", tmp_path).read_bytes()
    start = whole.index(b"colr") - 4
    box = b"colr\x02\0\0" + SWAPPED
    length = len(box) + 4
    inner = int.from_bytes(whole[start : start + 4], "big")
    outer = whole.index(b"jp2h") - 4
    grown = int.from_bytes(whole[outer : outer + 4], "big") + length - inner
    data = whole[:outer] + grown.to_bytes(4, "big") + whole[outer + 4 : start]
    data += length.to_bytes(4, "big") + box + whole[start + inner :]
    (tmp_path / "b.jp2").write_bytes(data)
    assert colour(images.load(tmp_path / "b.jp2").picture) == pytest.approx([0, 0, 255], abs=2)


def test_bc4_is_grey_and_bc6h_linear_light(tmp_path: Path) -> None:
    (tmp_path / "a.dds").write_bytes(bc4(Image.new("RGB", (8, 8), (100, 0, 0))))
    assert colour(images.load(tmp_path / "a.dds").picture) == pytest.approx([100] * 3, abs=1)
    block = bytes(range(16)) * 4
    (tmp_path / "b.dds").write_bytes(dds_head(DX10["BC6H"], 8, 8) + block)
    light = imagecodecs.bcn_decode(block, 6, shape=(8, 8, 3))
    loaded = images.load(tmp_path / "b.dds")
    assert loaded.deep
    assert loaded.picture.shape == (1, 3, 8, 8)
    brightest = np.unravel_index(light.max(-1).argmax(), (8, 8))
    assert loaded.picture[0, :, brightest[0], brightest[1]].max() > 0.999


@pytest.mark.parametrize(("width", "height"), [(6, 6), (5, 7), (1, 3)])
def test_bc6h_of_sides_that_are_no_multiple_of_four(
    width: int, height: int, tmp_path: Path
) -> None:
    across, down = -(-width // 4), -(-height // 4)
    blocks = np.random.default_rng(0).bytes(16 * across * down)
    seen = []
    for size in ((width, height), (4 * across, 4 * down)):
        path = tmp_path / "a.dds"
        path.write_bytes(dds_head(DX10["BC6H"], *size) + blocks)
        with path.open("rb") as file:
            seen.append(by_pillow.decode(file, path, 100).samples)
    cut, whole = seen
    assert cut.shape == (height, width, 3)
    assert np.array_equal(cut, whole[:height, :width], equal_nan=True)


def test_a_psd_on_white_gets_its_own_colours(tmp_path: Path) -> None:
    """Photoshop lays the merged picture on white."""
    own, cover = np.array([200, 100, 60]), 128
    laid = np.rint(own * cover / 255 + 255 - cover).astype(int)
    (tmp_path / "a.psd").write_bytes(psd(Image.new("RGBA", (8, 8), (*laid.tolist(), cover))))
    seen = colour(images.load(tmp_path / "a.psd").picture)
    assert seen == pytest.approx(own.tolist(), abs=2)


def test_large_qoi_is_fast(tmp_path: Path) -> None:
    """Pillow's decoder is all Python."""
    image = quadrants(2000, 3000)
    (tmp_path / "a.qoi").write_bytes(imagecodecs.qoi_encode(np.asarray(image)))
    began = time.process_time()
    images.load(tmp_path / "a.qoi")
    assert time.process_time() - began < 4


def test_the_largest_of_an_icons_pictures_is_taken(tmp_path: Path) -> None:
    buffer = BytesIO()
    quadrants(64, 64).save(buffer, "ICO", sizes=[(16, 16), (64, 64), (32, 32)])
    (tmp_path / "a.ico").write_bytes(buffer.getvalue())
    assert images.load(tmp_path / "a.ico").picture.shape == (1, 3, 64, 64)
