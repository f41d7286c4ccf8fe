"""L-BFGS that cannot run away: limited memory, one evaluation a step, no line search.

Not torch.optim.LBFGS, for two reasons: its curvature pairs assume that x moved by exactly the step
it took, which projection onto [0, 1] makes untrue; and its step is unbounded, which is how losses
leap from 1e4 to 1e8.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["LBFGS"]

LEAP = 2.0  # a loss this many times the last one is a leap, not a step
FIRST = 0.02  # how far the first step moves a value, on average
FARTHEST = 0.1  # root mean square change of one step at most


class LBFGS:
    """Minimises a function of one tensor (Nocedal & Wright 2006, algorithm 7.4).

    Args:
        x: the parameter, any shape, changed in place.
        history: curvature pairs remembered; each costs twice the size of x.

    Between steps the caller may move x (project it): pairs are taken from the points at which the
    function was really evaluated. On a leap or a NaN the best x comes back, the memory is emptied
    and steps become shorter. A NaN before any sound evaluation is left along what is sound of the
    gradient.
    """

    def __init__(self, x: Tensor, *, history: int = 10) -> None:
        self.x = x
        self.pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)
        self.previous: tuple[Tensor, Tensor] | None = None  # point and gradient of the last step
        self.best: tuple[float, Tensor] | None = None
        self.last = float("inf")
        self.reach = FARTHEST
        self.restarts = 0

    @torch.no_grad()
    def step(self, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluates once, then moves x.

        Args:
            evaluate: returns the loss (0-d) and its gradient (of x's shape) at x.
        """
        loss, gradient = evaluate()
        value = float(loss)
        bearable = self.last + (LEAP - 1) * abs(self.last)  # losses may be negative
        sound = math.isfinite(value) and bool(gradient.isfinite().all())
        if not sound or value > bearable:
            if self.best is not None:
                self._restart()
            else:
                self.x.add_(self._bounded(self._direction(gradient.nan_to_num(0, 0, 0))))
            return
        if self.best is None or value < self.best[0]:
            self.best = (value, self.x.detach().clone())
        self.last = value
        self._remember(gradient)
        self.x.add_(self._bounded(self._direction(gradient)))

    def _restart(self) -> None:
        """From the best point again, with no memory and half the reach."""
        assert self.best is not None
        self.x.copy_(self.best[1])
        self.last = self.best[0]
        self.pairs.clear()
        self.previous = None
        self.reach /= 2
        self.restarts += 1

    def _remember(self, gradient: Tensor) -> None:
        """Adds the pair of the last step, unless its curvature is not clearly positive."""
        point = self.x.detach().clone()
        if self.previous is not None:
            moved, bent = point - self.previous[0], gradient - self.previous[1]
            curvature = torch.dot(moved.flatten(), bent.flatten())
            if curvature > 1e-8 * moved.norm() * bent.norm():
                self.pairs.append((moved, bent, 1 / curvature))
        self.previous = (point, gradient.clone())

    def _direction(self, gradient: Tensor) -> Tensor:
        """The two-loop recursion: minus the inverse Hessian's estimate times the gradient."""
        direction = -gradient
        if not self.pairs:
            return direction * (FIRST / gradient.abs().mean().clamp(min=1e-30))
        factors = []
        for moved, bent, inverse in reversed(self.pairs):
            factor = inverse * torch.dot(moved.flatten(), direction.flatten())
            direction.sub_(bent * factor)
            factors.append(factor)
        _, bent, inverse = self.pairs[-1]
        direction.mul_(1 / (inverse * bent.square().sum()))
        for (moved, bent, inverse), factor in zip(self.pairs, reversed(factors), strict=True):
            back = inverse * torch.dot(bent.flatten(), direction.flatten())
            direction.add_(moved * (factor - back))
        return direction

    def _bounded(self, direction: Tensor) -> Tensor:
        size = direction.square().mean().sqrt()
        return direction * (self.reach / size.clamp(min=self.reach))
