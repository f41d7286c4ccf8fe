"""One optimiser over all scales: what it remembers, how it moves a canvas, what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from artgen.ops.resize import resample
from artgen.optim.adam import Adam
from artgen.optim.canvas import Canvas
from artgen.optim.lbfgs import LBFGS

__all__ = ["OPTIMISERS", "Average", "Stepper"]

OPTIMISERS = ("lbfgs", "adam")


class Average:
    """Exponential mean of a picture, corrected for its start (as Adam's moments are)."""

    def __init__(self, decay: float) -> None:
        self.decay, self.count = decay, 0
        self.sum: Tensor | None = None

    def add(self, picture: Tensor, *, wraps: bool = False) -> None:
        """Takes another picture in; a picture of another size resamples the mean so far."""
        if self.sum is None:
            self.sum = torch.zeros_like(picture)
        self.sum = resample(self.sum, (picture.shape[-2], picture.shape[-1]), wraps=wraps)
        self.sum = self.sum.lerp(picture, 1 - self.decay)
        self.count += 1

    def picture(self) -> Tensor:
        """The mean of what was added, in [0, 1]."""
        assert self.sum is not None
        correction: float = 1 - self.decay**self.count
        return torch.clamp(self.sum / correction, 0, 1)


class Stepper:
    """A fresh L-BFGS memory for each scale, or one Adam that lives on through them all.

    Adam's moments are resampled from scale to scale and its iterates averaged (both as in
    crowsonkb/style-transfer-pytorch): otherwise every scale begins with its noise.

    Args:
        kind: `lbfgs` or `adam`.
        history: curvature pairs that L-BFGS remembers.
        rate: Adam's step size.
        averages: whether Adam shows the mean of its last iterates; what is on its way somewhere,
            and not around a place, is left behind by that.
    """

    def __init__(
        self, kind: str, *, history: int = 10, rate: float = 0.02, averages: bool = True
    ) -> None:
        self.kind, self.history, self.rate = kind, history, rate
        self.average = Average(0.97) if kind == "adam" and averages else None
        self._adam: Adam | None = None
        self._lbfgs: LBFGS | None = None

    def begin(self, canvas: Canvas) -> None:
        """A scale begins, on a canvas of its size."""
        if self.kind == "lbfgs":
            self._lbfgs = LBFGS(canvas.values, history=self.history)
            return
        if self._adam is None:
            self._adam = Adam(canvas.values, self.rate)
        else:
            self._adam = self._adam.moved_to(canvas.values, wraps=canvas.wraps)

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """One evaluation, one move.

        Args:
            canvas: what is moved.
            evaluate: the loss (0-d) at the canvas, and its gradient with respect to its values.
        """
        if self._lbfgs is not None:
            self._lbfgs.step(evaluate)
        elif self._adam is not None:
            self._adam.step(evaluate()[1])
        canvas.project()
        if self.average is not None:
            self.average.add(_shown(canvas), wraps=canvas.wraps)

    def finish(self) -> int:
        """A scale ends: L-BFGS goes back to its best point. How often did the loss leap?"""
        if self._lbfgs is None:
            return 0
        self._lbfgs.finish()
        return int(self._lbfgs.restarts)

    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture so far: Adam's is the mean of its last ones."""
        return _shown(canvas) if self.average is None else self.average.picture()

    def state(self) -> dict[str, Tensor]:
        """All that is remembered, by name; `load` takes it back."""
        if self._lbfgs is not None:
            return self._lbfgs.state()
        found = {} if self._adam is None else self._adam.state()
        if self.average is not None and self.average.sum is not None:
            found |= {"average": self.average.sum, "averaged": torch.tensor(self.average.count)}
        return found

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """What `state` gave, at the same scale, after `begin`."""
        if self._lbfgs is not None:
            self._lbfgs.load(state)
        elif self._adam is not None:
            self._adam.load(state)
        if self.average is not None and "average" in state:
            self.average.sum = state["average"].to(canvas.values).clone()
            self.average.count = int(state["averaged"])


@torch.no_grad()
def _shown(canvas: Canvas) -> Tensor:
    now: Tensor = canvas()
    return now.clone()
