"""The optimal transport between Gaussians: it arrives, takes the shortest way, blows nothing up."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.fast.gaussian_transport import AffineMap, transport_map
from artgen.losses import functional
from artgen.ops.numerics import square_root


def layer(seed: int, channels: int = 5, positions: tuple[int, int] = (20, 30)) -> Tensor:
    """Correlated features (1, C, H, W), in float64."""
    random = torch.Generator().manual_seed(seed)
    rows = torch.randn(channels, channels, generator=random, dtype=torch.float64)
    noise = torch.randn(1, channels, *positions, generator=random, dtype=torch.float64)
    return torch.einsum("ij,bjhw->bihw", rows, noise) + rows[:1].view(1, channels, 1, 1)


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    total, products = functional.moments(features)
    positions = features.shape[-2] * features.shape[-1]
    return total / positions, products / positions


def covariance(features: Tensor) -> Tensor:
    mean, gram = moments(features)
    return gram - torch.outer(mean, mean)


def between(photo: Tensor, painting: Tensor) -> AffineMap:
    mean, _ = moments(painting)
    return transport_map(*moments(photo), mean, square_root(covariance(painting)))


@pytest.fixture
def exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the floors that keep noise down."""
    monkeypatch.setattr("artgen.fast.gaussian_transport.FAINT", 0.0)
    monkeypatch.setattr("artgen.fast.gaussian_transport.FLAT", 0.0)


@pytest.mark.usefixtures("exactly")
def test_moments_are_the_paintings_afterwards() -> None:
    photo, painting = layer(1), layer(2)
    carried = between(photo, painting)(photo)
    for got, wanted in zip(moments(carried), moments(painting), strict=True):
        torch.testing.assert_close(got, wanted)


@pytest.mark.usefixtures("exactly")
def test_the_way_is_as_long_as_the_distance_of_the_gaussians() -> None:
    photo, painting = layer(1), layer(2)
    moved = (between(photo, painting)(photo) - photo).square().sum(1).mean()
    mean, gram = moments(painting)
    root = square_root(covariance(painting))
    relative = functional.wasserstein_distance(*moments(photo), mean, gram, root)
    distance = relative * gram.diagonal().sum()
    torch.testing.assert_close(moved, distance, rtol=1e-3, atol=0)


@pytest.mark.usefixtures("exactly")
def test_what_is_there_already_stays() -> None:
    photo = layer(1)
    torch.testing.assert_close(between(photo, photo)(photo), photo)


def test_half_the_way() -> None:
    photo, painting = layer(1), layer(2)
    way = between(photo, painting)
    torch.testing.assert_close(way.partly(0)(photo), photo)
    torch.testing.assert_close(way.partly(1)(photo), way(photo))
    torch.testing.assert_close(way.partly(0.5)(photo), (photo + way(photo)) / 2)


def test_a_photo_that_shows_nothing_becomes_the_paintings_mean() -> None:
    flat = torch.full((1, 5, 8, 8), 0.3, dtype=torch.float64)
    painting = layer(2)
    way = between(flat, painting)
    carried = way(flat)
    torch.testing.assert_close(carried.mean((0, 2, 3)), moments(painting)[0])
    # Rounding is not made a pattern of.
    assert way(flat + 1e-6 * layer(3, positions=(8, 8))).std((2, 3)).max() < 1e-3


def test_a_painting_without_variance_leaves_none() -> None:
    flat = torch.full((1, 5, 8, 8), 0.3, dtype=torch.float64)
    carried = between(layer(1), flat)(layer(1))
    torch.testing.assert_close(carried, torch.full_like(carried, 0.3), atol=1e-6, rtol=0)
