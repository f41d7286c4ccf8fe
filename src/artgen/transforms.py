"""Movements of a picture as a whole: jitter by rolling."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["jitter", "roll"]


def jitter(most: int, generator: torch.Generator) -> tuple[int, int]:
    """A shift (rows, columns), each from -most to most pixels."""
    down, right = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    return down, right


def roll(picture: Tensor, shift: tuple[int, int]) -> Tensor:
    """A picture (1, C, H, W) moved down and right, what leaves it coming back at the other side."""
    return picture.roll(shift, (2, 3)) if any(shift) else picture
