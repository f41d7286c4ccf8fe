"""Solids as distance fields, and soft ways to join and carve them."""

import torch
from torch import Tensor

from .march import Vector, column, dot, length


def sphere(p: Tensor, centre: Vector, radius: float) -> Tensor:
    return length(p - column(centre)) - radius


def ellipsoid(p: Tensor, centre: Vector, radii: Vector) -> Tensor:
    q, r = p - column(centre), column(radii)
    outer = length(q / r)
    return outer * (outer - 1) / length(q / (r * r)).clamp_min(1e-6)


def limb(p: Tensor, a: Vector, b: Vector, thick: float, thin: float) -> Tensor:
    """A capsule from `a` to `b` whose radius runs from `thick` to `thin`."""
    start, axis = column(a), column(b) - column(a)
    q = p - start
    s = (dot(q, axis) / dot(axis, axis)).clamp(0, 1)
    return length(q - axis * s) - (thick + (thin - thick) * s)


def join(a: Tensor, b: Tensor, blend: float) -> Tensor:
    """Union with a fillet of size `blend`."""
    h = (blend - (a - b).abs()).clamp_min(0) / blend
    return torch.minimum(a, b) - h * h * blend * 0.25


def carve(a: Tensor, b: Tensor, blend: float) -> Tensor:
    """`a` without `b`, with a soft edge."""
    return -join(-a, b, blend)
