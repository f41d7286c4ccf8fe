"""Layouts: those alike lie together, and each has a place of its own."""

from __future__ import annotations

import torch

from artgen.ops.tsne import LEAST, in_grid, laid_out


def test_those_alike_lie_together() -> None:
    generator = torch.Generator().manual_seed(0)
    middles = torch.eye(3, 10).repeat_interleave(8, 0) * 5
    vectors = middles + 0.1 * torch.randn(24, 10, generator=generator)
    places = laid_out(vectors, seed=1)
    assert places.shape == (24, 2)
    assert (places.amin(0) == 0).all()
    assert (places.amax(0) == 1).all()
    distance = torch.cdist(places, places) + 9 * torch.eye(24)
    group = torch.arange(24) // 8
    assert (group[distance.argmin(1)] == group).all()
    assert laid_out(vectors, seed=1).equal(places)


def test_the_fewest_have_a_layout_too() -> None:
    assert laid_out(torch.eye(LEAST), seed=0).isfinite().all()


def test_every_place_gets_a_cell_of_its_own() -> None:
    places = torch.rand(11, 2, generator=torch.Generator().manual_seed(0))
    cells = in_grid(places, 3, 4)
    assert len(set(cells)) == 11
    assert set(cells) <= set(range(12))


def test_a_grid_stays_a_grid() -> None:
    down, across = torch.meshgrid(torch.linspace(0, 1, 3), torch.linspace(0, 1, 4), indexing="ij")
    places = torch.stack([across.flatten(), down.flatten()], 1)
    assert in_grid(places, 3, 4) == list(range(12))
