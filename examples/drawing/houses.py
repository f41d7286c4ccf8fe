"""Rows of gabled houses, each with its own width, height, roof and dormers."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

DEPTH = 5.0


@dataclass
class House:
    """Points in the frame of their nearest house, with its measures."""

    place: Tensor  # (3, N): across the front, above the ground, out of the front wall
    half: Tensor  # half the width of the front
    eaves: Tensor
    gable: Tensor  # true where the gable faces the river
    pitch: Tensor
    number: Tensor  # 0 to 1, for colours

    def where(self, wins: Tensor, other: "House") -> "House":
        """The other house where it wins, this one elsewhere."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return House(*(torch.where(wins, theirs, mine) for mine, theirs in pairs))

    def span(self) -> tuple[Tensor, Tensor]:
        """Distance from the ridge, and half the width the roof covers."""
        across = torch.where(self.gable, self.place[0], self.place[2] + DEPTH).abs()
        return across, torch.where(self.gable, self.half, torch.full_like(self.half, DEPTH))

    def roof(self) -> Tensor:
        across, half = self.span()
        rise = self.place[1] - self.eaves - self.pitch * (half - across)
        return rise / (1 + self.pitch**2).sqrt()

    def walls(self) -> Tensor:
        sides = torch.stack(
            [self.place[0].abs() - self.half, (self.place[2] + DEPTH).abs() - DEPTH]
        )
        return torch.maximum(sides.amax(0), self.roof())

    def tiles(self) -> Tensor:
        across, half = self.span()
        x, _, z = self.place
        edge = torch.where(self.gable, z, x.abs() - self.half + 0.25)
        slab = (self.roof() - 0.08).abs() - 0.11
        return torch.maximum(slab, torch.maximum(edge - 0.30, across - half - 0.45))

    def extras(self) -> tuple[Tensor, Tensor]:
        """Dormers on roofs that slope to the river, and chimneys."""
        x, y, z = self.place
        spacing = 2.5
        near = x - (x / spacing).round().clamp(-1, 1) * spacing
        up, out = y - self.eaves - 0.2, z + 1.9
        dormer = torch.stack(
            [near.abs() - 0.62, up - 1.75 + near.abs() * 0.9, out.abs() - 1.3]
        ).amax(0)
        dormer = torch.where(self.gable | (self.number > 0.8), 9.0, dormer * 0.8)
        top = self.eaves + self.pitch * torch.where(self.gable, self.half, DEPTH) - 0.6
        stack = torch.stack(
            [
                (x - 0.45 * self.half).abs() - 0.35,
                (y - top).abs() - 1.5,
                (z + DEPTH + 1.0).abs() - 0.35,
            ]
        ).amax(0)
        return dormer, stack


class Row:
    """Houses side by side along x, each of its own width and height."""

    def __init__(self, rng: np.random.Generator, front: float, ground: float, tall: float) -> None:
        widths = rng.uniform(5.2, 8.4, 30)
        edges = np.cumsum(widths)
        edges = edges - edges[14] + rng.uniform(-3, 3)
        self.edges = torch.from_numpy(edges).float()
        count = len(widths)
        self.table = torch.from_numpy(
            np.stack(
                [
                    edges - widths / 2,
                    widths / 2 - 0.04,
                    tall + rng.uniform(-1.3, 1.6, count),
                    (rng.random(count) < 0.6).astype(float),
                    rng.uniform(1.05, 1.45, count),
                    rng.random(count),
                    front + rng.uniform(-0.35, 0.35, count),
                ]
            )
        ).float()
        self.ground = ground

    def houses(self, p: Tensor) -> tuple[House, House]:
        """The house under each point and its nearer neighbour."""
        own = torch.bucketize(p[0], self.edges).clamp(0, self.table.shape[1] - 1)
        right = p[0] > self.table[0, own]
        other = (own + torch.where(right, 1, -1)).clamp(0, self.table.shape[1] - 1)
        return self._house(p, own), self._house(p, other)

    def _house(self, p: Tensor, index: Tensor) -> House:
        centre, half, eaves, gable, pitch, number, front = self.table[:, index]
        place = torch.stack([p[0] - centre, p[1] - self.ground, p[2] - front])
        return House(place, half, eaves, gable > 0.5, pitch, number)

    def distance(self, p: Tensor) -> Tensor:
        gap = torch.full_like(p[0], 1e3)
        for house in self.houses(p):
            gap = torch.minimum(gap, torch.minimum(house.walls(), house.tiles()))
            dormer, stack = house.extras()
            gap = torch.minimum(gap, torch.minimum(dormer, stack))
        return gap
