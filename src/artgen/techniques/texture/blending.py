"""Poisson blending: patches side by side, without steps of brightness at their seams.

Pérez, Gangnet & Blake, Poisson Image Editing, SIGGRAPH 2003: a patch keeps the differences between
neighbouring pixels, and its brightness follows from its surroundings. Different from the paper:
every pixel is also held to its own colour, weakly (the screened equation of Bhat et al.,
Fourier Analysis of the 2D Screened Poisson Equation, ECCV 2008), so that a step is spread over the
pixels near its seam; and where patches differ much, there is an edge, which is kept.
"""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.reductions import dot, full_sum

__all__ = ["joined"]

REACH = 24.0  # pixels over which a step is spread
LITTLE = 0.1  # of the range of colours: much larger steps are kept
TURNS, ENOUGH = 200, 1e-3  # conjugate gradients: iterations at most, relative residual to stop at


@torch.no_grad()
def joined(picture: Tensor, hole: Tensor, atlas: Tensor, known: Tensor, source: Tensor) -> Tensor:
    """The picture (1, C, H, W), with its patches blended.

    Args:
        picture: (1, C, H, W), its hole filled.
        hole: (H, W), True where it may be changed.
        atlas: (1, C, h, w), the source of the patches.
        known: (h, w), True where the atlas is known.
        source: (H, W), the index in the atlas, row by row, that each pixel was copied from; any
            number outside the hole.
    """
    if not hole.any():
        return picture
    free, hold = hole.to(picture), 1 / REACH**2

    def spread(down: Tensor, across: Tensor) -> Tensor:
        return free * (_spread(down, 2) + _spread(across, 3))

    def operator(x: Tensor) -> Tensor:
        """The equation's left side, for values that are 0 outside the hole."""
        return spread(x.diff(dim=2), x.diff(dim=3)) + hold * x

    rest = spread(*(_steps(picture, hole, atlas, known, source, axis) for axis in (2, 3)))
    change, onwards = torch.zeros_like(picture), rest
    left = begun = full_sum(rest.square())
    for _ in range(TURNS):
        if left <= ENOUGH**2 * begun:
            break
        turned = operator(onwards)
        length = left / dot(onwards, turned)
        change = change + length * onwards
        rest = rest - length * turned
        before, left = left, full_sum(rest.square())
        onwards = rest + left / before * onwards
    return (picture + change).clamp(0, 1)


def _spread(steps: Tensor, axis: int) -> Tensor:
    """The transpose of `diff`: a difference is subtracted from one pixel and added to the next."""
    none = torch.zeros_like(steps.narrow(axis, 0, 1))
    return torch.cat([none, steps], axis) - torch.cat([steps, none], axis)


def _steps(
    picture: Tensor, hole: Tensor, atlas: Tensor, known: Tensor, source: Tensor, axis: int
) -> Tensor:
    """The error of each difference of neighbours: that of their sources, minus the present one.

    The mean over the two pixels' sources, where those have the neighbour; 0 outside the hole. Where
    it is large, one object ends and another begins, and the step is kept.
    """
    stride, length = (atlas.shape[3], atlas.shape[2]) if axis == 2 else (1, atlas.shape[3])
    colours, there = atlas[0].flatten(1), known.flatten()
    now = picture.diff(dim=axis)
    sums, votes, count = torch.zeros_like(now), torch.zeros_like(now[0, 0]), now.shape[axis]
    for begin, forth in ((0, 1), (1, -1)):
        own = source.narrow(axis - 2, begin, count).clamp(0, there.numel() - 1)
        place = (own // stride if axis == 2 else own % length) + forth
        other = (own + forth * stride).clamp(0, there.numel() - 1)
        tells = hole.narrow(axis - 2, begin, count) & (place >= 0) & (place < length) & there[other]
        sums += tells * forth * (colours[:, other] - colours[:, own])
        votes += tells
    steps = torch.where(votes > 0, sums / votes.clamp(min=1) - now, 0.0)
    return steps / (1 + (steps.abs().amax(1, keepdim=True) / LITTLE) ** 4)
