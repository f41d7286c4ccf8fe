"""What films ask of the decoder: a photo that has moved a little is painted alike.

The second time a crop lies some pixels elsewhere, beneath the same noise and the same grid of the
network's strides, and has a little grain of its own. Grain alone leaves what a film shows most:
strokes that stay where they are while things move on.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

__all__ = ["MOVED", "apart_inside", "moved"]

MOVED = 5  # px, at most, that a crop lies elsewhere


def moved(picture: Tensor, by: Sequence[int]) -> Tensor:
    """A picture (1, 3, H, W) moved by up to MOVED px down and to the right, its edge repeated."""
    height, width = picture.shape[-2:]
    whole = F.pad(picture, (MOVED,) * 4, mode="replicate")
    down, across = (MOVED - length for length in by)
    return whole[..., down : down + height, across : across + width]


def apart_inside(one: Tensor, other: Tensor) -> Tensor:
    """Mean squared difference of two pictures (1, 3, H, W), where neither repeats its edge."""
    inner = slice(2 * MOVED, -2 * MOVED)
    return (one - other)[..., inner, inner].square().mean()
