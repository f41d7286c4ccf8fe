"""Masks with transparency, as editors, labelling programs and background removers write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.images.masks import from_alpha

SIZE = (40, 20)


def mask_of(image: Image.Image, folder: Path) -> Tensor:
    """A mask (H, W), as it is read from a PNG."""
    image.save(folder / "mask.png")
    loaded = images.load(folder / "mask.png", reads="mask")
    assert loaded.alpha is None
    assert torch.equal(loaded.picture[0, 0], loaded.picture[0, 2])
    return loaded.picture[0, 0]


@pytest.mark.parametrize("ink", [(255, 255, 255), (0, 0, 0), (200, 30, 30)])
def test_one_colour_on_a_transparent_layer_is_the_mask(
    tmp_path: Path, ink: tuple[int, ...]
) -> None:
    layer = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    layer.paste((*ink, 255), (0, 0, 10, 20))
    layer.paste((*ink, 128), (10, 0, 20, 20))
    mask = mask_of(layer, tmp_path)
    assert mask[0, [0, 10, 30]].tolist() == pytest.approx([1, 128 / 255, 0])


def test_hidden_white_is_black(tmp_path: Path) -> None:
    layer = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    layer.paste((255, 255, 255, 255), (0, 0, 10, 20))
    mask = mask_of(layer, tmp_path)
    assert mask[0, [0, 30]].tolist() == [1, 0]


def test_of_greys_on_a_transparent_layer_black_stays_black(tmp_path: Path) -> None:
    layer = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    layer.paste((255, 255, 255, 255), (0, 0, 10, 20))
    layer.paste((0, 0, 0, 255), (10, 0, 20, 20))
    layer.paste((128, 128, 128, 255), (20, 0, 30, 20))
    mask = mask_of(layer, tmp_path)
    assert mask[0, [0, 10, 20, 30]].tolist() == pytest.approx([1, 0, 128 / 255, 0], abs=1e-3)


def test_a_photo_that_was_cut_out_means_its_alpha(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 255, (20, 40, 3), dtype=np.uint8)
    photo = Image.fromarray(colours).convert("RGBA")
    photo.putalpha(Image.linear_gradient("L").resize(SIZE))
    alpha = torch.from_numpy(np.array(photo)[..., 3] / 255).float()
    assert torch.allclose(mask_of(photo, tmp_path), alpha)


def test_a_mask_without_transparency_stays_as_it_is(tmp_path: Path) -> None:
    Image.new("RGB", SIZE, (128, 0, 0)).save(tmp_path / "mask.png")
    loaded = images.load(tmp_path / "mask.png", reads="mask")
    assert loaded.picture[0, :, 0, 0].tolist() == pytest.approx([128 / 255, 0, 0])


def test_wholly_transparent_is_black() -> None:
    white, clear = np.ones((1, 3, 4, 4), np.float32), np.zeros((1, 1, 4, 4), np.float32)
    assert from_alpha(white, clear).max() == 0
