"""Hypercolumns: every layer at the positions of one, in tiles as in the whole."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen.losses.hypercolumns import Hypercolumns
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.networks.tiling import tiles

LAYERS = ("image", "relu1_1", "relu2_2", "relu3_1", "relu4_2")


def test_finer_layers_are_averaged_and_coarser_ones_repeated(tiny: FeatureExtractor) -> None:
    columns = Hypercolumns.of(tiny, LAYERS)
    assert columns.grid == "relu3_1"
    picture = smooth(48, 64, seed=1)
    features = tiny(picture, LAYERS)
    image, *_, middle, deep = columns.parts(features, whole(features))
    assert columns.size((48, 64)) == (12, 16)
    cells = picture.unfold(2, 4, 4).unfold(3, 4, 4).mean((4, 5))
    torch.testing.assert_close(image, cells[0].flatten(1).T)
    assert middle.equal(features["relu3_1"][0].flatten(1).T)
    above = deep.T.view(-1, 12, 16)
    assert above[:, ::2, ::2].equal(features["relu4_2"][0])
    assert above[:, 1::2, 1::2].equal(features["relu4_2"][0])


@pytest.mark.parametrize("size", [(49, 67), (53, 61), (48, 64), (47, 90)])
def test_a_rest_at_the_end_has_the_last_position(
    tiny: FeatureExtractor, size: tuple[int, int]
) -> None:
    columns = Hypercolumns.of(tiny, LAYERS)
    features = tiny(smooth(*size, seed=1), LAYERS)
    height, width = columns.size(size)
    parts = columns.parts(features, whole(features))
    assert {len(part) for part in parts} == {height * width}
    deep = parts[-1].T.view(-1, height, width)
    assert deep[:, -1, -1].equal(features["relu4_2"][0, :, -1, -1])


@pytest.mark.parametrize("most", [1, 70, 10_000])
@pytest.mark.parametrize("size", [(49, 67), (53, 61), (48, 64)])
def test_what_is_gathered_is_summed_over_the_positions_of_each_cell(
    tiny: FeatureExtractor, size: tuple[int, int], most: int
) -> None:
    columns = Hypercolumns.of(tiny, LAYERS)
    features = tiny(smooth(*size, seed=1), LAYERS)
    for rows, cells in columns.own_parts(features, whole(features)):
        leaf = rows.detach().double().requires_grad_()
        whole_grid = cells.spread(leaf, slice(0, cells.grid[0]))
        values = torch.rand(whole_grid.shape, dtype=torch.float64)
        (expected,) = torch.autograd.grad(whole_grid, leaf, values)
        sums = torch.full_like(leaf, torch.nan)
        seen = 0
        for lines in cells.lines(most):
            cells.gather(values[cells.positions(lines)], lines, sums)
            seen += lines.stop - lines.start
        assert seen == cells.grid[0]
        torch.testing.assert_close(sums.detach(), expected)


@pytest.mark.parametrize("padding", ["replicate", "circular"])
@pytest.mark.parametrize("size", [(96, 128), (104, 136)])
def test_tiles_have_the_hypercolumns_of_the_whole(
    padding: str, size: tuple[int, int], tiny: FeatureExtractor
) -> None:
    extractor = FeatureExtractor(tiny.spec, padding=padding).double()
    columns = Hypercolumns.of(extractor, LAYERS)
    picture = smooth(*size, seed=1).double()
    features = extractor(picture, LAYERS)
    expected = torch.cat(columns.parts(features, whole(features)), 1)
    height, width = columns.size(size)
    expected = expected.view(height, width, -1)
    pieces = tiles(extractor, size, LAYERS, 40)
    assert len(pieces) > 4
    for piece in pieces:
        here = extractor(piece.cut(picture), LAYERS)
        found = torch.cat(columns.parts(here, piece.region), 1)
        wanted = expected[piece.region["relu3_1"].place].flatten(0, 1)
        torch.testing.assert_close(found, wanted, atol=1e-10, rtol=0)
