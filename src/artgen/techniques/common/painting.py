"""A style picture, with its weight, scale and rotation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.resize import fit, resample

__all__ = ["Painting"]


@dataclass(frozen=True)
class Painting:
    """A style picture, with its weight, scale and rotation.

    Attributes:
        picture: (1, 3, H, W).
        share: its weight among the style pictures of its region.
        scale: size of its strokes, relative to those it has when it is as long as the photo.
        turn: rotation in degrees, counterclockwise.
    """

    picture: Tensor
    share: float = 1.0
    scale: float = 1.0
    turn: float = 0.0

    def at(self, side: int, least: int) -> Tensor:
        """The picture (1, 3, h, w), scaled and turned, for a photo of `side` px; >= `least` px."""
        turned = _turned(self.picture, self.turn)
        longest = max(round(side * self.scale), least)
        height, width = fit((turned.shape[-2], turned.shape[-1]), longest)
        return resample(turned, (max(height, least), max(width, least))).clamp(0, 1)


def _turned(picture: Tensor, degrees: float) -> Tensor:
    """A picture rotated counterclockwise; beyond its edges it is mirrored."""
    quarters, rest = divmod(degrees, 90)
    picture = torch.rot90(picture, int(quarters), (2, 3))
    if not rest:
        return picture
    angle = torch.deg2rad(torch.tensor(rest))
    height, width = picture.shape[-2:]
    cos, sin = float(angle.cos()), float(angle.sin())
    # In units of half the picture's sides, as affine_grid expects.
    turn = torch.tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])
    grid = F.affine_grid(turn[None].to(picture), list(picture.shape), align_corners=False)
    return F.grid_sample(
        picture, grid, mode="bicubic", padding_mode="reflection", align_corners=False
    ).clamp(0, 1)
