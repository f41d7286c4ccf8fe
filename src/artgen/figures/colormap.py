"""Colour maps: sequential for magnitudes, diverging for signs, and either over a photo."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.numerics import TINY

__all__ = ["diverging", "heat", "over", "scaled"]

# sRGB at equal steps. Blue, grey, red: Moreland, Diverging Color Maps for Scientific
# Visualization, ISVC 2009. Black to white over purple and orange: lightness rises evenly.
DIVERGING = (
    *((0.23, 0.30, 0.75), (0.48, 0.62, 0.97), (0.865, 0.865, 0.865)),
    *((0.96, 0.60, 0.48), (0.71, 0.02, 0.15)),
)
HEAT = (
    *((0.0, 0.0, 0.02), (0.26, 0.04, 0.41), (0.58, 0.15, 0.40)),
    *((0.87, 0.32, 0.23), (0.99, 0.65, 0.04), (0.99, 1.0, 0.64)),
)
OUTLIERS = 0.005  # share of a map's positions that are clipped
DIM, COVER = 0.45, 0.9  # brightness of a photo under a map, and the map's largest opacity


def scaled(values: Tensor, *, signed: bool) -> Tensor:
    """Each map (B, 1, H, W) scaled to its own range.

    Signed: divided by its largest magnitude, so in [-1, 1] and zero stays zero. Otherwise from its
    least value, or from zero if none is below, to its largest: in [0, 1]. Outliers are clipped: a
    few would leave all other values near zero.
    """
    if signed:
        return (values / _largest(values.abs()).clamp(min=TINY)).clamp(-1, 1)
    above = values + _largest((-values).clamp(min=0))
    return (above / _largest(above).clamp(min=TINY)).clamp(0, 1)


def _largest(values: Tensor) -> Tensor:
    """Largest value (B, 1, 1, 1) of each map (B, 1, H, W) >= 0, outliers excepted."""
    flat = values.flatten(1)
    most = flat.amax(1)
    rank = max(round(flat.shape[1] * (1 - OUTLIERS)), 1)
    # A map that is zero nearly everywhere has only outliers: they are clipped at a quarter.
    return torch.maximum(flat.kthvalue(rank, 1).values, most / 4).view(-1, 1, 1, 1)


def heat(values: Tensor) -> Tensor:
    """Values (B, 1, H, W) in [0, 1] as colours (B, 3, H, W), from black to nearly white."""
    return _through(values, HEAT)


def diverging(values: Tensor) -> Tensor:
    """Values (B, 1, H, W) in [-1, 1] as colours (B, 3, H, W): blue, grey at zero, red."""
    return _through((values + 1) / 2, DIVERGING)


def over(photo: Tensor, values: Tensor) -> Tensor:
    """A map laid over a dimmed grey photo, more opaque where it is larger: (1, 3, H, W) in [0, 1].

    Args:
        photo: (1, 3, H, W) in [0, 1].
        values: (1, 1, H, W) in [-1, 1]: above zero yellow, below zero blue.
    """
    grey = photo.mean(1, keepdim=True).expand(-1, 3, -1, -1) * DIM
    yellow = photo.new_tensor([1.0, 0.85, 0.1]).view(1, 3, 1, 1)
    blue = photo.new_tensor([0.25, 0.5, 1.0]).view(1, 3, 1, 1)
    return grey.lerp(torch.where(values > 0, yellow, blue), values.abs() * COVER).clamp(0, 1)


def _through(values: Tensor, stops: tuple[tuple[float, float, float], ...]) -> Tensor:
    """Values (B, 1, H, W) in [0, 1] as colours (B, 3, H, W), linear between equidistant stops."""
    colours = values.new_tensor(stops)
    place = values.clamp(0, 1) * (len(stops) - 1)
    below = place.floor().clamp(max=len(stops) - 2)
    first = below[:, 0].long()
    between = torch.lerp(colours[first], colours[first + 1], (place - below)[:, 0, ..., None])
    return between.permute(0, 3, 1, 2).clamp(0, 1)
