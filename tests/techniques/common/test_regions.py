"""Zones: each part of a picture is painted like its own paintings, and the protected not at all."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.losses.style import style_moments, style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.ops.resize import resample
from artgen.optim.pyramid import Scale
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.pull import Pull
from artgen.techniques.common.regions import Zones

SIZE = (49, 67)


@pytest.fixture
def half() -> Tensor:
    """The left half, of another size than the picture."""
    return torch.cat([torch.ones(1, 1, 10, 11), torch.zeros(1, 1, 10, 11)], 3)


def losses(zones: Zones, tiny: FeatureExtractor, picture: Tensor) -> dict[str, float]:
    layers = Layers.of(tiny, "relu1_1", "relu1_1", 0).used_by(["moments"])
    features = tiny(picture, ["relu1_1"])
    pull = Pull(
        tiny, tiny, layers, zones, picture, ["moments"], 1, 0.0, 50, 1.0, 0.0, 0.0, wraps=False
    )
    made = [term for term in pull(Scale(SIZE, 1), None, picture) if "style" in term.name]
    return {
        term.name: float(term.weight * term.loss(term.statistics(features, whole(features))))
        for term in made
    }


def test_without_masks_it_is_the_plain_style_term(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    zones = Zones([[Painting(painting)]])
    targets = style_moments(tiny, [Painting(painting).at(67, 1)], [1.0], ["relu1_1"])
    plain = style_term(targets, {"relu1_1": 1.0}, "moments", 1.0)
    features = tiny(photo, ["relu1_1"])
    value = float(plain.loss(plain.statistics(features, whole(features))))
    assert losses(zones, tiny, photo) == {"style": value * tiny.role("style").scale}


def test_each_half_is_compared_with_its_own_painting(tiny: FeatureExtractor, half: Tensor) -> None:
    dark, light = torch.full((1, 3, *SIZE), 0.2), torch.full((1, 3, *SIZE), 0.8)
    zones = Zones([[Painting(dark)], [Painting(light)]], [half])
    left = resample(half, SIZE).clamp(0, 1)
    right_way = light * left + dark * (1 - left)
    wrong_way = dark * left + light * (1 - left)
    right, wrong = (losses(zones, tiny, picture) for picture in (right_way, wrong_way))
    assert right.keys() == {"style", "style 1"}
    assert all(right[name] < 0.1 * wrong[name] for name in right)


def test_a_zone_too_small_for_statistics_is_left_out(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    everywhere = torch.ones(1, 1, 5, 5)
    zones = Zones([[Painting(painting)], [Painting(painting)]], [everywhere])
    assert losses(zones, tiny, photo).keys() == {"style 1"}


def test_what_is_protected_is_the_photo(photo: Tensor, painting: Tensor, half: Tensor) -> None:
    zones = Zones([[Painting(painting)]], (), half)
    kept = zones.kept(1 - photo, photo)
    torch.testing.assert_close(kept[..., :25], photo[..., :25], atol=1e-3, rtol=0)
    torch.testing.assert_close(kept[..., -25:], 1 - photo[..., -25:], atol=1e-3, rtol=0)
    off = (zones.recoloured(photo, 1.0) - photo).abs()
    assert off[..., :25].max() < 1e-3
    assert off[..., -25:].mean() > 0.05


def test_colours_alone_go_where_their_masks_are(photo: Tensor, half: Tensor) -> None:
    red, blue = (
        torch.tensor(c).view(1, 3, 1, 1).expand(1, 3, 9, 9) for c in ([1.0, 0, 0], [0, 0, 1.0])
    )
    made = Zones([[Painting(blue)], [Painting(red)]], [half]).recoloured(photo, 1.0)
    assert made[0, 0, :, :25].mean() > 0.9 > 0.1 > made[0, 2, :, :25].mean()
    assert made[0, 2, :, -25:].mean() > 0.9 > 0.1 > made[0, 0, :, -25:].mean()
