"""The sizes that a picture is optimised at, from coarse to fine, and the steps at each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Scale", "aligned", "pyramid", "usable"]


@dataclass(frozen=True)
class Scale:
    """A level of the pyramid: the canvas's size (H, W) in pixels, and its iterations."""

    size: tuple[int, int]
    iterations: int

    @property
    def side(self) -> int:
        """The long side, in pixels."""
        return max(self.size)


def pyramid(size: tuple[int, int], iterations: int, coarsest: int = 128) -> list[Scale]:
    """Scales from about `coarsest` px on the long side up to `size` (H, W) by about sqrt 2.

    A scale gets iterations in inverse proportion to its side: large forms are found where an
    iteration is cheap, and the fine scales only add detail. Each scale gets at least one iteration;
    with fewer iterations than scales the coarsest scales are left out.
    """
    side = max(size)
    rungs = max(0, round(2 * math.log2(side / coarsest))) if side > coarsest else 0
    sides = [round(side * 2 ** (-rung / 2)) for rung in range(rungs, -1, -1)]
    sides = sides[-iterations:] if iterations else sides[-1:]
    whole_share = sum(1 / s for s in sides)
    counts, given, owed = [], 0, 0.0
    for later, s in zip(range(len(sides) - 1, -1, -1), sides, strict=True):
        owed += iterations / s / whole_share
        counts.append(min(max(round(owed) - given, 1), iterations - given - later))
        given += counts[-1]
    return [
        Scale((max(round(size[0] * s / side), 1), max(round(size[1] * s / side), 1)), n)
        for s, n in zip(sides, counts, strict=True)
    ]


def aligned(scales: Sequence[Scale], stride: int) -> list[Scale]:
    """Scales whose sides are the nearest multiples of `stride`; equal ones become one."""
    found: list[Scale] = []
    for scale in scales:
        height, width = (max(round(side / stride), 1) * stride for side in scale.size)
        owed = found.pop().iterations if found and found[-1].size == (height, width) else 0
        found.append(Scale((height, width), scale.iterations + owed))
    return found


def usable(scales: Sequence[Scale], least: int) -> list[Scale]:
    """Scales without those of a side below `least` px; the next one gets their iterations.

    The last one is kept: whether a result is large enough is checked elsewhere.
    """
    kept: list[Scale] = []
    owed = 0
    for scale in scales:
        if min(scale.size) < least and scale is not scales[-1]:
            owed += scale.iterations
        else:
            kept.append(Scale(scale.size, scale.iterations + owed))
            owed = 0
    return kept
