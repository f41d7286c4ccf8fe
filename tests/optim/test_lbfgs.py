"""L-BFGS gets there, one evaluation a step, and cannot run away whatever it is told."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from artgen.optim.lbfgs import FARTHEST, LBFGS

Function = Callable[[Tensor], Tensor]


class Problem:
    """A function, where to begin, and all that was asked of it."""

    def __init__(self, function: Function, start: list[float] | Tensor, history: int = 10) -> None:
        self.function = function
        self.x = torch.as_tensor(start, dtype=torch.float64).clone()
        self.lbfgs = LBFGS(self.x, history=history)
        self.values: list[float] = []

    def evaluate(self) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            leaf = self.x.detach().clone().requires_grad_()
            value = self.function(leaf)
            (gradient,) = torch.autograd.grad(value, leaf)
        self.values.append(value.item())
        return value.detach(), gradient

    def go(self, steps: int) -> Problem:
        for _ in range(steps):
            self.lbfgs.step(self.evaluate)
        return self


def usable(lbfgs: LBFGS) -> int:
    """How many of the curvature pairs in memory have a say."""
    return sum(bool(inverse) for *_, inverse in lbfgs.pairs)


def rosenbrock(x: Tensor) -> Tensor:
    return (1 - x[0]).square() + 100 * (x[1] - x[0].square()).square()


def quadratic(x: Tensor) -> Tensor:
    """Condition number 100, minimum 1 at 0.3."""
    return (torch.logspace(0, 2, x.numel()).double() * (x - 0.3).square().flatten()).sum() + 1


def told(x: Tensor, *answers: tuple[float, Tensor]) -> Callable[[], tuple[Tensor, Tensor]]:
    """An `evaluate` that answers as it is told, whatever x is."""
    left = iter(answers)

    def evaluate() -> tuple[Tensor, Tensor]:
        value, gradient = next(left)
        return torch.tensor(value), gradient

    return evaluate


@pytest.mark.parametrize("shape", [(20,), (1, 3, 4, 5)])
@pytest.mark.parametrize("history", [3, 10])
def test_a_quadratic_is_solved_in_60_evaluations(shape: tuple[int, ...], history: int) -> None:
    problem = Problem(quadratic, torch.zeros(shape), history).go(60)
    assert problem.values[-1] - 1 < 1e-6
    assert problem.lbfgs.restarts == 0
    assert len(problem.lbfgs.pairs) <= history


@pytest.mark.parametrize("start", [[-1.2, 1.0], [0.0, 0.0], [2.0, 2.0], [-1.0, -1.0]])
def test_rosenbrocks_valley_is_walked_in_60_evaluations(start: list[float]) -> None:
    assert min(Problem(rosenbrock, start).go(60).values) < 1e-8


def test_one_step_is_one_evaluation() -> None:
    problem = Problem(rosenbrock, [-1.2, 1.0])
    for steps in range(1, 30):
        problem.go(1)
        assert len(problem.values) == steps


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_no_step_is_longer_than_the_bound(scale: float) -> None:
    problem = Problem(lambda x: scale * rosenbrock(x), [-1.2, 1.0])
    for _ in range(40):
        before = problem.x.clone()
        problem.go(1)
        moved = (problem.x - before).square().mean().sqrt()
        assert moved <= FARTHEST * (1 + 1e-9) or problem.x.equal(problem.lbfgs.best)


def test_a_negative_loss_is_no_leap() -> None:
    problem = Problem(lambda x: quadratic(x) - 500, torch.zeros(20)).go(60)
    assert problem.lbfgs.restarts == 0
    assert problem.values[-1] + 499 < 1e-6


@pytest.mark.parametrize("bad", [1e3, math.inf, math.nan])
def test_it_comes_back_from_a_bad_loss(bad: float) -> None:
    problem = Problem(quadratic, torch.zeros(20)).go(8)
    lbfgs, best = problem.lbfgs, min(problem.values)
    assert usable(lbfgs) > 0
    lbfgs.step(lambda: (torch.tensor(best * bad), torch.ones(20).double()))
    problem.evaluate()
    assert problem.values[-1] < best  # a shorter step from where it was best
    assert usable(lbfgs) <= 1
    assert lbfgs.reach == FARTHEST / 2
    assert lbfgs.restarts == 1
    assert problem.go(60).values[-1] - 1 < 1e-6


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_it_comes_back_from_a_bad_gradient(bad: float) -> None:
    problem = Problem(quadratic, torch.zeros(20)).go(8)
    gradient = torch.zeros(20).double()
    gradient[7] = bad
    problem.lbfgs.step(lambda: (torch.tensor(1.0), gradient))
    assert problem.lbfgs.restarts == 1
    assert problem.x.isfinite().all()
    assert problem.go(60).values[-1] - 1 < 1e-6


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.0])
@pytest.mark.parametrize("sound", [0, 10])
def test_a_bad_first_evaluation_poisons_nothing(value: float, sound: int) -> None:
    """As float16 gives it; nothing has been good yet, so there is nothing to come back to."""
    problem = Problem(quadratic, torch.zeros(20))
    gradient = torch.full((20,), math.nan).double()
    gradient[:sound] = -1.0
    problem.lbfgs.step(lambda: (torch.tensor(value), gradient))
    assert problem.x.isfinite().all()
    assert (problem.x[:sound] > 0).all()  # downhill, where it is known where that is
    assert (problem.x[sound:] == 0).all()
    problem.go(60)
    assert problem.values[-1] - 1 < 1e-6
    assert problem.lbfgs.restarts == 0


def test_pairs_without_positive_curvature_are_dropped() -> None:
    x = torch.zeros(4)
    lbfgs = LBFGS(x)
    slope = torch.ones(4)
    evaluate = told(x, (3.0, slope), (2.0, slope), (1.0, 2 * slope), (0.9, slope), (0.8, 0 * slope))
    for pairs in (0, 0, 0, 1, 2):  # x goes down: a slope that stays or grows is no valley
        lbfgs.step(evaluate)
        assert usable(lbfgs) == pairs
        assert x.isfinite().all()


def test_x_that_did_not_move_gives_no_pair() -> None:
    x = torch.zeros(4)
    lbfgs = LBFGS(x)
    evaluate = told(x, (3.0, torch.ones(4)), (2.0, -torch.ones(4)))
    lbfgs.step(evaluate)
    x.zero_()  # projected right back
    lbfgs.step(evaluate)
    assert usable(lbfgs) == 0


def test_a_gradient_of_nought_stays() -> None:
    centre = torch.full((20,), 0.3, dtype=torch.float64)
    assert Problem(quadratic, centre).go(5).x.equal(centre)


@pytest.mark.parametrize("seed", range(3))
def test_projection_between_steps_finds_the_best_point_of_the_box(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    half = torch.randn(30, 30, generator=generator, dtype=torch.float64)
    hessian = half @ half.T / 30 + 0.1 * torch.eye(30)
    centre = torch.rand(30, generator=generator, dtype=torch.float64) * 1.6 - 0.3  # partly outside

    def bowl(x: Tensor) -> Tensor:
        return (x - centre) @ hessian @ (x - centre) + 1

    problem = Problem(bowl, torch.full((30,), 0.5))
    for _ in range(100):
        problem.go(1)
        problem.x.clamp_(0, 1)
    plain = torch.full((30,), 0.5).double()
    for _ in range(2000):  # projected gradient descent, slow and sure
        plain = (plain - 0.04 * hessian @ (plain - centre)).clamp(0, 1)
    best = bowl(plain).item()
    assert best - 1e-6 <= min(problem.values) < best + 0.01 * (problem.values[0] - best)
    assert problem.lbfgs.restarts == 0


def test_finishing_goes_back_to_the_best_point() -> None:
    problem = Problem(rosenbrock, [-1.2, 1.0]).go(7)
    problem.lbfgs.finish()
    problem.evaluate()
    assert problem.values[-1] == min(problem.values)


def test_the_reach_grows_again_after_a_leap() -> None:
    problem = Problem(quadratic, torch.zeros(20)).go(8)
    problem.lbfgs.step(lambda: (torch.tensor(1e9), torch.ones(20).double()))
    assert problem.lbfgs.reach == FARTHEST / 2
    assert problem.go(10).lbfgs.reach == FARTHEST


def test_nothing_is_read_back_from_the_device() -> None:
    """On meta there are no numbers to read: a branch on one would raise."""
    x = torch.zeros(6, device="meta")
    lbfgs = LBFGS(x, history=2)
    for _ in range(4):
        lbfgs.step(lambda: (torch.zeros((), device="meta"), torch.zeros(6, device="meta")))
    lbfgs.finish()
    assert len(lbfgs.pairs) == 2
