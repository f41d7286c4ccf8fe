"""One optimiser over all scales: its state, its updates, and the picture it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from artgen.core.choices import OPTIMISERS
from artgen.ops.resize import resample
from artgen.optim.adam import Adam
from artgen.optim.canvas import Canvas
from artgen.optim.lbfgs import LBFGS

__all__ = ["OPTIMISERS", "Average", "Stepper"]


class Average:
    """Exponential moving average of a picture, bias-corrected as Adam's moments are."""

    def __init__(self, decay: float) -> None:
        self.decay, self.count = decay, 0
        self.sum: Tensor | None = None

    def add(self, picture: Tensor, *, wraps: bool = False) -> None:
        """Include another picture (1, 3, H, W); at a new size the mean so far is resampled.

        `wraps` says whether the picture is periodic.
        """
        if self.sum is None:
            self.sum = torch.zeros_like(picture)
        self.sum = resample(self.sum, (picture.shape[-2], picture.shape[-1]), wraps=wraps)
        self.sum = self.sum.lerp(picture, 1 - self.decay)
        self.count += 1

    def picture(self) -> Tensor:
        """The mean (1, 3, H, W) of the pictures added, in [0, 1]."""
        assert self.sum is not None
        correction: float = 1 - self.decay**self.count
        return torch.clamp(self.sum / correction, 0, 1)


class Stepper:
    """L-BFGS with a new history at each scale, or one Adam that is kept over all scales.

    Adam's moments are resampled from scale to scale and its iterates averaged (both as in
    crowsonkb/style-transfer-pytorch): otherwise each scale begins with the noise of a new Adam.

    Args:
        kind: `lbfgs` or `adam`.
        history: curvature pairs that L-BFGS keeps.
        rate: Adam's step size.
        averages: whether to show the mean of Adam's last iterates; a mean lags behind iterates
            that still travel in one direction.
    """

    def __init__(
        self, kind: str, *, history: int = 10, rate: float = 0.02, averages: bool = True
    ) -> None:
        self.kind, self.history, self.rate = kind, history, rate
        self.average = Average(0.97) if kind == "adam" and averages else None
        self._adam: Adam | None = None
        self._lbfgs: LBFGS | None = None

    def begin(self, canvas: Canvas) -> None:
        """Start a scale, on a canvas of its size."""
        if self.kind == "lbfgs":
            self._lbfgs = LBFGS(canvas.values, history=self.history)
            return
        if self._adam is None:
            self._adam = Adam(canvas.values, self.rate)
        else:
            self._adam = self._adam.moved_to(canvas.values, wraps=canvas.wraps)

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once, then update the canvas.

        Args:
            canvas: the canvas to update.
            evaluate: returns the loss (0-d) and its gradient, shaped like `canvas.values`.
        """
        if self._lbfgs is not None:
            self._lbfgs.step(evaluate)
        elif self._adam is not None:
            self._adam.step(evaluate()[1])
        canvas.project()
        if self.average is not None:
            self.average.add(_shown(canvas), wraps=canvas.wraps)

    def finish(self) -> int:
        """End a scale: L-BFGS goes back to its best point. Returns how often the loss jumped."""
        if self._lbfgs is None:
            return 0
        self._lbfgs.finish()
        return int(self._lbfgs.restarts)

    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture (1, 3, H, W), in [0, 1]; of Adam, the mean of its last iterates."""
        return _shown(canvas) if self.average is None else self.average.picture()

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on: name -> tensor, of any shape; `load` restores it."""
        if self._lbfgs is not None:
            return self._lbfgs.state()
        found = {} if self._adam is None else self._adam.state()
        if self.average is not None and self.average.sum is not None:
            found |= {"average": self.average.sum, "averaged": torch.tensor(self.average.count)}
        return found

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """Restore what `state` returned, of the same shapes: at the same scale, after `begin`."""
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
