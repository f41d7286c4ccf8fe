"""Heights and normals: each from the other, the direction of green, and estimates from colours."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from artgen.ops.relief import (
    flipped,
    green_agreement,
    heights_from_colours,
    heights_from_normals,
    normals_from_heights,
    unit,
)


def hills(height: int = 48, width: int = 64) -> Tensor:
    """A periodic surface (1, 1, H, W) in [0, 1], without symmetry."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    rows, columns = 2 * math.pi * y / height, 2 * math.pi * x / width
    made = torch.sin(rows + 0.3) + torch.cos(2 * columns) + torch.sin(3 * columns - 2 * rows)
    return ((made - made.min()) / (made.max() - made.min()))[None, None]


def correlation(one: Tensor, other: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])


def test_a_slope_to_the_right_leans_left_and_one_upwards_leans_down() -> None:
    """In OpenGL's normals: red is x to the right, green is y up."""
    ramp = torch.linspace(0, 1, 16)
    rising = normals_from_heights(ramp.expand(1, 1, 16, 16), wraps=False)[0, :, 8, 8]
    assert rising[0] < 0.45
    assert rising[1] == pytest.approx(0.5)
    downwards = normals_from_heights(ramp.view(-1, 1).expand(1, 1, 16, 16), wraps=False)
    assert downwards[0, 1, 8, 8] > 0.55  # it faces the top of the picture


@pytest.mark.parametrize("wraps", [True, False])
def test_heights_come_back_from_their_normals(wraps: bool) -> None:
    there = hills() if wraps else hills()[..., :40, :51]
    back = heights_from_normals(normals_from_heights(there, wraps=wraps), wraps=wraps)
    assert back.shape == there.shape
    assert correlation(back, there) > 0.99
    assert back.min() == 0
    assert back.max() == 1


def test_normals_have_length_1_and_a_usual_steepness() -> None:
    normals = normals_from_heights(100 * hills(), wraps=True)
    vectors = 2 * normals - 1
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(1, 48, 64))
    slopes = (vectors[:, :2] / vectors[:, 2:]).square().sum(1).mean().sqrt()
    assert slopes == pytest.approx(0.4, abs=1e-3)
    torch.testing.assert_close(normals_from_heights(hills(), wraps=True), normals)


def test_a_flat_surface_faces_the_viewer() -> None:
    flat = normals_from_heights(torch.full((1, 1, 8, 8), 0.3), wraps=True)
    assert flat[0, :, 4, 4].tolist() == [0.5, 0.5, 1.0]
    assert heights_from_normals(flat, wraps=True).eq(0.5).all()
    assert heights_from_colours(torch.full((1, 3, 8, 8), 0.3), wraps=True).eq(0.5).all()


def test_the_slopes_tell_the_direction_of_green() -> None:
    normals = normals_from_heights(hills(), wraps=True)
    stored = (normals * 255).round() / 255
    assert green_agreement(stored) > 0.9
    assert green_agreement(flipped(stored)) < -0.9
    assert green_agreement(torch.tensor([0.5, 0.5, 1.0]).view(1, 3, 1, 1).expand(1, 3, 9, 9)) == 0
    torch.testing.assert_close(flipped(flipped(normals)), normals)


@pytest.mark.parametrize("wraps", [True, False])
def test_dark_joints_are_deep_and_a_fall_of_light_is_no_slope(wraps: bool) -> None:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    joints = ((y % 16 < 3) | (x % 16 < 3)).float()
    light = 0.6 + 0.3 * torch.cos(2 * math.pi * y / 64)
    picture = ((1 - 0.7 * joints) * light).expand(1, 3, 64, 64)
    heights = heights_from_colours(picture, wraps=wraps)
    assert correlation(heights, 1 - joints) > 0.8
    assert abs(correlation(heights, light)) < 0.15
    assert correlation(picture[:, :1], light) > 0.4  # the picture itself has it


def test_heights_of_a_tileable_picture_are_tileable() -> None:
    picture = hills(32, 48).expand(1, 3, 32, 48)
    one = heights_from_colours(picture, wraps=True)
    four = heights_from_colours(picture.roll((7, 11), (2, 3)), wraps=True)
    torch.testing.assert_close(four, one.roll((7, 11), (2, 3)), atol=1e-4, rtol=0)


def test_unit_normals_stay() -> None:
    normals = normals_from_heights(hills(), wraps=True)
    torch.testing.assert_close(unit(normals), normals)
    assert unit(normals * 0.9)[0, 2].max() <= 1
