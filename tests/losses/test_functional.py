"""Losses: values by hand, closed forms, and gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from artgen.losses.functional import (
    adain_distance,
    content_distance,
    gram_distance,
    moments,
    total_variation,
    wasserstein_distance,
)
from artgen.ops.numerics import square_root


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def gaussian(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (C,) and second moment (C, C) of a map."""
    positions = features.shape[-2] * features.shape[-1]
    total, products = moments(features)
    return total / positions, products / positions


def distance(features: Tensor, target: Tensor) -> Tensor:
    """The Wasserstein distance of two maps' statistics."""
    mean, gram = gaussian(target)
    root = square_root(gram - torch.outer(mean, mean))
    return wasserstein_distance(*gaussian(features), mean, gram, root)


def test_moments_by_hand() -> None:
    features = torch.tensor([[1.0, 2.0], [3.0, -1.0]]).view(1, 2, 1, 2)
    total, products = moments(features)
    assert total.tolist() == [3, 2]
    assert products.tolist() == [[5, 1], [1, 10]]


def test_a_guide_counts_positions_as_often_as_it_says() -> None:
    features, guide = (
        random(1, 4, 3, 5),
        torch.tensor([0, 1, 2]).view(1, 1, 3, 1).expand(-1, -1, 3, 5),
    )
    guided = moments(features, guide)
    repeated = moments(torch.cat([features[:, :, 1:], features[:, :, 2:]], 2))
    for one, other in zip(guided, repeated, strict=True):
        torch.testing.assert_close(one, other)


def test_where_a_guide_counts_little_the_rest_is_left_out() -> None:
    """Sums and gradient are those of the few positions alone."""
    features = random(1, 4, 6, 5).requires_grad_()
    guide = torch.zeros(1, 1, 6, 5).double()
    guide[..., 2, 1:3] = 0.5
    few = features[..., 2:3, 1:3]
    alone = moments(few, torch.full((1, 1, 1, 2), 0.5).double())
    gradients = []
    for total, products in (moments(features, guide), alone):
        torch.testing.assert_close(products, alone[1])
        (gradient,) = torch.autograd.grad(total.sum() + products.square().sum(), features)
        gradients.append(gradient)
    torch.testing.assert_close(*gradients)


def test_a_guides_gradient() -> None:
    features = random(1, 3, 4, 2).requires_grad_()
    guide = random(1, 1, 4, 2, seed=1).abs()
    assert gradcheck(lambda x: moments(x, guide), (features,))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_float32(dtype: torch.dtype) -> None:
    # 300^2 overflows float16, and 4096 + 1 is 4096 in either half.
    features = torch.full((1, 1, 100, 100), 300.0, dtype=dtype)
    value = features[0, 0, 0, 0].item()
    total, products = moments(features)
    assert total.dtype == products.dtype == torch.float32
    assert total.item() == pytest.approx(value * 1e4, rel=1e-6)
    assert products.item() == pytest.approx(value**2 * 1e4, rel=1e-6)
    assert content_distance(features, 0 * features).item() == pytest.approx(value**2 * 1e4)
    every = slice(0, 100)
    stripes = torch.arange(100).remainder(2).mul(300).to(dtype).expand(1, 1, 100, 100)
    assert total_variation(stripes, every, every).item() == pytest.approx(value**2 * 99 * 100)


def test_gram_distance_by_hand() -> None:
    gram, target = torch.tensor([[1.0, 2.0], [2.0, 5.0]]), torch.tensor([[1.0, 0.0], [0.0, 3.0]])
    assert gram_distance(gram, target).item() == pytest.approx((4 + 4 + 4) / 10)
    assert gram_distance(target, target).item() == 0


def test_adain_distance_by_hand() -> None:
    mean, deviation = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 1.0])
    target_mean, target_deviation = torch.tensor([1.0, 1.0]), torch.tensor([2.0, 2.0])
    gram, target = (
        torch.diag(d.square()) + torch.outer(m, m)
        for m, d in ((mean, deviation), (target_mean, target_deviation))
    )
    found = adain_distance(mean, gram, target_mean, target)
    assert found.item() == pytest.approx((4 + 1) / (4 + 1 + 4 + 1), rel=1e-4)
    assert adain_distance(target_mean, target, target_mean, target).item() == 0


def test_adain_distance_does_not_ask_which_channels_go_together() -> None:
    mean, gram = gaussian(random(1, 3, 8, 9))
    alone = torch.diag(gram.diagonal() - mean.square()) + torch.outer(mean, mean)
    assert adain_distance(mean, gram, mean, alone).item() == pytest.approx(0, abs=1e-12)
    assert gram_distance(gram, alone).item() > 1e-3


def test_gram_distance_is_relative() -> None:
    gram, target = random(4, 4), random(4, 4, seed=1)
    torch.testing.assert_close(gram_distance(gram, target), gram_distance(9 * gram, 9 * target))
    assert gram_distance(gram, 0 * target).isfinite()


