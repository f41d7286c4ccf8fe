"""Mipmaps: colours as light, normals of length 1, and edges that still fit."""

from __future__ import annotations

import pytest
import torch

from artgen.ops.mipmaps import bled, halved, mipmaps


def test_every_level_is_half_as_large_down_to_one_pixel() -> None:
    levels = mipmaps(torch.rand(1, 3, 4, 16), "colours")
    assert [tuple(one.shape[-2:]) for one in levels] == [(4, 16), (2, 8), (1, 4), (1, 2), (1, 1)]


def test_black_and_white_make_the_grey_of_half_the_light() -> None:
    checks = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).expand(1, 3, 2, 2)
    assert halved(checks, "colours")[0, 0, 0, 0] == pytest.approx(0.7354, abs=1e-3)
    assert halved(checks, "data")[0, 0, 0, 0] == 0.5


def test_normals_keep_their_length() -> None:
    leaning = torch.tensor([0.6, 0.0, 0.8]).view(3, 1, 1)
    pair = torch.stack([leaning, leaning * torch.tensor([-1.0, 1, 1]).view(3, 1, 1)], -1)
    made = halved((pair.view(1, 3, 1, 2) + 1) / 2, "normals")
    torch.testing.assert_close(made.flatten(), torch.tensor([0.5, 0.5, 1.0]))


def test_what_is_clear_gives_its_colour_to_none() -> None:
    red, hidden = torch.tensor([1.0, 0, 0, 1]), torch.tensor([0.0, 0, 1, 0])
    picture = torch.stack([red, hidden]).T.reshape(1, 4, 1, 2)
    torch.testing.assert_close(halved(picture, "colours").flatten(), torch.tensor([1.0, 0, 0, 0.5]))


def test_hidden_colours_are_their_neighbours() -> None:
    picture = torch.zeros(1, 4, 16, 16)
    picture[:, 1] = 1  # green, hidden
    picture[:, :2, 4:8, 4:8] = torch.tensor([0.5, 0.25]).view(1, 2, 1, 1)
    picture[:, 3, 4:8, 4:8] = 1
    made = bled(picture)
    torch.testing.assert_close(made[:, 3], picture[:, 3])
    torch.testing.assert_close(made[..., 4:8, 4:8], picture[..., 4:8, 4:8])
    torch.testing.assert_close(
        made[:, :3], torch.tensor([0.5, 0.25, 0]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    )
    clear = torch.zeros(1, 4, 4, 4)
    torch.testing.assert_close(bled(clear), clear)
