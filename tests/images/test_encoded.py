"""Every format of the table is read from a real encoder's file, and every format written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from artgen import images
from artgen.images.formats import FORMATS

from .encoders import ENCODERS, EXTRAS, LOSSY, OPAQUE, encoded
from .outputs import RECIPE, gradient
from .samples import quadrants, refused, tensor_of

TESTS = Path(__file__).parents[1]
KINDS = [
    pytest.param(
        kind,
        marks=pytest.mark.skipif(
            kind in EXTRAS and find_spec(EXTRAS[kind]) is None, reason="needs an extra of artgen"
        ),
    )
    for kind in ENCODERS
]
MEMORY = 64 << 20  # bytes that reading a picture of at most 100,000 pixels may take


def test_every_format_has_an_encoder() -> None:
    given = {Path(f"x.{kind}").suffix for kind in ENCODERS}
    assert [one.name for one in FORMATS if given.isdisjoint(one.suffixes)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_each_kind_is_read(tmp_path: Path, kind: str) -> None:
    path = encoded(kind, tmp_path)
    loaded = images.load(path)
    assert loaded.picture.shape == (1, 3, 24, 40)
    assert images.size_of(path) == (24, 40)
    assert images.read_recipe(path) is None
    inner = (loaded.picture - tensor_of(quadrants())).abs()[..., 4:8, 4:8]
    assert inner.max() * 255 <= (2 if kind in LOSSY else 0) + 1e-3


@pytest.mark.parametrize("kind", [one for one in KINDS if one.values[0] not in OPAQUE])
def test_transparency_of_each_kind_is_read(tmp_path: Path, kind: str) -> None:
    image = quadrants().convert("RGBA")
    image.paste((255, 0, 0, 0), (20, 0, 40, 24))  # the left half stays
    loaded = images.load(encoded(kind, tmp_path, image))
    assert loaded.alpha is not None
    assert loaded.alpha[0, 0, 5, [5, 35]].tolist() == pytest.approx([1, 0], abs=0.01)
    assert (loaded.picture[0, :, 5, 5] - torch.tensor([1.0, 0, 0])).abs().max() * 255 <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_half_transparent_colours_are_straight(tmp_path: Path, kind: str) -> None:
    """Formats that multiply colours by alpha (EXR), or lay them on white (PSD), are undone."""
    if kind in OPAQUE or kind in ("bc1.dds", "bc2.dds"):
        kind = "png"
    image = Image.new("RGBA", (40, 24), (200, 100, 60, 128))
    loaded = images.load(encoded(kind, tmp_path, image))
    assert loaded.alpha is not None
    assert (loaded.alpha * 255 - 128).abs().max() <= 2
    seen = loaded.picture[0, :, 5, 5] * 255
    assert (seen - torch.tensor([200.0, 100, 60])).abs().max() <= (8 if kind == "bc3.dds" else 4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_is_judged_first(tmp_path: Path, kind: str) -> None:
    path = encoded(kind, tmp_path)
    assert "--max-pixels 960" in refused(path, max_pixels=959).hint
    images.load(path, max_pixels=1600)  # the size of AVIF's and HEIF's blocks stays out of it
    if kind not in ("avif", "heic", "webp"):  # their libraries look for the end at once
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * 0.95)])
        assert "megapixels" in refused(path, max_pixels=959).message


def test_an_icon_is_judged_by_the_picture_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.ico"
    quadrants(48, 64).save(path, sizes=[(64, 48)])
    data = bytearray(path.read_bytes())
    data[6:8] = 16, 16  # which its own header calls small
    path.write_bytes(data)
    assert "64 x 48" in refused(path, max_pixels=3000).message


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="measures memory as POSIX does")
def test_damaged_files_are_refused_in_a_sentence() -> None:
    """Each format cut at 20 places, and with 200 of its bytes changed."""
    done = subprocess.run(
        [sys.executable, "-m", "images.damaged"],
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr)
    found = [one for one in lines if "wrong" in one]
    assert len(found) == len(ENCODERS)
    for one in found:
        assert not one["wrong"], one
        assert one["slowest"] < 5, one
        assert one["grown"] < MEMORY, one
        assert one["refused"] >= 3, one


@pytest.mark.parametrize("suffix", [".jxl", ".tga", ".exr"])
@pytest.mark.parametrize("alpha", [False, True])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str, alpha: bool) -> None:
    picture, path = gradient(), tmp_path / f"a{suffix}"
    cover = torch.full((1, 1, 48, 64), 128 / 255) if alpha else None
    images.save(picture, path, recipe=RECIPE, alpha=cover, quality=100)
    loaded = images.load(path)
    assert (loaded.picture - picture).abs().mean() * 255 < (40 if alpha else 0.5)
    assert (loaded.alpha is not None) == alpha
    assert images.read_recipe(path) == RECIPE
    if alpha:
        assert loaded.alpha is not None
        assert (loaded.alpha - 128 / 255).abs().max() < 1e-3


@pytest.mark.parametrize("suffix", [".jxl", ".exr"])
def test_16_bits_are_written(tmp_path: Path, suffix: str) -> None:
    ramp = torch.linspace(0.2, 0.8, 3000).view(1, 1, 1, 3000).repeat(1, 3, 4, 1)
    images.save(ramp, tmp_path / f"a{suffix}", bits=16, quality=100)
    loaded = images.load(tmp_path / f"a{suffix}")
    assert loaded.deep
    assert (loaded.picture - ramp).abs().max() < 4 / 65535


def test_a_name_helps_where_the_bytes_say_nothing(tmp_path: Path) -> None:
    tga = encoded("tga", tmp_path)
    tga.rename(tmp_path / "picture.xyz")
    assert "not a picture" in refused(tmp_path / "picture.xyz").message
    for content in (b"hello, world, this is no Targa", bytes(1000), b"\0\0\x02" + b"\xff" * 40):
        (tmp_path / "a.tga").write_bytes(content)
        assert "not a picture" in refused(tmp_path / "a.tga").message
    png = encoded("png", tmp_path)
    png.rename(tmp_path / "png.tga")
    assert np.allclose(images.load(tmp_path / "png.tga").picture, tensor_of(quadrants()))
