"""A style picture, and how it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.resize import fit, resample

__all__ = ["Painting"]


@dataclass(frozen=True)
class Painting:
    """A style picture, and how it is looked at.

    Attributes:
        picture: (1, 3, H, W).
        share: its weight among those of its zone.
        scale: size of its strokes, relative to those it has beside a photo as long as itself.
        turn: degrees by which it is turned, against the clock.
    """

    picture: Tensor
    share: float = 1.0
    scale: float = 1.0
    turn: float = 0.0

    def at(self, side: int, least: int) -> Tensor:
        """As it is looked at beside a photo of `side` px, with at least `least` px a side."""
        turned = _turned(self.picture, self.turn)
        longest = max(round(side * self.scale), least)
        height, width = fit((turned.shape[-2], turned.shape[-1]), longest)
        return resample(turned, (max(height, least), max(width, least))).clamp(0, 1)


def _turned(picture: Tensor, degrees: float) -> Tensor:
    """A picture turned against the clock; what lies beyond its edges is mirrored."""
    quarters, rest = divmod(degrees, 90)
    picture = torch.rot90(picture, int(quarters), (2, 3))
    if not rest:
        return picture
    angle = torch.deg2rad(torch.tensor(rest))
    height, width = picture.shape[-2:]
    cos, sin = float(angle.cos()), float(angle.sin())
    # In units of half the picture's sides, as affine_grid counts.
    turn = torch.tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])
    grid = F.affine_grid(turn[None].to(picture), list(picture.shape), align_corners=False)
    return F.grid_sample(
        picture, grid, mode="bicubic", padding_mode="reflection", align_corners=False
    ).clamp(0, 1)
