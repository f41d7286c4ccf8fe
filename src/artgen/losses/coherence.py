"""Coherent neighbours: the positions of paintings that a picture's take, chosen together.

By itself each takes its nearest. Where a photo is flat, that is the same one for a sixth of a
picture, and it recurs in rows. Chosen together, positions beside each other take positions beside
each other, so that strokes come whole (Ashikhmin, Synthesizing Natural Textures, 2001; Pritch et
al., Shift-Map Image Editing, 2009: what is chosen is a shift, and equal ones cost nothing), and
what is used already has a price (Kaspar et al., Self Tuning Texture Optimization, 2015). Square
blocks choose, from large ones to single positions, among the shifts of those beside them (Barnes et
al., PatchMatch, 2009) and those to the nearest in each part of the paintings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Atlas", "Coherence", "CoherentSearch"]

SIDES = (16, 8, 4, 2, 1)  # of blocks, in positions
LEAST = 3  # blocks along a picture's shorter side, for their size to be tried
GROUPS = 4  # of blocks, by chance, that are asked one after the other
OFTEN = 4  # candidates, after which blocks are offered the shifts of those beside them
BESIDE = ((0, 1), (1, 0), (0, -1), (-1, 0))
AROUND = 5  # side of the squares in which the use of positions is averaged
ROWS = 64  # of a picture, whose positions are compared at a time
OUTSIDE = -1.0  # the cosine of a position and what lies outside of all paintings
NOWHERE = 2**40  # a shift beyond all paintings
GAIN = 1e-6  # what a change must bring: less may be rounding


@dataclass(frozen=True)
class Coherence:
    """What counts beside the cosine of a position and its neighbour, in the same unit.

    Attributes:
        beside: gain for each of the four positions beside one that has the same shift.
        used: price of a position of the paintings, for each time that it and those around it are
            used as often as their share, or once.
    """

    beside: float
    used: float


@dataclass(frozen=True)
class Atlas:
    """Where the positions of a table are in the paintings, one painting below the other.

    Attributes:
        places: (M, 2), row and column of each position of the table.
        index: (h, w), which position is there; -1 for none.
    """

    places: Tensor
    index: Tensor

    @classmethod
    def of(cls, kept: Sequence[Tensor]) -> Atlas:
        """From masks (h, w) of each painting's positions that a table has, row by row."""
        width = max(one.shape[1] for one in kept)
        all_kept = torch.cat([F.pad(one, (0, width - one.shape[1], 0, 1)) for one in kept])
        places = all_kept.nonzero()
        index = torch.full(all_kept.shape, -1, device=places.device)
        index[all_kept] = torch.arange(len(places), device=places.device)
        return cls(places, index)

    def around(self, values: Tensor) -> Tensor:
        """The means (M,) of the table's values (M,) in the square around each position."""
        there = self.index >= 0
        spread = values.new_zeros(there.shape)
        spread[there] = values
        mean = F.avg_pool2d(spread[None], AROUND, 1, AROUND // 2, count_include_pad=False)
        return mean[0][there]


class CoherentSearch:
    """Which position of a table each position of a picture takes.

    Shifts of blocks are judged. A shift is the place in the atlas that a position takes, minus its
    own in the picture, as one number: a row counts as many columns as atlas and picture have
    together. So equal numbers are equal shifts, and a place beyond the sides of the atlas is one
    where nothing is.

    Args:
        queries: (H, W, K), of unit length.
        keys: (M, K), of unit length.
        bonus: (M,), added to the cosines.
        candidates: (G, H, W), for each position some that are near, the nearest first.
        atlas: where the positions of the table are.
        weights: of coherence and of use.
        counted: (H, W), whether a position counts as using its neighbour.
    """

    def __init__(
        self,
        queries: Tensor,
        keys: Tensor,
        bonus: Tensor,
        candidates: Tensor,
        atlas: Atlas,
        weights: Coherence,
        counted: Tensor,
    ) -> None:
        self.queries, self.keys, self.bonus, self.candidates = queries, keys, bonus, candidates
        self.atlas, self.weights, self.counted = atlas, weights, counted
        self.size = height, width = counted.shape[0], counted.shape[1]
        self.price = weights.used / (counted.sum() / len(keys)).clamp(min=1)
        self.table = F.pad(atlas.index, (0, width), value=-1).flatten()
        row = atlas.index.shape[1] + width
        rows, columns = (torch.arange(one, device=keys.device) for one in (height, width))
        self.own = rows[:, None] * row + columns
        self.places = atlas.places[:, 0] * row + atlas.places[:, 1]

    @torch.no_grad()
    def found(self) -> Tensor:
        """The index (H, W) of the position of the table that each position takes."""
        nearest, dice = self.candidates[0], torch.Generator().manual_seed(0)
        sides = [one for one in SIDES if one == 1 or one * LEAST <= min(self.size)]
        shifts, before = self.towards(nearest, sides[0], dice), sides[0]
        for side in sides:
            shifts = _repeated(shifts, before // side, self.blocks(side))
            shifts, before = self.improved(shifts, side, dice), side
        index = self.at(shifts)
        return torch.where(index < 0, nearest, index)

    def blocks(self, side: int) -> tuple[int, int]:
        """Blocks down and across."""
        return -(-self.size[0] // side), -(-self.size[1] // side)

    def towards(self, index: Tensor, side: int, dice: torch.Generator) -> Tensor:
        """The shifts of blocks that send one position of each to where an index (H, W) says."""
        inside = torch.randint(side, (2,), generator=dice).tolist()
        rows, columns = (
            (torch.arange(count, device=index.device) * side + first).clamp(max=most - 1)
            for first, count, most in zip(inside, self.blocks(side), self.size, strict=True)
        )
        chosen = (rows[:, None], columns)
        return self.places[index[chosen]] - self.own[chosen]

    def at(self, shifts: Tensor) -> Tensor:
        """The index (H, W) that shifts of positions (H, W) lead to; -1 where there is none."""
        place = shifts + self.own
        found = self.table[place.clamp(0, len(self.table) - 1)]
        return torch.where((place >= 0) & (place < len(self.table)), found, -1)

    def near(self, index: Tensor) -> Tensor:
        """The cosines (H, W), and the bonus, of what an index (H, W) takes."""
        found = self.bonus.new_empty(self.size)
        for first in range(0, self.size[0], ROWS):
            rows = slice(first, first + ROWS)
            taken = index[rows].clamp(min=0)
            found[rows] = (self.queries[rows] * self.keys[taken]).sum(2) + self.bonus[taken]
        return found.where(index >= 0, OUTSIDE)

    def prices(self, index: Tensor) -> Tensor:
        """The price (M,) of one more use of each position of the table, beside an index (H, W)."""
        used = index.clamp(min=0)[self.counted].bincount(minlength=len(self.keys))
        return self.price * self.atlas.around(used.to(self.keys))

    def improved(self, shifts: Tensor, side: int, dice: torch.Generator) -> Tensor:
        """The shifts of blocks of a side after all offers."""
        index = self.at(_repeated(shifts, side, self.size))
        near = self.near(index)
        beside = self.weights.beside / side  # of a border, for each position of the block
        own = self.price / AROUND**2  # what the use by a position itself adds to what it pays
        group = torch.randint(GROUPS, shifts.shape, generator=dice).to(near.device)
        for number, asked in self.order(group, dice):
            if number < len(self.candidates):
                offer = self.towards(self.candidates[number], side, dice)
            else:
                offer = _beside(shifts, BESIDE[number - len(self.candidates)])
            there = self.at(_repeated(offer, side, self.size))
            nearer, price = self.near(there), self.prices(index)
            gain = nearer - price[there.clamp(min=0)] - near + price[index.clamp(min=0)] - own
            gain = _means(gain, side) + beside * (_alike(offer, shifts) - _alike(shifts, shifts))
            better = (gain > GAIN) & asked
            shifts = offer.where(better, shifts)
            changed = _repeated(better, side, self.size)
            index, near = there.where(changed, index), nearer.where(changed, near)
        return shifts

    def order(self, group: Tensor, dice: torch.Generator) -> Iterator[tuple[int, Tensor]]:
        """Numbers of candidates, and above them those of BESIDE, and the blocks (h, w) asked.

        Never all: they would leave together what is used too often, and for the same. Candidates
        are offered to one group (h, w) after the other, shifts of those beside to the squares of
        one colour of a chequerboard, then of the other.
        """
        rows, columns = (torch.arange(one, device=group.device) for one in group.shape)
        chequered = (rows[:, None] + columns) % 2 == 0
        count = len(self.candidates)
        for here in range(GROUPS):
            for turn, number in enumerate(torch.randperm(count, generator=dice).tolist(), 1):
                yield number, group == here
                if turn % OFTEN == 0:
                    yield from ((count + step, chequered) for step in range(len(BESIDE)))
                    chequered = ~chequered


def _repeated(values: Tensor, times: int, size: tuple[int, int]) -> Tensor:
    """Values (h, w) of blocks for what these are made of, (H, W), so many times along a side."""
    height, width = size
    return values.repeat_interleave(times, 0).repeat_interleave(times, 1)[:height, :width]


def _means(values: Tensor, side: int) -> Tensor:
    """The means (h, w) of values (H, W) over blocks of a side."""
    return F.avg_pool2d(values[None], side, ceil_mode=True, count_include_pad=False)[0]


def _beside(shifts: Tensor, step: tuple[int, int]) -> Tensor:
    """The shift (h, w) of the block one step away from each; NOWHERE beyond the picture."""
    height, width = shifts.shape
    around = F.pad(shifts, (1, 1, 1, 1), value=NOWHERE)
    return around[1 + step[0] :, 1 + step[1] :][:height, :width]


def _alike(offer: Tensor, shifts: Tensor) -> Tensor:
    """For each offer (h, w), how many of the four beside it have that shift."""
    alike = [_beside(shifts, step) == offer for step in BESIDE]
    return torch.stack(alike).sum(0)
