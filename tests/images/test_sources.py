"""Pictures of any kind that Python knows, and what is none."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.core.schema import Reads
from artgen.errors import PictureError, UsageError
from artgen.images import Picture, is_source, load_any


@pytest.fixture
def exact(photo: Tensor) -> Tensor:
    """A picture of 8 bits."""
    return photo.mul(255).round().div(255)


def test_all_kinds_are_the_same_picture(tmp_path: Path, exact: Tensor) -> None:
    path = tmp_path / "photo.png"
    images.save(exact, path)
    array = Picture(exact).numpy()
    kinds = [
        *(path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes()), exact),
        *(Picture(exact), Picture(exact).pil(), array, array.astype(int), array / 255),
        *(array.astype(np.float32), array.astype(np.uint16) * 257),
        Image.open(path),
    ]
    for kind in kinds:
        assert is_source(kind)
        loaded = load_any(kind, "content")
        assert torch.allclose(loaded.picture, exact, atol=1e-6), kind
        assert loaded.alpha is None
        assert loaded.path.name in ("content.png", "photo.png")
        assert len(loaded.sha256) == 64
    with path.open("rb") as file:
        assert load_any(file, "content").path == path


def test_grey_and_transparent_pictures() -> None:
    grey = np.linspace(0, 255, 12).reshape(3, 4).astype(np.uint8)
    for kind in (grey, grey[..., None], Image.fromarray(grey), Image.fromarray(grey).convert("P")):
        picture = load_any(kind, "a").picture
        assert picture.shape == (1, 3, 3, 4)
        assert picture[0, 0].equal(picture[0, 2])
    over = np.zeros((3, 4, 4), np.uint8)
    over[:2] = (255, 0, 0, 255)
    for kind in (over, Image.fromarray(over)):
        loaded = load_any(kind, "a")
        assert loaded.alpha is not None
        assert loaded.picture[0, :, 2, 0].tolist() == [1, 0, 0]  # its mean colour where it is clear
    assert load_any(np.full((3, 4, 3), True), "a").picture.min() == 1


def test_tensors_have_alpha_and_grey_as_arrays_do(photo: Tensor) -> None:
    alpha = (photo[:, :1] > 0.5).float()
    whole = torch.cat([photo, alpha], 1)
    array = whole[0].permute(1, 2, 0).numpy()
    for kind in (whole, array, Picture(photo, alpha=alpha)):
        loaded = load_any(kind, "a")
        assert loaded.alpha is not None
        assert loaded.alpha.equal(alpha)
    grey, pair = load_any(alpha, "a"), load_any(whole[:, 2:], "a")
    assert grey.picture.equal(alpha.repeat(1, 3, 1, 1))
    assert pair.alpha is not None
    assert pair.alpha.equal(alpha)


def test_they_are_read_as_files_are(tmp_path: Path) -> None:
    """A mask's transparency is black, a map's is a channel, and a map is neither beyond 0 to 1."""
    layer = np.zeros((6, 8, 4), np.uint8)
    layer[:3] = (200, 90, 30, 255)
    layer[4] = (10, 20, 30, 0)
    Image.fromarray(layer).save(tmp_path / "layer.png")
    tensor = torch.from_numpy(layer).permute(2, 0, 1)[None] / 255
    reads: Reads
    for reads in ("picture", "layer", "mask", "data"):
        file = load_any(tmp_path / "layer.png", "a", reads=reads)
        for kind in (layer, tensor, Image.fromarray(layer), (tmp_path / "layer.png").read_bytes()):
            loaded = load_any(kind, "a", reads=reads)
            assert loaded.pictures[0].allclose(file.pictures[0], atol=1e-6), reads
            assert loaded.reads == reads
    with pytest.raises(PictureError, match=r"has\.png has numbers from 0 to 2\.35"):
        load_any(tensor * 3 / tensor.max(), "has", reads="data")


def test_pillows_pictures_are_turned_upright() -> None:
    picture = Image.new("RGB", (6, 4))
    picture.getexif()[0x0112] = 6
    assert load_any(picture, "a").picture.shape[-2:] == (6, 4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((3, 4, 5)), r"shape \(3, 4, 5\)"),
        (np.zeros((0, 4, 3)), r"shape \(0, 4, 3\)"),
        (np.full((3, 4, 3), -1.0), "values from -1 to -1"),
        (np.full((3, 4, 3), np.nan), "values from nan to nan"),
        (np.full((3, 4, 3), 256), "values from 256 to 256"),
        (torch.zeros(3, 4, 5), r"shape \(3, 4, 5\)"),
        (torch.zeros(1, 3, 4, 5, dtype=torch.uint8), "type torch.uint8"),
        (7, "A int cannot be used as a picture"),
    ],
)
def test_what_is_no_picture_is_refused(given: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_any(given, "a")


def test_bytes_of_no_picture() -> None:
    with pytest.raises(PictureError, match=r"content\.png is not a picture"):
        load_any(b"hello there", "content")
