"""The ascent's parts: octaves, an even gradient, the canvas that keeps the photo."""

from __future__ import annotations

import math

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.ops.resize import resample
from artgen.optim.gradient_ascent import Ascent, Octave, clouds, even, octaves


def band(picture: Tensor, waves: int) -> float:
    """How strong waves of a frequency are along the rows of a picture."""
    return float(torch.fft.rfft(picture, dim=-1)[..., waves].abs().mean())


def test_octaves_grow_by_their_ratio_to_the_size_asked_for() -> None:
    made = octaves((340, 512), 4, 1.4, 10, 16)
    assert [scale.size for scale in made] == [(124, 187), (173, 261), (243, 366), (340, 512)]
    assert {scale.iterations for scale in made} == {10}


def test_octaves_too_small_are_left_out_but_for_the_last() -> None:
    assert [s.size for s in octaves((64, 64), 5, 2.0, 1, 16)] == [(16, 16), (32, 32), (64, 64)]
    assert [s.size for s in octaves((9, 9), 3, 2.0, 1, 16)] == [(9, 9)]


def test_even_lifts_what_is_weak() -> None:
    """Slow waves a hundredth as strong as fast ones: alike at 1, hardly heard at 0."""
    x = torch.arange(128) * (2 * math.pi / 128)
    wave = (0.01 * torch.sin(2 * x) + torch.sin(48 * x)).expand(1, 3, 96, 128)
    ratios = [band(even(wave, a), 2) / band(even(wave, a), 48) for a in (0.0, 0.5, 1.0)]
    assert ratios[0] == pytest.approx(0.01, rel=0.01)
    assert ratios[0] < 0.3 * ratios[1] < 0.3 * ratios[2]
    assert 0.3 < ratios[2] < 3


@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (49, 67)])
def test_even_shifts_no_colour(amount: float, shape: tuple[int, int]) -> None:
    gradient = smooth(*shape, seed=3) + torch.tensor([0.0, 5.0, -2.0]).view(1, 3, 1, 1)
    made = even(gradient, amount)
    assert made.shape == gradient.shape
    assert made.isfinite().all()
    assert (made.mean((2, 3)).abs() < 0.05 * made.abs().max() + 1e-6).all()


def test_even_of_nothing_is_nothing() -> None:
    assert not even(torch.zeros(1, 3, 49, 67), 1.0).any()


def test_the_detail_that_was_lost_is_put_back() -> None:
    """What was never dreamt on comes out as sharp as the photo; a dream comes along."""
    photo = torch.rand((1, 3, 49, 67), generator=torch.Generator().manual_seed(1))
    small = Octave(resample(photo, (25, 34)).clamp(0, 1), photo)
    assert (small.resized((49, 67)).values - photo).abs().max() < 1e-6
    with torch.no_grad():
        small.values += 0.1 * smooth(25, 34, seed=2)
    dream = small.resized((49, 67)).values - photo
    inside = (photo > 0.2) & (photo < 0.8)
    expected = resample(0.1 * smooth(25, 34, seed=2), (49, 67))
    assert (dream - expected)[inside].abs().max() < 0.01


def test_a_canvas_of_its_size_keeps_every_bit(photo: Tensor) -> None:
    canvas = Octave(smooth(25, 34, seed=3), photo)
    assert canvas.resized((25, 34)).values.equal(canvas.values)


def test_the_gradient_is_moved_back(photo: Tensor) -> None:
    canvas = Octave(photo, photo)
    canvas.shift = (3, -5)
    other = smooth(49, 67, seed=5)
    assert (canvas() * other).sum().item() == pytest.approx(
        (canvas.values * canvas.pull(canvas(), other)).sum().item(), rel=1e-5
    )


def climb(canvas: Octave, seed: int, jitter: int, rate: float = 0.01) -> Tensor:
    """One step along a fixed gradient; what it changed."""
    before = canvas.values.detach().clone()
    generator = torch.Generator().manual_seed(seed)
    mover = Ascent(rate, jitter=jitter, smoothing=0.5, generator=generator)
    way = smooth(*canvas.size, seed=6) - 0.5
    mover.begin(canvas)
    mover.step(canvas, lambda: (torch.zeros(()), canvas.pull(canvas(), way)))
    assert mover.finish() == 0
    return mover.picture(canvas) - before


def test_a_step_moves_a_pixel_by_its_rate_on_average() -> None:
    grey = torch.full((1, 3, 49, 67), 0.5)
    moved = climb(Octave(grey, grey), 0, 0)
    assert moved.abs().mean().item() == pytest.approx(0.01, rel=1e-4)
    assert not climb(Octave(grey, grey), 0, 0, rate=0.0).any()


def test_a_picture_smaller_than_its_jitter_can_be_moved() -> None:
    grey = torch.full((1, 3, 1, 5), 0.5)
    assert climb(Octave(grey, grey), 0, 32).isfinite().all()


def test_a_gradient_of_nothing_moves_nothing(photo: Tensor) -> None:
    canvas = Octave(photo, photo)
    mover = Ascent(0.1, jitter=4, smoothing=1.0, generator=torch.Generator())
    mover.step(canvas, lambda: (torch.zeros(()), torch.zeros_like(photo)))
    assert mover.picture(canvas).equal(photo)


def test_clouds_are_grey_seeded_and_have_forms_of_every_size() -> None:
    scales = octaves((96, 128), 4, 2.0, 1, 1)
    made = clouds(scales, torch.Generator().manual_seed(3))
    assert made.shape == (1, 3, 96, 128)
    assert made.equal(clouds(scales, torch.Generator().manual_seed(3)))
    assert made[:, 0].equal(made[:, 2])
    assert resample(made, (12, 16)).std() > 0.01
    assert made.mean().item() == pytest.approx(0.5, abs=0.02)


def test_what_wraps_round_has_no_edge() -> None:
    """Rolled by its period, an evened gradient is that of the rolled one."""
    gradient = torch.randn((1, 3, 64, 64), generator=torch.Generator().manual_seed(2))
    rolled = even(gradient.roll((32, 16), (2, 3)), 0.5, wraps=True)
    assert (rolled - even(gradient, 0.5, wraps=True).roll((32, 16), (2, 3))).abs().max() < 1e-5
    canvas = Octave(gradient, gradient, wraps=True)
    assert canvas.resized((32, 32)).wraps
