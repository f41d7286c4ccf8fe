"""The loss of patches: what corresponds to what, and that tiles and seeds change nothing."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from artgen.losses import patches as module
from artgen.losses.evaluate import evaluate
from artgen.losses.patch_table import Source
from artgen.losses.patches import Layout, Matches, matches_of, patch_term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import all_networks

from .looked_at import extractor, pictures, value
from .test_patch_table import table

SIZE = (49, 67)


def matches(
    *sources: Source,
    coarser: Layout | None = None,
    size: tuple[int, int] = SIZE,
    seed: int = 0,
    guide: Tensor | None = None,
    wraps: bool = False,
) -> Matches:
    found, generator = table(*sources), torch.Generator().manual_seed(seed)
    eye = circular() if wraps else extractor()
    return matches_of(found, eye, size, coarser, 0, generator, guide)


def circular() -> FeatureExtractor:
    return FeatureExtractor(all_networks().get("tiny"), padding="circular").double()


def as_it_is(height: int, width: int) -> Layout:
    """A layout that is a sample itself."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return Layout(torch.stack([0 * y, y, x], 2), torch.tensor([[height, width]]))


def test_a_layout_that_is_the_sample_stays_so() -> None:
    photo, other, _ = pictures()
    found = matches(Source(photo, 1.0), coarser=as_it_is(12, 16))
    centres = found.table.centres[found.index]
    y, x = torch.meshgrid(torch.arange(12), torch.arange(16), indexing="ij")
    own = (centres[..., 1] == y) & (centres[..., 2] == x)
    assert float(own[2:-2, 2:-2].double().mean()) > 0.9
    term = patch_term(found, 1.0)
    assert value(term, photo) < 0.2 * value(term, other)


def test_finer_positions_are_from_where_the_coarser_were() -> None:
    layout = as_it_is(12, 16)
    moved = Layout(layout.centres.roll((4, 6), (0, 1)), layout.sizes)
    sample, row, column = moved.enlarged((24, 32), torch.tensor([[24, 32]]))
    assert sample.eq(0).all()
    y, x = torch.meshgrid(torch.arange(24), torch.arange(32), indexing="ij")
    assert row[8:].equal(y[8:] - 8)
    assert column[:, 12:].equal(x[:, 12:] - 12)
    _, row, column = layout.enlarged((17, 23), torch.tensor([[19, 26]]))
    assert (row - torch.arange(17)[:, None] * 19 / 17).abs().max() < 1.1
    assert (column - torch.arange(23) * 26 / 23).abs().max() < 1.1


def test_what_patches_agree_on_is_the_mean_over_them() -> None:
    photo, _, _ = pictures()
    found = matches(Source(photo, 1.0))
    layer = found.table.layers["relu2_1"]
    whole = found.agreed(layer, slice(0, 24), slice(0, 33))
    assert whole.shape == (1, 8, 24, 33)
    for y, x in ((0, 0), (9, 14), (23, 31)):
        votes = []
        for down in range(-2, 3):
            for right in range(-2, 3):
                at, beside = y // 2 - down, x // 2 - right
                if 0 <= at < 12 and 0 <= beside < 16:
                    _, row, column = found.table.centres[found.index[at, beside]].tolist()
                    place = ((row + down) * 2 + y % 2) * 33 + (column + right) * 2 + x % 2
                    votes.append(layer.values[place])
        torch.testing.assert_close(whole[0, :, y, x], torch.stack(votes).mean(0))
    assert whole[..., 32].equal(whole[..., 31])  # the grid has no position for the last column
    part = found.agreed(layer, slice(3, 11), slice(20, 33))
    assert part.equal(whole[..., 3:11, 20:])


