"""Maps are data: grey stays grey, normals keep their length, alpha is a map of its own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.techniques.texture.maps import bits_of, gathered, names_of, opacity, spread


def noise(channels: int, seed: int) -> Tensor:
    return torch.rand(1, channels, 12, 16, generator=torch.Generator().manual_seed(seed))


def normals() -> Tensor:
    vectors = noise(3, 1) - 0.5
    vectors[:, 2] += 1
    return (vectors / vectors.norm(dim=1, keepdim=True) + 1) / 2


@pytest.mark.parametrize("channels", [3, 4])
def test_what_is_spread_is_gathered_again(channels: int) -> None:
    given = noise(channels, 2)
    made = spread(given)
    assert made.shape[1] == 3 * (channels - 2)
    assert torch.allclose(gathered(made, given), given, atol=1e-6)


def test_normals_have_length_1() -> None:
    made = gathered((normals() + 0.1 * (noise(3, 3) - 0.5)).clamp(0, 1), normals())
    assert torch.allclose((2 * made - 1).norm(dim=1), torch.ones(1, 12, 16), atol=1e-5)
    colours = noise(3, 4)  # no normals: nothing is renormalised
    assert gathered(colours, noise(3, 5)).equal(colours)


def test_a_grey_map_has_one_channel() -> None:
    height = noise(1, 6).repeat(1, 3, 1, 1)
    made = gathered(noise(3, 7), height)
    assert made.shape == (1, 1, 12, 16)
    assert torch.allclose(made, noise(3, 7).mean(1, keepdim=True))


def test_alpha_is_the_last_channel() -> None:
    given = torch.cat([noise(1, 6).repeat(1, 3, 1, 1), noise(1, 8)], 1)
    made = gathered(noise(6, 9), given)
    assert made.shape == (1, 2, 12, 16)
    assert torch.allclose(made[:, 1:], opacity(noise(6, 9)))


def test_bits_that_hold_the_numbers() -> None:
    levels = torch.arange(256).view(1, 1, 16, 16).repeat(1, 3, 1, 1)
    assert bits_of(levels / 255) == 8
    assert bits_of((levels + 0.5) / 256) == 16


def test_names_are_the_files_and_numbered_where_they_are_taken() -> None:
    files = ["a/rough.png", "b/rough.jpg", "proof.png", "no.rmal.tif"]
    assert names_of(files, ("picture", "proof")) == ["rough", "rough-2", "proof-3", "no.rmal"]
