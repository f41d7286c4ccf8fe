"""The ascent's parts: octaves, an even gradient, the canvas that keeps the photo, the term."""

from __future__ import annotations

import math

import pytest
import torch
from loop import count_passes
from pictures import smooth
from torch import Tensor

from artgen.ascent import OBJECTIVES, Ascent, Octave, activation, energies, even, octaves
from artgen.canvas import resample
from artgen.features import FeatureExtractor, whole
from artgen.objective import evaluate

LAYERS = {"relu2_2": 0.5, "relu4_2": 2.0}


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


def test_the_gradient_is_rolled_back(photo: Tensor) -> None:
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


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_tiles_give_the_same_pull(objective: str, tiny: FeatureExtractor, photo: Tensor) -> None:
    tiny.double()
    reference = energies(tiny, photo.double(), tuple(LAYERS))
    term = activation(LAYERS, reference, objective)
    picture = smooth(49, 67, seed=5).double()
    passes = count_passes(tiny)
    one, loss, gradient = evaluate(picture, tiny, [term])
    assert len(passes) == 1
    many, tiled_loss, tiled = evaluate(picture, tiny, [term], tile=16)
    assert len(passes) > 8
    torch.testing.assert_close(one, many)
    torch.testing.assert_close(loss, tiled_loss)
    torch.testing.assert_close(gradient, tiled, atol=1e-12, rtol=1e-9)


def test_energies_are_mean_squares_whole_or_in_tiles(tiny: FeatureExtractor, photo: Tensor) -> None:
    made = energies(tiny, photo, ("relu2_2",))["relu2_2"]
    expected = tiny(photo, ["relu2_2"])["relu2_2"].double().square().mean((0, 2, 3))
    torch.testing.assert_close(made, expected)
    torch.testing.assert_close(energies(tiny, photo, ("relu2_2",), 16)["relu2_2"], expected)


def test_a_loss_of_minus_one_is_as_loud_as_the_photo(tiny: FeatureExtractor, photo: Tensor) -> None:
    """Whatever the layers' own loudness: so weights mean the same everywhere."""
    term = activation(LAYERS, energies(tiny, photo, tuple(LAYERS)), "l2")
    features = tiny(photo, LAYERS)
    loss = term.loss(term.statistics(features, whole(features)))
    assert loss.item() == pytest.approx(-1, rel=1e-4)


def test_the_mean_of_some_channels_is_what_it_says(tiny: FeatureExtractor, photo: Tensor) -> None:
    features = tiny(photo, ["relu2_2"])
    chosen = features["relu2_2"][:, [1, 4]]
    reference = energies(tiny, photo, ("relu2_2",))
    rms = features["relu2_2"].square().mean().sqrt()
    term = activation({"relu2_2": 3.0}, reference, "mean", {"relu2_2": (1, 4)})
    loss = term.loss(term.statistics(features, whole(features)))
    assert loss.item() == pytest.approx(-(chosen.mean() / rms).item(), rel=1e-4)
