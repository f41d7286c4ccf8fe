"""The table of samples' patches: which there are, of what size, and what they share."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.losses import patch_table as module
from artgen.losses.patch_table import SIDE, PatchTable, Positions, Source

from .looked_at import extractor, pictures

LAYERS = {"image": 1.0, "relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0}
GRID = (12, 16)  # positions of 49 x 67 px


def table(*sources: Source, seed: int = 0) -> PatchTable:
    return PatchTable.of(extractor(), sources, LAYERS, torch.Generator().manual_seed(seed))


def whole() -> Source:
    return Source(pictures()[0], 1.0)


def test_every_patch_inside_the_sample_is_there_once() -> None:
    found = table(whole())
    inside = [(0, y, x) for y in range(2, GRID[0] - 2) for x in range(2, GRID[1] - 2)]
    assert [tuple(one) for one in found.centres.tolist()] == inside
    assert float(found.shares.sum()) == pytest.approx(1)
    assert found.columns.grid == "relu3_1"
    assert set(found.layers) == {"image", "relu2_1", "relu3_1"}  # none coarser than the grid
    assert found.layers["image"].ratio == 4


def test_the_table_is_bounded_and_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 40)
    found = table(whole(), seed=1)
    assert len(found.keys) == len(found.centres) == len(found.shares) == 40
    assert float(found.shares.sum()) == pytest.approx(1)
    assert found.centres.equal(table(whole(), seed=1).centres)
    assert not found.centres.equal(table(whole(), seed=2).centres)


def test_what_a_mask_hides_is_in_no_patch() -> None:
    mask = torch.ones(1, 1, 49, 67).double()
    mask[..., 40:] = 0  # from the tenth position of the grid on
    found = table(Source(pictures()[0], 1.0, mask))
    assert int(found.centres[:, 2].max()) + SIDE // 2 == 9


@pytest.mark.parametrize("side", [16, 19])
def test_a_sample_smaller_than_a_patch_is_refused(side: int) -> None:
    with pytest.raises(UsageError, match="no patch of 20 x 20 px") as caught:
        table(Source(smooth(side, 60, seed=1).double(), 1.0))
    assert "--match statistics" in caught.value.hint


def test_samples_count_by_their_weights_and_not_at_all_without() -> None:
    one, other, third = (
        Source(one, weight) for one, weight in zip(pictures(), (3, 1, 0), strict=True)
    )
    found = table(one, other, third)
    assert set(found.centres[:, 0].tolist()) == {0, 1}
    assert float(found.shares[found.centres[:, 0] == 0].sum()) == pytest.approx(0.75)


def test_a_large_sample_is_seen_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    one = table(whole())
    monkeypatch.setattr(module, "BLOCK", 32)
    other = table(whole())
    for name, layer in one.layers.items():
        torch.testing.assert_close(layer.values, other.layers[name].values)
    torch.testing.assert_close(one.keys.abs(), other.keys.abs())


def test_positions_are_found_by_sample_row_and_column() -> None:
    maps = [torch.randn(1, 3, 4, 5), torch.randn(1, 3, 2, 7)]
    found = Positions.of(maps, 1)
    where = (torch.tensor([[0, 1]]), torch.tensor([[3, 1]]), torch.tensor([[2, 6]]))
    values: Tensor = found.at(*where)
    assert values.equal(torch.stack([maps[0][0, :, 3, 2], maps[1][0, :, 1, 6]])[None])


def test_parts_of_samples_are_counted_apart() -> None:
    found = table(whole(), Source(pictures()[1], 1.0))
    part, count = found.parts()
    assert count == 2 * module.PARTS**2
    assert part.max() < count
    for sample, y, x, here in [
        (*c.tolist(), int(p)) for c, p in zip(found.centres, part, strict=True)
    ]:
        assert here == (sample * module.PARTS + y * 4 // 12) * module.PARTS + x * 4 // 16
    guide = torch.zeros(1, 1, 49, 67).double()
    followed, count = table(Source(pictures()[0], 1.0, guide=guide)).parts()
    assert count == 1
    assert not followed.any()
