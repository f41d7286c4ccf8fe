"""The loop: one forward pass an evaluation, exact gradients and counts, no mode that leaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen import terms
from artgen.canvas import Pixels
from artgen.features import FeatureExtractor, whole
from artgen.networks import all_networks
from artgen.optimise import Average, Scale, Stepper, Term, evaluate, pyramid

OPTIMISERS = ("lbfgs", "adam")
STYLE = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}


@pytest.fixture
def tiny() -> FeatureExtractor:
    return FeatureExtractor(all_networks().get("tiny"))


Make = Callable[[FeatureExtractor], list[Term]]


@pytest.fixture
def pulls(photo: Tensor, painting: Tensor) -> Make:
    """Style, content and variation, made for an extractor in its own precision."""

    def make(extractor: FeatureExtractor) -> list[Term]:
        here, there = photo.to(extractor.dtype), painting.to(extractor.dtype)
        targets = terms.style_moments(extractor, [there], [1.0], tuple(STYLE))
        return [
            terms.style(targets, STYLE, "moments", 1.0),
            terms.content(extractor, here, {"relu4_2": 1.0}, 0.1),
            terms.variation(5.0),
        ]

    return make


def count_passes(extractor: FeatureExtractor) -> list[int]:
    """A list that grows by one with every forward pass."""
    passes: list[int] = []
    extractor.register_forward_hook(lambda *_: passes.append(1))
    return passes


def test_one_forward_pass_serves_all_terms(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make
) -> None:
    made = pulls(tiny)
    passes = count_passes(tiny)
    losses, total, gradient = evaluate(photo, tiny, made)
    assert len(passes) == 1
    assert list(losses) == ["style", "content", "tv"]
    torch.testing.assert_close(total, torch.stack(list(losses.values())).sum())
    assert gradient.shape == photo.shape
    assert all(loss.dim() == 0 and not loss.requires_grad for loss in [*losses.values(), total])


def test_the_gradient_is_autograds_through_everything(
    tiny: FeatureExtractor, painting: Tensor, pulls: Make
) -> None:
    tiny.double()
    made = pulls(tiny)
    picture = smooth(49, 67, seed=5).double().requires_grad_()
    _, total, gradient = evaluate(picture, tiny, made)
    expected = torch.zeros((), dtype=torch.float64)
    for term in made:  # each with a forward pass of its own
        features = tiny(picture, term.layers)
        expected = expected + term.weight * term.loss(term.statistics(features, whole(features)))
    expected.backward()
    torch.testing.assert_close(total, expected.detach())
    torch.testing.assert_close(gradient, picture.grad, atol=1e-12, rtol=1e-9)


def test_the_gradient_is_that_of_finite_differences(tiny: FeatureExtractor, pulls: Make) -> None:
    """Of small ones: the network is piecewise smooth, and a larger step crosses kinks."""
    tiny.double()
    made = pulls(tiny)
    picture, way = smooth(49, 67, seed=5).double(), smooth(49, 67, seed=6).double() - 0.5
    _, _, gradient = evaluate(picture, tiny, made)
    ahead, behind = (evaluate(picture + s * 1e-8 * way, tiny, made)[1] for s in (1, -1))
    assert ((ahead - behind) / 2e-8).item() == pytest.approx(
        (gradient * way).sum().item(), rel=1e-3
    )


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_steps_are_counted_and_each_is_one_evaluation(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make, optimiser: str
) -> None:
    made = pulls(tiny)
    passes = count_passes(tiny)
    stepper = Stepper(optimiser)
    for step in stepper.run(Pixels(photo), tiny, made, 4, before=3, total=9):
        assert len(passes) == step.index - 3
        assert (step.total, step.scale) == (9, (49, 67))
    assert step.index == 7


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_loss_goes_down_and_the_picture_stays_in_the_gamut(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make, optimiser: str
) -> None:
    canvas, made = Pixels(photo), pulls(tiny)
    totals = []
    for step in Stepper(optimiser).run(canvas, tiny, made, 25):
        totals.append(torch.stack(list(step.losses.values())).sum().item())
        assert canvas.pixels.min() >= 0
        assert canvas.pixels.max() <= 1
    assert totals[-1] < 0.85 * totals[0]
    # The picture handed out is as good as the last point evaluated.
    assert evaluate(step.picture(), tiny, made)[1].item() < 0.85 * totals[0]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_steps_picture_is_a_clone(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make, optimiser: str
) -> None:
    canvas = Pixels(photo)
    run = Stepper(optimiser).run(canvas, tiny, pulls(tiny), 3)
    first = next(run)
    kept = first.picture()
    assert not kept.requires_grad
    same, losses = kept.clone(), dict(first.losses)
    first.picture().zero_()  # spoils nothing
    assert first.picture().equal(same)
    list(run)
    assert kept.equal(same)
    assert first.losses == losses


def modes() -> tuple[bool, ...]:
    return (
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
    )


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("grad", [True, False])
def test_no_mode_leaks_out_nor_in(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make, optimiser: str, grad: bool
) -> None:
    made = pulls(tiny)
    with torch.set_grad_enabled(grad):
        outside = modes()
        for step in Stepper(optimiser).run(Pixels(photo), tiny, made, 2):
            assert modes() == outside
            step.picture()
            assert modes() == outside
        assert modes() == outside


def test_adams_moments_go_along_to_another_size(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make
) -> None:
    stepper, made = Stepper("adam"), pulls(tiny)
    canvas = Pixels(photo)
    list(stepper.run(canvas, tiny, made, 5))
    (before,) = stepper._adam.state.values()
    larger = canvas.resized((70, 95))
    list(stepper.run(larger, tiny, [terms.variation(0.0)], 1))
    (after,) = stepper._adam.state.values()
    assert after["step"].item() == 6
    assert after["exp_avg"].shape == after["exp_avg_sq"].shape == (1, 3, 70, 95)
    assert after["exp_avg_sq"].min() >= 0
    # A gradient of nought only decays them: by 0.9 and 0.99.
    for name, decay in (("exp_avg", 0.9), ("exp_avg_sq", 0.99)):
        size = after[name].square().mean().sqrt() / before[name].square().mean().sqrt() / decay
        assert 0.5 < size < 1.1
    assert stepper.average.picture().shape == (1, 3, 70, 95)


def test_a_fresh_lbfgs_at_every_scale(tiny: FeatureExtractor, photo: Tensor, pulls: Make) -> None:
    """Curvature pairs of another size would not even have the right shape."""
    stepper, canvas = Stepper("lbfgs"), Pixels(photo)
    list(stepper.run(canvas, tiny, pulls(tiny), 3))
    (step,) = stepper.run(canvas.resized((70, 95)), tiny, [terms.variation(1.0)], 1)
    assert step.picture().shape == (1, 3, 70, 95)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_an_average_of_the_same_is_the_same(count: int) -> None:
    average, flat = Average(0.97), torch.full((1, 3, 4, 5), 0.3)
    for _ in range(count):
        average.add(flat)
    torch.testing.assert_close(average.picture(), flat)


def test_an_average_by_hand() -> None:
    average = Average(0.5)
    for value in (0.0, 1.0):
        average.add(torch.full((1, 1, 1, 1), value))
    assert average.picture().item() == pytest.approx(2 / 3)  # weights 1/4 and 1/2, over their sum


def test_an_average_goes_along_to_another_size() -> None:
    average = Average(0.9)
    average.add(torch.full((1, 3, 4, 5), 0.3))
    average.add(torch.full((1, 3, 8, 10), 0.3))
    torch.testing.assert_close(average.picture(), torch.full((1, 3, 8, 10), 0.3))


SIDES = (1, 16, 67, 127, 128, 129, 153, 200, 511, 512, 1000, 1024, 4096, 8192)


@pytest.mark.parametrize("side", SIDES)
def test_a_pyramid_shares_every_iteration_and_ends_at_the_side(side: int) -> None:
    for iterations in [*range(1, 41), 99, 100, 400, 1001]:
        scales = pyramid(side, iterations)
        sides = [scale.side for scale in scales]
        assert sides[-1] == side
        assert sum(scale.iterations for scale in scales) == iterations
        # A scale without iterations would leave the result at the size of the one before.
        assert all(scale.iterations >= 1 for scale in scales)
        assert all(a < b for a, b in pairwise(sides))
        assert all(1.35 < b / a < 1.48 for a, b in pairwise(sides))


@pytest.mark.parametrize("side", SIDES)
def test_coarse_scales_get_more(side: int) -> None:
    scales = pyramid(side, 1000)
    for coarse, fine in pairwise(scales):
        assert coarse.iterations >= fine.iterations
        owed = [1000 / s.side / sum(1 / t.side for t in scales) for s in scales]
        assert all(abs(s.iterations - o) <= 1 for s, o in zip(scales, owed, strict=True))


@pytest.mark.parametrize(
    ("side", "iterations", "expected"),
    [
        (64, 7, [Scale(64, 7)]),
        (128, 7, [Scale(128, 7)]),
        (512, 1, [Scale(512, 1)]),
        (512, 2, [Scale(362, 1), Scale(512, 1)]),
        (256, 60, [Scale(128, 27), Scale(181, 19), Scale(256, 14)]),
    ],
)
def test_pyramids_by_hand(side: int, iterations: int, expected: list[Scale]) -> None:
    assert pyramid(side, iterations) == expected


def test_a_pyramid_begins_near_the_coarsest() -> None:
    for side in SIDES:
        first = pyramid(side, 400)[0].side
        assert first == side if side <= 128 else 128 / 2**0.26 < first < 128 * 2**0.26


def test_a_nan_at_the_start_is_survived(tiny: FeatureExtractor, photo: Tensor, pulls: Make) -> None:
    made, calls = pulls(tiny), []

    def loss(sums: object) -> Tensor:
        calls.append(1)
        value = terms.variation(1.0).loss(sums)
        return value * (math.nan if len(calls) == 1 else 1.0)

    odd = Term("odd", ("image",), terms.variation(1.0).statistics, loss)
    *_, step = Stepper("lbfgs").run(Pixels(photo), tiny, [*made, odd], 10)
    assert step.picture().isfinite().all()
    assert not step.picture().equal(photo)
