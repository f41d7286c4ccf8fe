"""L-BFGS with bounded steps: one evaluation a step, no line search.

Not torch.optim.LBFGS, for three reasons: its curvature pairs assume that x moved by exactly the
step it took, which projection onto [0, 1] makes untrue; its step is unbounded, so that losses can
jump from 1e4 to 1e8; and it reads numbers back from the device at every step. Here all decisions
are made on the device, by masks instead of branches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from artgen.ops.reductions import dot, full_mean, full_sum, norm

__all__ = ["LBFGS"]

LEAP = 1.3  # a loss larger than the last one by this factor is a jump: the step is rejected
WILD = 10.0  # a jump by this factor is counted in `restarts`
FIRST = 0.005  # mean absolute change of a value in the first step
FARTHEST = 0.1  # root mean square change of one step at most
PAIR = ("moved", "bent", "inverse")
# Least cosine between a step and the change of the gradient. Pairs below it are skipped, as pairs
# without positive curvature are in L-BFGS-B (Byrd et al. 1995).
CLEARLY = 1e-8
RECOVERY = 1.1  # factor a step by which the step bound, halved by a jump, grows again


class LBFGS:
    """Minimises a function of one tensor (Nocedal & Wright 2006, algorithm 7.4).

    Args:
        x: the parameter, any shape, updated in place.
        history: curvature pairs to keep; each takes twice the memory of x.

    Attributes:
        restarts: how often the loss jumped by more than WILD, 0-d.

    Between steps the caller may change x (project it): pairs are taken from the points at which the
    function was really evaluated. After a jump or a NaN it goes on from the best x, with shorter
    steps for a while, and keeps only the curvature pair that the jump itself gives. If the very
    first evaluation has a NaN, it steps along the finite part of the gradient. `finish` goes back
    to the best x that was evaluated.
    """

    def __init__(self, x: Tensor, *, history: int = 10) -> None:
        self.x = x
        # Change of x, change of the gradient, and one over their product: 0 for an unused pair.
        self.pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)
        self.previous: tuple[Tensor, Tensor] | None = None  # point and gradient of the last step
        self.best, self.best_gradient = x.detach().clone(), torch.zeros_like(x.detach())
        scalar = x.detach().new_zeros(())
        self.best_loss = scalar + torch.inf
        self.last = scalar + torch.inf
        self.reach = scalar + FARTHEST
        self.scale = scalar.clone()  # of the initial inverse Hessian; 0: no pair yet
        self.restarts = scalar.long()

    @torch.no_grad()
    def step(self, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once, then update x.

        Args:
            evaluate: returns the loss (0-d) and its gradient (of x's shape) at x.
        """
        loss, gradient = evaluate()
        loss, point = loss.to(self.x), self.x.detach().clone()
        sound = loss.isfinite() & gradient.isfinite().all()
        gradient = gradient.nan_to_num(0, 0, 0)
        bearable = self.last + (LEAP - 1) * self.last.abs()  # losses may be negative
        leap = ~(sound & ((loss <= bearable) | self.last.isinf())) & self.best_loss.isfinite()
        self._forget(leap)
        self._remember(point, gradient, sound, leap)
        better = sound & (loss < self.best_loss)
        self.best = torch.where(better, point, self.best)
        self.best_gradient = torch.where(better, gradient, self.best_gradient)
        self.best_loss = torch.where(better, loss, self.best_loss)
        self.reach = torch.where(leap, self.reach / 2, self.reach * RECOVERY).clamp(max=FARTHEST)
        self.last = torch.where(leap, self.best_loss, torch.where(sound, loss, self.last))
        self.restarts = self.restarts + (leap & ~(sound & (loss <= WILD * bearable.abs())))
        point = torch.where(leap, self.best, point)
        gradient = torch.where(leap, self.best_gradient, gradient)
        self.previous = (point, gradient)
        self.x.copy_(point + self._bounded(self._direction(gradient)))

    @torch.no_grad()
    def finish(self) -> None:
        """Set x to the best point that was evaluated: the last step's result was not evaluated."""
        self.x.copy_(self.best)

    SCALARS = ("best_loss", "last", "reach", "scale", "restarts")

    def state(self) -> dict[str, Tensor]:
        """Points, gradients and pairs, each of x's shape, and 0-d numbers, by name."""
        found = {name: getattr(self, name) for name in (*self.SCALARS, "best", "best_gradient")}
        for index, pair in enumerate(self.pairs):
            found |= {f"{name}.{index}": t for name, t in zip(PAIR, pair, strict=True)}
        if self.previous is not None:
            found |= {"point": self.previous[0], "gradient": self.previous[1]}
        return found

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Restore what `state` returned, for an x of the same shape."""
        device = self.x.device
        for name in (*self.SCALARS, "best", "best_gradient"):
            setattr(self, name, state[name].to(device).clone())
        self.pairs.clear()
        while f"moved.{len(self.pairs)}" in state and len(self.pairs) < (self.pairs.maxlen or 0):
            index = len(self.pairs)
            moved, bent, inverse = (state[f"{name}.{index}"].to(device) for name in PAIR)
            self.pairs.append((moved, bent, inverse))
        if "point" in state:
            self.previous = (state["point"].to(device), state["gradient"].to(device))

    def _forget(self, leap: Tensor) -> None:
        """Mark every pair as unused after a jump."""
        for index, (moved, bent, inverse) in enumerate(self.pairs):
            self.pairs[index] = (moved, bent, inverse.where(~leap, 0))
        self.scale = self.scale.where(~leap, 0)

    def _remember(self, point: Tensor, gradient: Tensor, sound: Tensor, leap: Tensor) -> None:
        """Add the pair of the last step, or the one from the best point to where the loss jumped.

        It is marked as unused where its curvature is not clearly positive.
        """
        if self.previous is None:
            return
        moved = point - torch.where(leap, self.best, self.previous[0])
        bent = gradient - torch.where(leap, self.best_gradient, self.previous[1])
        curvature = dot(moved, bent)
        usable = sound & (curvature > CLEARLY * norm(moved) * norm(bent))
        inverse = (1 / curvature).where(usable, 0)
        self.scale = torch.where(usable, curvature / full_sum(bent.square()), self.scale)
        # Infinity times 0 would be NaN.
        self.pairs.append((moved, bent.where(usable, 0), inverse))

    def _direction(self, gradient: Tensor) -> Tensor:
        """The two-loop recursion: minus the approximate inverse Hessian times the gradient."""
        direction = -gradient
        factors = []
        for moved, bent, inverse in reversed(self.pairs):
            factor = inverse * dot(moved, direction)
            direction.addcmul_(bent, factor, value=-1)
            factors.append(factor)
        size = full_mean(gradient.abs()).clamp(min=torch.finfo(gradient.dtype).tiny)
        first = FIRST * self.reach / FARTHEST / size
        direction.mul_(torch.where(self.scale > 0, self.scale, first))
        for (moved, bent, inverse), factor in zip(self.pairs, reversed(factors), strict=True):
            back = inverse * dot(bent, direction)
            direction.addcmul_(moved, factor - back)
        return direction

    def _bounded(self, direction: Tensor) -> Tensor:
        size = full_mean(direction.square()).sqrt()
        return direction * (self.reach / torch.maximum(size, self.reach))