def test_what_is_near_the_middle_of_a_patch_counts_more() -> None:
    photo, _, _ = pictures()
    found = matches(Source(photo, 1.0))
    layer, place = found.table.layers["relu3_1"], (slice(6, 7), slice(9, 10))
    votes, weights = [], []
    for down in range(-2, 3):
        for right in range(-2, 3):
            _, row, column = found.table.centres[found.index[6 - down, 9 - right]].tolist()
            votes.append(layer.values[(row + down) * 16 + column + right])
            weights.append(math.exp(-(down**2 + right**2) / (2 * 0.8**2)))
    wanted = torch.stack(votes) * torch.tensor(weights)[:, None].double()
    here = found.agreed(layer, *place, near=0.8)[0, :, 0, 0]
    torch.testing.assert_close(here, wanted.sum(0) / sum(weights))
    own = found.agreed(layer, *place, near=0.05)[0, :, 0, 0]
    torch.testing.assert_close(own, votes[12])  # the patch whose middle is here


def test_the_seed_alone_decides() -> None:
    photo, _, _ = pictures()
    one, same, other = (matches(Source(photo, 1.0), seed=seed).index for seed in (1, 1, 2))
    assert one.equal(same)
    assert not one.equal(other)


@pytest.mark.parametrize("kept", [0, module.KEPT])
@pytest.mark.parametrize("wraps", [False, True])
def test_tiles_have_the_whole_pictures_loss(
    wraps: bool, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", kept)
    photo, other, _ = pictures()
    canvas = other[..., :48, :64]
    found = matches(Source(photo, 1.0), size=(48, 64), wraps=wraps)
    eye = circular() if wraps else extractor()
    (losses, _, gradient), (tiled, _, pulled) = (
        evaluate(canvas, eye, [patch_term(found, 2.0)], tile) for tile in (None, 32)
    )
    torch.testing.assert_close(losses, tiled)
    torch.testing.assert_close(gradient, pulled)
    assert float(losses["patches"]) > 0.01


def test_a_periodic_picture_has_no_place_of_its_own() -> None:
    """Moved round by whole positions, what patches agree on moves with their correspondences."""
    photo, _, _ = pictures()
    found = matches(Source(photo, 1.0), size=(48, 64), wraps=True)
    layer, everything = found.table.layers["relu3_1"], (slice(0, 12), slice(0, 16))
    moved = Matches(found.table, found.index.roll((3, -5), (0, 1)), wraps=True)
    agreed = moved.agreed(layer, *everything)
    torch.testing.assert_close(agreed, found.agreed(layer, *everything).roll((3, -5), (2, 3)))


def test_patches_come_from_where_the_maps_are_alike() -> None:
    photo, _, _ = pictures()
    ramp = torch.linspace(0, 1, 67).double().expand(1, 1, *SIZE)
    found = matches(Source(photo, 1.0, guide=ramp), guide=1 - ramp)
    columns = found.table.centres[found.index][..., 2].double().mean(0)
    assert float(columns[2:5].mean()) > 10  # of 16: what is on the right in the sample
    assert float(columns[-5:-2].mean()) < 6


def test_no_patch_is_used_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, _, _ = pictures()
    most = []
    for cost in (0.0, module.USED):
        monkeypatch.setattr(module, "USED", cost)
        found = matches(Source(photo, 1.0))
        most.append(int(found.index.flatten().bincount().max()))
    assert most[1] < most[0]


def test_the_sample_of_more_weight_is_used_more() -> None:
    one, other, _ = pictures()
    first = []
    for weight in (0.125, 1.0, 8.0):
        found = matches(Source(one, weight), Source(other, 1.0), size=(128, 128))
        centres = found.table.centres[found.index]
        first.append(float((centres[..., 0] == 0).double().mean()))
    assert first[0] + 0.1 < first[1] < first[2] - 0.1


def test_no_part_of_a_sample_is_used_much_more_than_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, _, _ = pictures()
    most = []
    for cost in (0.0, module.OWED):
        monkeypatch.setattr(module, "OWED", cost)
        found = matches(Source(photo, 1.0), size=(128, 128))
        part, count = found.table.parts()
        used = part[found.index.flatten()].bincount(minlength=count) / found.index.numel()
        fair = found.table.shares.new_zeros(count).index_add(0, part, found.table.shares)
        most.append(float((used / fair).max()))
    assert most[1] < 0.9 * most[0]
