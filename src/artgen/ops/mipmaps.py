"""Mipmaps: a texture's smaller sizes, averaged as what it holds needs it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.color import from_light, to_light
from artgen.ops.numerics import TINY
from artgen.ops.relief import unit

__all__ = ["Held", "bled", "halved", "mipmaps"]

Held: TypeAlias = Literal["colours", "normals", "data"]
"""What a texture holds: sRGB colours, maybe with alpha; directions; or plain numbers."""

CLEAR = 0.5 / 255  # alpha below which nothing is seen, in 8 bits


def mipmaps(texture: Tensor, held: Held) -> list[Tensor]:
    """A texture (1, C, H, W) in [0, 1] and its smaller sizes, down to 1 x 1; sides powers of two.

    Each pixel is the mean of four below it, so that opposite edges still fit in every size.
    """
    levels = [texture]
    while max(levels[-1].shape[-2:]) > 1:
        levels.append(halved(levels[-1], held))
    return levels


def halved(texture: Tensor, held: Held) -> Tensor:
    """A texture (1, C, H, W) at half its size: colours averaged as light, and by alpha."""
    if held == "normals":
        return unit(_mean(texture))
    if held == "data":
        return _mean(texture)
    light, alpha = to_light(texture[:, :3]), texture[:, 3:]
    if not alpha.shape[1]:
        return from_light(_mean(light))
    cover = _mean(alpha)
    seen = torch.where(cover > CLEAR, _mean(light * alpha) / cover.clamp(min=TINY), _mean(light))
    return torch.cat([from_light(seen), cover], 1)


def bled(picture: Tensor) -> Tensor:
    """A picture with alpha (1, 4, H, W) whose invisible pixels have their neighbours' colours.

    Otherwise filters and mipmaps of an engine mix what lies under alpha 0 into the edges. From
    coarse to fine, what is clear gets the colour of the next smaller size (push-pull; Gortler et
    al., The Lumigraph, SIGGRAPH 1996). Sides are powers of two.
    """
    levels = mipmaps(picture, "colours")
    colours = levels[-1][:, :3]
    for level in reversed(levels[:-1]):
        size = (level.shape[-2], level.shape[-1])
        coarser = F.interpolate(colours, size, mode="nearest")
        colours = torch.where(level[:, 3:] > CLEAR, level[:, :3], coarser)
    return torch.cat([colours, picture[:, 3:]], 1)


def _mean(values: Tensor) -> Tensor:
    """The mean of every two along each axis that is longer than 1."""
    return F.avg_pool2d(values, (min(values.shape[2], 2), min(values.shape[3], 2)))
