"""Adam (Kingma & Ba 2015, algorithm 1) on one tensor, with moments that can be resized.

Not torch.optim.Adam: its first step imports torch's compiler, which takes longer than a small
picture, and it makes temporary copies that matter where a picture has a hundred million pixels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from artgen.ops.resize import resample

__all__ = ["Adam"]

EPSILON = 1e-8  # the paper's


class Adam:
    """Moves a tensor against its gradient, each value by about `rate`.

    Args:
        x: the parameter, any shape, changed in place.
        rate: step size.
        betas: decay of the gradient's mean and of its square's.
    """

    def __init__(
        self, x: Tensor, rate: float = 0.02, betas: tuple[float, float] = (0.9, 0.99)
    ) -> None:
        self.x, self.rate, self.betas = x, rate, betas
        self.count = 0
        self.mean, self.square = torch.zeros_like(x.detach()), torch.zeros_like(x.detach())

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One update.

        Args:
            gradient: of x's shape; values that are not finite count as 0.
        """
        gradient = gradient.nan_to_num(0, 0, 0)
        first, second = self.betas
        self.count += 1
        self.mean.lerp_(gradient, 1 - first)
        self.square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = (self.square / (1 - second**self.count)).sqrt_().add_(EPSILON)
        self.x.addcdiv_(self.mean, spread, value=-self.rate / (1 - first**self.count))

    def moved_to(self, x: Tensor, *, wraps: bool = False) -> Adam:
        """This optimiser for a picture x (1, C, H, W) of another size: its moments are resampled.

        `wraps` says whether the picture is periodic.
        """
        other = Adam(x, self.rate, self.betas)
        size = (x.shape[-2], x.shape[-1])
        other.count = self.count
        other.mean = resample(self.mean, size, wraps=wraps)
        other.square = resample(self.square, size, "bilinear", wraps=wraps).clamp(min=0)
        return other

    def state(self) -> dict[str, Tensor]:
        """Its moments, of x's shape, and its step count, by name."""
        return {"count": torch.tensor(self.count), "mean": self.mean, "square": self.square}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Restore what `state` returned, for an x of the same shape."""
        self.count = int(state["count"])
        self.mean, self.square = (state[k].to(self.x).clone() for k in ("mean", "square"))
