"""Guides: every position belongs to the regions as its pixels do, and nothing is left out."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen.losses.guides import Guide, parted
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole

LAYERS = ("image", "relu1_1", "relu2_1", "pool3")


def test_parts_add_up_to_one_and_overlaps_are_shared() -> None:
    masks = [smooth(9, 7, seed=n)[:, :1] for n in range(3)]
    rest, *parts = parted(masks, None)
    torch.testing.assert_close(rest + sum(parts), torch.ones(1, 1, 9, 7))
    full = torch.ones(1, 1, 2, 2)
    nothing, one, other = parted([full, full], None)
    assert (nothing == 0).all()
    assert one.equal(other)
    assert (one == 0.5).all()


def test_what_is_protected_belongs_to_none() -> None:
    mask, protected = torch.full((1, 1, 2, 2), 0.5), torch.eye(2).view(1, 1, 2, 2)
    for part in parted([mask], protected):
        assert part.flatten().tolist() == [0, 0.5, 0.5, 0]


def test_a_position_is_in_a_region_as_far_as_its_pixels_are(tiny: FeatureExtractor) -> None:
    mask = torch.zeros(1, 1, 49, 67)
    mask[..., :, :33] = 1
    guide = Guide(tiny, mask, LAYERS)
    assert guide.share == pytest.approx(33 / 67)
    features = tiny(torch.rand(1, 3, 49, 67), LAYERS)
    for layer, window in whole(features).items():
        seen = guide.at(layer, window)
        stride, columns = tiny.stride(layer), seen.shape[-1]
        assert seen.shape[-2:] == features[layer].shape[-2:]
        inside = [
            min(max(33 - n * stride, 0) / min(stride, 67 - n * stride), 1) for n in range(columns)
        ]
        torch.testing.assert_close(seen[0, 0, 0], torch.tensor(inside))
        assert guide.positions[layer] == pytest.approx(float(seen.sum()))


def test_a_region_that_a_layer_never_sees_is_no_division_by_nothing(tiny: FeatureExtractor) -> None:
    mask = torch.zeros(1, 1, 49, 67)
    mask[..., 48:, 66:] = 1  # pool3 leaves this corner out
    assert Guide(tiny, mask, LAYERS).positions["pool3"] > 0
