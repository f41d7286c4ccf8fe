"""The feed-forward network: shapes, mixtures, norms, and what a pixel depends on."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from small import small_painter
from torch import Tensor

from artgen.errors import UsageError
from artgen.fast.multi_style import PHOTO, Painter, measure, padded, sums
from artgen.fast.unet import STRIDE


@pytest.fixture
def painter() -> Painter:
    return small_painter(blocks=2).double()


@pytest.mark.parametrize("size", [(49, 67), (16, 24), (7, 90), (1, 1)])
def test_a_picture_keeps_its_size(painter: Painter, size: tuple[int, int]) -> None:
    picture = torch.rand(2, 3, *size, dtype=torch.float64)
    assert painter(picture, painter.mix({"red": 1})).shape == picture.shape


def test_pictures_of_a_batch_do_not_see_each_other(painter: Painter) -> None:
    pictures = torch.rand(2, 3, 40, 48, dtype=torch.float64)
    mix = painter.mix({"red": 1, "blue": 1}, 0.5)
    both = painter(pictures, mix)
    for index in range(2):
        alone = painter(pictures[index : index + 1], mix)
        torch.testing.assert_close(both[index : index + 1], alone)


def test_contrast_and_brightness_of_a_layer_are_gone_after_its_norm(painter: Painter) -> None:
    features = torch.rand(1, 8, 20, 20, dtype=torch.float64)
    norm, mix = painter.norm, painter.mix({"red": 1})

    def normed(x: Tensor) -> Tensor:
        walk = norm.walk(x, mix)
        walk_seen = next(walk)
        with pytest.raises(StopIteration) as end:
            walk.send(measure(walk_seen))
        return end.value.value

    torch.testing.assert_close(normed(features), normed(features * 50 + 3), atol=0.03, rtol=0)


def test_sums_and_moments_are_those_of_torch() -> None:
    features = torch.rand(2, 5, 7, 9) + 3
    total, squares, positions = sums(features)
    assert positions == 63
    torch.testing.assert_close(total, features.sum((2, 3), keepdim=True))
    torch.testing.assert_close(squares, features.square().sum((2, 3), keepdim=True))
    mean, variance = measure(features)
    torch.testing.assert_close(mean, features.mean((2, 3), keepdim=True))
    wanted = features.var((2, 3), keepdim=True, correction=0)
    torch.testing.assert_close(variance, wanted, atol=1e-5, rtol=1e-3)


def test_strength_leads_from_the_photo_itself_to_the_style(painter: Painter) -> None:
    photo = smooth(48, 64, seed=2).to(painter.photo_gain)
    none, half, full = (
        painter(photo, painter.mix({"red": 1.0}, strength)) for strength in (0.0, 0.5, 1.0)
    )
    assert torch.equal(none, photo)
    assert 0 < (half - photo).abs().mean() < (full - photo).abs().mean()


def test_a_mixture_is_of_shares_and_strength(painter: Painter) -> None:
    assert painter.styles == (PHOTO, "red", "blue")
    mixed = painter.mix({"red": 3, "blue": 1}, 0.5)
    assert mixed.tolist() == [[0.5, 0.375, 0.125]]
    assert painter.mix({"red": 2}).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("shares", [{"red": 0.0}, {"red": 2.0, "blue": -1.0}])
def test_shares_that_make_no_mixture_are_refused(
    painter: Painter, shares: dict[str, float]
) -> None:
    with pytest.raises(UsageError, match="no mixture"):
        painter.mix(shares)


def test_an_unknown_style_gets_a_guess(painter: Painter) -> None:
    with pytest.raises(UsageError, match="no trained style 'bleu'") as caught:
        painter.mix({"bleu": 1})
    assert "Did you mean 'blue'?" in caught.value.hint


@pytest.mark.parametrize("styles", [[], ["red", "red"], [PHOTO]])
def test_styles_need_names_that_differ(styles: list[str]) -> None:
    with pytest.raises(UsageError, match="names that differ"):
        Painter(styles)


def test_new_styles_leave_the_old_ones_as_they_were(painter: Painter) -> None:
    grown = painter.with_styles(["green"]).double().requires_grad_(False)
    picture = smooth(40, 48, seed=1).double()
    for name in ("red", "blue"):
        old, new = (one(picture, one.mix({name: 1})) for one in (painter, grown))
        torch.testing.assert_close(old, new)
    mean = (painter.mix({"red": 1}) + painter.mix({"blue": 1})) / 2
    torch.testing.assert_close(
        grown(picture, grown.mix({"green": 1})), painter(picture, mean), atol=1e-5, rtol=0
    )


def test_padding_carries_the_picture_on() -> None:
    picture = smooth(49, 64, seed=1)
    larger = padded(picture)
    assert larger.shape[-2:] == (56, 64)
    assert larger[..., :49, :].equal(picture)
    assert larger[..., 55, :].equal(picture[..., 48, :])
    assert padded(larger) is larger
    assert padded(smooth(3, 3, seed=1)).shape[-2:] == (2 * STRIDE, 2 * STRIDE)


def test_a_flat_picture_stays_flat_until_noise_is_learnt() -> None:
    painter = Painter(["red"]).requires_grad_(False)
    flat = torch.full((1, 3, 96, 96), 0.4)
    painted = painter(flat, painter.mix({"red": 1}))
    assert painted.std((2, 3)).max() < 1e-3
