"""What is optimised: a canvas is a module whose output is the picture."""

from __future__ import annotations

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Canvas", "Pixels", "resample"]


def resample(tensor: Tensor, size: tuple[int, int], mode: str = "bicubic") -> Tensor:
    """A (1, C, h, w) tensor at another size (H, W), without aliasing."""
    if tensor.shape[-2:] == size:
        return tensor
    return F.interpolate(tensor, size, mode=mode, antialias=True, align_corners=False)


class Canvas(Protocol):
    """A module with one parameter, `values`, that makes a picture (1, 3, H, W) of it."""

    values: nn.Parameter

    def __call__(self) -> Tensor: ...

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to `values`, from that with respect to the picture."""

    def project(self) -> None:
        """Back into what may be shown, between steps."""

    def resized(self, size: tuple[int, int]) -> Canvas:
        """The same picture on another canvas of a size (H, W)."""


class Pixels(nn.Module):
    """The picture itself, (1, 3, H, W), kept in [0, 1] by projection between steps."""

    default_optimizer = "lbfgs"

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self.values = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        return self.values

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.values.shape[-2], self.values.shape[-1]

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient itself: the picture is what is moved."""
        return gradient

    @torch.no_grad()
    def project(self) -> None:
        """Back into the gamut. Inside an evaluation this would spoil L-BFGS's curvature pairs."""
        self.values.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Pixels:
        """The same picture on a canvas of another size (H, W)."""
        return Pixels(resample(self.values, size).clamp(0, 1))
