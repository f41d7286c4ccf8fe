"""A finished picture: shown, saved with its recipe, handed to other libraries."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.core.events import FileSet
from artgen.images import Picture


def test_it_is_what_other_libraries_take(photo: Tensor) -> None:
    picture = Picture(photo)
    assert picture.size == (67, 49) == picture.pil().size
    assert picture.pil().mode == "RGB"
    pixels = picture.numpy()
    assert (pixels.shape, pixels.dtype) == ((49, 67, 3), np.uint8)
    assert np.array_equal(pixels, np.asarray(picture))
    assert np.array_equal(pixels, np.asarray(picture.pil()))
    assert np.abs(pixels[3, 5] / 255 - photo[0, :, 3, 5].numpy()).max() < 1 / 500
    assert np.asarray(picture, dtype=np.float32).dtype == np.float32
    assert repr(picture) == "<artgen.Picture of 67 x 49 px>"


def test_a_notebook_shows_it(photo: Tensor) -> None:
    assert Picture(photo)._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif"])
def test_a_file_keeps_the_recipe(tmp_path: Path, photo: Tensor, name: str) -> None:
    Picture(photo, 'technique = "style"').save(tmp_path / name, bits=16 if "tif" in name else 8)
    assert images.read_recipe(tmp_path / name) == 'technique = "style"'
    Picture(photo).save(tmp_path / f"plain-{name}")
    assert images.read_recipe(tmp_path / f"plain-{name}") is None


def test_alpha_goes_along(tmp_path: Path, photo: Tensor) -> None:
    alpha = (photo[:, :1] > 0.5).float()
    picture = Picture(photo, alpha=alpha)
    assert picture.pil().mode == "RGBA"
    pixels = picture.numpy()
    assert pixels.shape == (49, 67, 4)
    assert np.array_equal(pixels[..., 3] == 255, alpha[0, 0].bool().numpy())
    picture.save(tmp_path / "a.png")
    found = images.load(tmp_path / "a.png").alpha
    assert found is not None
    assert found.equal(alpha)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture._repr_png_()))), pixels)


def test_a_set_is_written_beside_it(tmp_path: Path, photo: Tensor) -> None:
    files = FileSet("gltf", lambda name: iter([(f"{name}.gltf", b"{}")]), "the set")
    Picture(photo, files=files).save(tmp_path / "a.png")
    assert (tmp_path / "a-gltf" / "a.gltf").read_bytes() == b"{}"