def test_wasserstein_of_diagonal_gaussians_has_a_closed_form() -> None:
    mean, other = torch.tensor([1.0, -2.0, 0.5]).double(), torch.tensor([0.0, 1.0, 0.5]).double()
    deviations, others = torch.tensor([1.0, 2.0, 0.3]).double(), torch.tensor([2.0, 2.0, 1.0])
    gram = deviations.square().diag() + torch.outer(mean, mean)
    target = others.double().square().diag() + torch.outer(other, other)
    found = wasserstein_distance(mean, gram, other, target, others.double().diag())
    expected = (mean - other).square().sum() + (deviations - others).square().sum()
    torch.testing.assert_close(found, expected / target.trace(), atol=1e-8, rtol=0)


def test_wasserstein_of_commuting_gaussians_has_one_too() -> None:
    turn, _ = torch.linalg.qr(random(4, 4))
    one, two = torch.tensor([1.0, 2.0, 3.0, 4.0]).double(), torch.tensor([2.0, 1.0, 5.0, 4.0])
    gram, target = (turn @ d.double().square().diag() @ turn.T for d in (one, two))
    zero = torch.zeros(4).double()
    found = wasserstein_distance(zero, gram, zero, target, square_root(target))
    expected = (one - two).square().sum() / two.square().sum()
    torch.testing.assert_close(found, expected.double(), atol=1e-8, rtol=0)


@pytest.mark.parametrize("size", [(9, 11), (2, 3), (1, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_wasserstein_is_zero_at_identity(size: tuple[int, int], dtype: torch.dtype) -> None:
    features = random(1, 12, *size, dtype=dtype)
    # Not nought: the floor under the eigenvalues is 1e-5 of the energy, and counts twice.
    assert abs(distance(features, features).item()) < 2.1e-5
    assert distance(features + 1, features) > 1e-2


def test_wasserstein_is_relative() -> None:
    one, two = random(1, 5, 6, 7), random(1, 5, 7, 6, seed=1)
    torch.testing.assert_close(distance(one, two), distance(1e-2 * one, 1e-2 * two))


@pytest.mark.parametrize("target_size", [(1, 1), (2, 3), (9, 11)])
@pytest.mark.parametrize("dead", [False, True])
def test_rank_deficient_covariances_have_finite_gradients(
    target_size: tuple[int, int], dead: bool
) -> None:
    features = random(1, 40, 2, 2, dtype=torch.float32)
    target = random(1, 40, *target_size, seed=1, dtype=torch.float32)
    if dead:  # as after a ReLU: some channels never fire, or none does
        features[:, :20], target[:, 10:30] = 0, 0
    features.requires_grad_()
    loss = distance(features, target)
    loss.backward()
    assert loss.dtype == torch.float32
    assert features.grad is not None
    assert features.grad.isfinite().all()
    assert features.grad.abs().max() < 10


def test_a_silent_target_gives_finite_losses() -> None:
    features = random(1, 6, 4, 4, dtype=torch.float32).requires_grad_()
    loss = distance(features, torch.zeros(1, 6, 4, 4))
    loss.backward()
    assert loss.isfinite()
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_content_distance_by_hand() -> None:
    one, two = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, 6.0])
    assert content_distance(one.view(1, 1, 1, 3), two.view(1, 1, 1, 3)).item() == 13


def test_total_variation_by_hand() -> None:
    picture = torch.tensor([[1.0, 2.0, 4.0], [1.0, 0.0, 4.0]]).view(1, 1, 2, 3)
    down, right = 0 + 4 + 0, 1 + 4 + 1 + 16
    assert total_variation(picture, slice(0, 2), slice(0, 3)).item() == down + right
    # The upper left pixel alone, with neighbours beyond; the last one has none.
    assert total_variation(picture, slice(0, 1), slice(0, 1)).item() == 0 + 1
    assert total_variation(picture, slice(1, 2), slice(2, 3)).item() == 0
    assert total_variation(picture + 7, slice(0, 2), slice(0, 3)).item() == down + right


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1)])
def test_a_flat_or_thin_picture_has_no_variation(size: tuple[int, int]) -> None:
    flat = torch.full((1, 3, *size), 0.4)
    assert total_variation(flat, slice(0, size[0]), slice(0, size[1])).item() == 0


PLACE = slice(0, 3), slice(1, 4)
TARGET = random(1, 3, 4, 5, seed=3)
GRADIENTS: dict[str, Callable[[Tensor], Tensor | tuple[Tensor, Tensor]]] = {
    "moments": moments,
    "gram": lambda x: gram_distance(gaussian(x)[1], gaussian(TARGET)[1]),
    "adain": lambda x: adain_distance(*gaussian(x), *gaussian(TARGET)),
    "wasserstein": lambda x: distance(x, TARGET),
    "content": lambda x: content_distance(x, TARGET),
    "variation": lambda x: total_variation(x, *PLACE),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    assert gradcheck(GRADIENTS[name], random(1, 3, 4, 5).requires_grad_())
