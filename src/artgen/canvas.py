"""What is optimised: a canvas is a module whose output is the picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Pixels", "resample"]


def resample(tensor: Tensor, size: tuple[int, int], mode: str = "bicubic") -> Tensor:
    """A (1, C, h, w) tensor at another size (H, W), without aliasing."""
    if tensor.shape[-2:] == size:
        return tensor
    return F.interpolate(tensor, size, mode=mode, antialias=True, align_corners=False)


class Pixels(nn.Module):
    """The picture itself, (1, 3, H, W), kept in [0, 1] by projection between steps."""

    default_optimizer = "lbfgs"

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self.pixels = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        return self.pixels

    @torch.no_grad()
    def project(self) -> None:
        """Back into the gamut. Inside an evaluation this would spoil L-BFGS's curvature pairs."""
        self.pixels.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Pixels:
        """The same picture on a canvas of another size (H, W)."""
        return Pixels(resample(self.pixels, size).clamp(0, 1))
