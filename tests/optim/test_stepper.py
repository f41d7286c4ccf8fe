"""What a stepper remembers: Adam goes along to another size, L-BFGS begins anew."""

from __future__ import annotations

import pytest
import torch
from loop import Make, steps
from torch import Tensor

from artgen.losses.regularization import variation_term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.canvas import Pixels
from artgen.optim.stepper import Average, Stepper


def test_adams_moments_go_along_to_another_size(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make
) -> None:
    stepper, made = Stepper("adam"), pulls(tiny)
    canvas = Pixels(photo)
    list(steps(stepper, canvas, tiny, made, 5))
    before = {name: value.clone() for name, value in stepper.state().items()}
    larger = canvas.resized((70, 95))
    list(steps(stepper, larger, tiny, [variation_term(0.0)], 1))
    after = stepper.state()
    assert after["count"].item() == 6
    assert after["mean"].shape == after["square"].shape == (1, 3, 70, 95)
    assert after["square"].min() >= 0
    # A gradient of nought only decays them: by 0.9 and 0.99.
    for name, decay in (("mean", 0.9), ("square", 0.99)):
        size = after[name].square().mean().sqrt() / before[name].square().mean().sqrt() / decay
        assert 0.5 < size < 1.1
    assert stepper.average.picture().shape == (1, 3, 70, 95)


def test_a_fresh_lbfgs_at_every_scale(tiny: FeatureExtractor, photo: Tensor, pulls: Make) -> None:
    """Curvature pairs of another size would not even have the right shape."""
    stepper, canvas = Stepper("lbfgs"), Pixels(photo)
    list(steps(stepper, canvas, tiny, pulls(tiny), 3))
    (step,) = steps(stepper, canvas.resized((70, 95)), tiny, [variation_term(1.0)], 1)
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
