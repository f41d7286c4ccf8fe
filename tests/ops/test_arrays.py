"""Pictures as arrays: what is done to them is what is done to tensors."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import smooth
from torch import Tensor

from artgen.ops import arrays, color, resize

LEVEL = 1 / 255


@pytest.mark.parametrize("size", [(20, 90), (49, 30), (98, 134), (7, 5), (1, 1), (49, 67)])
def test_resized_as_torch_resizes(photo: Tensor, size: tuple[int, int]) -> None:
    made = arrays.resized(photo.numpy(), size)
    expected = resize.resize(photo, size)
    assert made.shape == (1, 3, *size)
    assert np.abs(made - expected.numpy()).max() < 1e-5


def test_a_large_picture_is_resized_block_by_block() -> None:
    photo = smooth(700, 40, seed=3)
    made = arrays.resized(photo.numpy(), (97, 40))
    assert np.abs(made - resize.resize(photo, (97, 40)).numpy()).max() < 1e-5


def test_resize_takes_both_kinds(photo: Tensor) -> None:
    one, other = resize.resize(photo, (20, 30)), resize.resize(photo.numpy(), (20, 30))
    assert isinstance(other, np.ndarray)
    assert np.abs(one.numpy() - other).max() < 1e-5


def test_recoloured_as_torch_does(photo: Tensor) -> None:
    picture = smooth(49, 67, seed=5)
    made = color.recoloured(picture.numpy(), photo.numpy())
    assert np.abs(made - color.recoloured(picture, photo).numpy()).max() < 1e-5
    assert np.abs(arrays.luma(picture.numpy()) - color.luma(picture).numpy()).max() < 1e-6


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_of_samples(kind: type) -> None:
    top = np.iinfo(kind).max
    samples = np.array([[[0, top, top // 2]], [[top, 0, 1]]], kind)
    made = arrays.of_samples(samples)
    assert made.shape == (1, 3, 2, 1)
    assert made[0, :, 0, 0].tolist() == pytest.approx([0, 1, (top // 2) / top])
    assert arrays.of_samples(samples[..., 0]).shape == (1, 1, 2, 1)


def test_hidden_colours_become_the_visible_mean() -> None:
    picture, alpha = np.zeros((1, 3, 600, 2), np.float32), np.ones((1, 1, 600, 2), np.float32)
    picture[:, 0, :300], alpha[:, :, 300:] = 1, 0
    made = arrays.on_mean(picture, alpha)
    assert made is picture
    assert (made[:, 0] == 1).all()
    assert (made[:, 1:] == 0).all()
    assert (arrays.on_mean(picture, np.zeros_like(alpha)) == 1).all()  # nothing is visible


def test_fit_keeps_the_proportions() -> None:
    assert arrays.fit((300, 400), 100) == (75, 100)
    assert arrays.fit((1, 4000), 100) == (1, 100)
