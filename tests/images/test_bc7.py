"""BC7 blocks, read back by two decoders that are not ours."""

from __future__ import annotations

from io import BytesIO

import imagecodecs
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pictures import smooth
from PIL import Image
from torch import Tensor

from artgen.images.bc7 import encode_bc7
from artgen.images.dds import encode_dds
from artgen.ops.samples import to_bytes, to_tensor

Samples = NDArray[np.uint8]


def decoded(samples: Samples) -> Samples:
    """What imagecodecs and Pillow read, (H, W, 4), the same; of part of a block only Pillow."""
    assert len(encode_bc7(samples)) == 16 * -(-samples.shape[0] // 4) * -(-samples.shape[1] // 4)
    data = encode_dds([to_tensor(samples)], srgb=False)
    with Image.open(BytesIO(data)) as image:
        found = np.asarray(image.convert("RGBA"))
    if not (samples.shape[0] % 4 or samples.shape[1] % 4):
        assert (np.asarray(imagecodecs.dds_decode(data)) == found).all()
    return found


def natural(height: int, width: int) -> Tensor:
    """A picture (1, 3, H, W) whose colours change with their brightness, as most do."""
    bright = smooth(height, width, seed=1).mean(1, keepdim=True)
    return torch.cat([bright, bright.square(), 1 - bright / 2], 1)


def noise(one: Samples, other: Samples) -> float:
    """Peak signal to noise, in dB."""
    return 10 * np.log10(255**2 / max(((one.astype(float) - other) ** 2).mean(), 1e-9))


def test_a_natural_picture_is_hardly_changed() -> None:
    samples = to_bytes(natural(64, 48))
    made = decoded(samples)
    assert made.shape == (64, 48, 4)
    assert (made[..., 3] == 255).all()
    assert noise(made[..., :3], samples) > 42


def test_alpha_and_colours_along_one_line_are_kept() -> None:
    ramp = np.linspace(0, 255, 32).astype(np.uint8)
    samples = np.dstack([np.tile(ramp, (8, 1))] * 4)
    assert noise(decoded(samples), samples) > 50


@pytest.mark.parametrize("value", [0, 1, 77, 128, 254, 255])
def test_a_block_of_one_colour_is_at_most_a_step_off(value: int) -> None:
    samples = np.full((4, 4, 4), value, np.uint8)
    assert np.abs(decoded(samples).astype(int) - value).max() <= 1


def test_noise_is_as_near_as_sixteen_places_on_a_line_can_be() -> None:
    samples = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert noise(decoded(samples)[..., :3], samples) > 11


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (2, 8)])
def test_edges_are_repeated_to_full_blocks(size: tuple[int, int]) -> None:
    samples = np.full((*size, 3), 101, np.uint8)
    made = decoded(samples)
    assert made.shape == (*size, 4)
    assert (made[..., :3] == 101).all()
