"""Cutting out: a disc on a ground of other colours, from a map that knows roughly where it is."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.ops.grabcut import cut_out


@pytest.fixture
def disc() -> tuple[Tensor, Tensor, Tensor]:
    """A photo of a disc, where it is, and a blurred guess."""
    generator = torch.Generator().manual_seed(0)
    rows, columns = torch.meshgrid(torch.arange(60.0), torch.arange(80.0), indexing="ij")
    distance = ((rows - 28) ** 2 + (columns - 45) ** 2).sqrt()
    inside = (distance < 18).float()[None, None]
    ground = torch.tensor([0.2, 0.5, 0.2]).view(1, 3, 1, 1)
    colour = torch.tensor([0.8, 0.4, 0.3]).view(1, 3, 1, 1)
    noise = torch.randn(1, 3, 60, 80, generator=generator) * 0.05
    photo = (ground.lerp(colour, inside) + noise).clamp(0, 1)
    return photo, inside, (-(((rows - 26) ** 2 + (columns - 42) ** 2) / 400)).exp()[None, None]


def test_the_outline_is_found(disc: tuple[Tensor, Tensor, Tensor]) -> None:
    photo, inside, likely = disc
    mask = cut_out(photo, likely)
    assert mask.unique().tolist() == [0, 1]
    both, either = (mask * inside).sum(), (mask + inside).clamp(max=1).sum()
    assert both / either > 0.95
    assert cut_out(photo, likely).equal(mask)


def test_a_hole_in_it_is_filled_and_crumbs_are_swept(disc: tuple[Tensor, Tensor, Tensor]) -> None:
    photo, _, likely = disc
    photo[..., 26:30, 43:47] = torch.tensor([0.2, 0.5, 0.2]).view(1, 3, 1, 1)
    photo[..., 4:7, 4:7] = torch.tensor([0.8, 0.4, 0.3]).view(1, 3, 1, 1)
    mask = cut_out(photo, likely)
    assert mask[..., 26:30, 43:47].all()
    assert not mask[..., 2:9, 2:9].any()


def test_a_map_of_nothing_still_makes_a_mask(disc: tuple[Tensor, Tensor, Tensor]) -> None:
    mask = cut_out(disc[0], torch.zeros(1, 1, 60, 80))
    assert mask.shape == (1, 1, 60, 80)
