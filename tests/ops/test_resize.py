"""Other sizes: the mean stays, nothing aliases, what wraps round still does."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.resize import fit, resample, resize, taps


def test_fit() -> None:
    assert fit((3000, 4000), 1000) == (750, 1000)
    assert fit((4000, 3000), 1000) == (1000, 750)
    assert fit((10, 20), 40) == (20, 40)
    assert fit((10, 20000), 512) == (1, 512)
    assert fit((1, 1), 512) == (512, 512)


def test_resize() -> None:
    checks = (torch.arange(64)[:, None] + torch.arange(64)).remainder(2).float()
    checks = checks.expand(1, 3, 64, 64)
    small = resize(checks, (16, 16))
    assert small.shape == (1, 3, 16, 16)
    assert (small[..., 2:-2, 2:-2] - 0.5).abs().max() < 0.02  # averaged, not picked
    edge = torch.zeros(1, 1, 8, 8)
    edge[..., 4:] = 1
    large = resize(edge, (33, 47))
    assert large.shape == (1, 1, 33, 47)
    assert large.min() >= 0
    assert large.max() <= 1  # bicubic overshoots
    assert torch.equal(resize(checks, (64, 64)), checks)


def test_resampling_keeps_the_mean_and_does_not_alias() -> None:
    board = torch.arange(64).view(1, 1, 1, 64).expand(1, 1, 64, 64) % 2.0
    small = resample(board, (16, 16))
    assert small.mean().item() == pytest.approx(0.5, abs=1e-3)
    # One in two pixels is white: without antialiasing a quarter's size is all white or all black.
    assert small[..., 3:-3].sub(0.5).abs().max() < 0.05


def test_resampling_to_the_same_size_costs_nothing(photo: Tensor) -> None:
    assert resample(photo, (49, 67)) is photo


@pytest.mark.parametrize("size", [(64, 96), (48, 48), (30, 70), (17, 33), (96, 160)])
def test_what_wraps_round_still_does_at_another_size(size: tuple[int, int]) -> None:
    """Nine copies laid together and resampled are nine copies of the resampled one."""
    picture = torch.rand(1, 3, 48, 80, generator=torch.Generator().manual_seed(0))
    small = resample(picture, size, wraps=True)
    laid = resample(picture.repeat(1, 1, 3, 3), (3 * size[0], 3 * size[1]))
    middle = laid[..., size[0] : 2 * size[0], size[1] : 2 * size[1]]
    torch.testing.assert_close(small, middle, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("length", "target"), [(64, 64), (64, 23), (97, 60), (40, 1)])
def test_taps_are_the_antialiased_reduction(length: int, target: int) -> None:
    picture = smooth(length, 5, seed=1).double()
    wanted = resample(picture, (target, 5))
    for start, stop in [(0, target), (target // 3, target // 2 + 1)]:
        first, weights = taps(length, target, start, stop)
        part = picture[..., first : first + weights.shape[1], :]
        assert (weights @ part - wanted[..., start:stop, :]).abs().max() < 1e-12


def test_taps_of_no_reduction_are_the_samples_themselves() -> None:
    first, weights = taps(9, 9, 2, 5)
    assert first == 2
    assert weights.equal(torch.eye(3, dtype=torch.float64))
