"""An old town on a river at evening: rows of gabled houses, a church, and their reflection.

Metres, with the river at height 0, the quay wall at z = 0 and the camera across the water at +z.
"""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd
from .houses import House, Row
from .town_paint import facade, masonry, roofing

SUN = m.unit(m.column((-0.82, 0.34, 0.46)))
SUNLIGHT, SKYLIGHT = m.column((2.45, 1.48, 0.72)), m.column((0.20, 0.26, 0.42))
QUAY = 2.4


class Town:
    """Everything solid, and its colours."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed + 20)
        self.noise = m.Noise(seed)
        self.rows = [
            Row(rng, -6.0, QUAY, 7.6),
            Row(rng, -21.0, QUAY + 4.5, 8.2),
            Row(rng, -37.0, QUAY + 9.5, 8.2),
        ]
        self.crowns = [
            (
                float(x + rng.uniform(-0.8, 0.8)),
                float(QUAY + rng.uniform(3.0, 3.9)),
                float(rng.uniform(1.5, 2.3)),
            )
            for x in (-29.0, -24.5, -20.5, -7.0, 11.0, 15.5, 20.0, 33.0)
        ]

    def church(self, p: Tensor) -> tuple[Tensor, Tensor]:
        """Distances to masonry and to the copper roofs."""
        q = p - m.column((9.0, QUAY + 1.5, -27.0))
        wide = torch.maximum(q[0].abs(), q[2].abs())
        tower = torch.maximum(wide - 2.9, q[1] - 22.0)
        ledge = torch.maximum(wide - 3.15, (q[1] - 21.8).abs() - 0.35)
        ledge = torch.minimum(ledge, torch.maximum(wide - 3.1, (q[1] - 14.0).abs() - 0.2))
        eight = torch.maximum(wide, (q[0].abs() + q[2].abs()) * 0.7071)
        drum = torch.maximum(eight - 2.3, q[1] - 24.6)
        spire = torch.maximum((eight - 2.75 + (q[1] - 24.6) * 0.235) * 0.95, 24.4 - q[1])
        knob = m.length(q - m.column((0.0, 36.6, 0.0))) - 0.32
        nave = q - m.column((-12.0, 0.0, 0.0))
        hall = torch.stack([nave[0].abs() - 11.0, nave[2].abs() - 5.0, nave[1] - 12.0]).amax(0)
        slope = torch.maximum((nave[1] - 18.0 + nave[2].abs() * 1.15) * 0.65, nave[0].abs() - 11.3)
        slope = torch.maximum(slope, 11.6 - nave[1])
        stone = torch.minimum(torch.minimum(tower, ledge), torch.minimum(drum, hall))
        return stone, torch.minimum(torch.minimum(spire, knob), slope)

    def trees(self, p: Tensor) -> tuple[Tensor, Tensor]:
        """Distances to foliage and to trunks."""
        crown, trunk = torch.full_like(p[0], 1e3), torch.full_like(p[0], 1e3)
        for x, y, r in self.crowns:
            q = p - m.column((x, y, -2.6))
            crown = torch.minimum(crown, sd.ellipsoid(q, (0, 0, 0), (r, r * 1.05, 1.7)))
            trunk = torch.minimum(trunk, torch.maximum(torch.hypot(q[0], q[2]) - 0.16, q[1]))
        near = (crown < 1.3).nonzero()[:, 0]
        if near.numel():
            q = p[:, near]
            crown[near] += 0.75 * self.noise(q * 0.85, 2) + 0.28 * self.noise.single(q * 4.1)
        return crown, trunk

    def quay(self, p: Tensor) -> Tensor:
        ground = torch.maximum(p[2], p[1] - QUAY)
        kerb = torch.maximum((p[2] - 0.02).abs() - 0.28, (p[1] - QUAY - 0.35).abs() - 0.4)
        hill = torch.maximum(p[1] - QUAY - 4.5, p[2] + 15.5)
        punts = torch.full_like(ground, 1e3)
        for x, z in ((-15.5, 1.5), (-4.0, 1.4), (3.6, 1.7), (24.0, 1.6)):
            q = p - m.column((x, 0.12, z))
            rise = 0.018 * q[0] * q[0]
            hull = torch.stack(
                [
                    q[0].abs() - 3.9,
                    (q[1] - rise).abs() - 0.26,
                    q[2].abs() - 0.62 + 0.012 * q[0] * q[0],
                ]
            ).amax(0)
            inner = torch.stack(
                [q[0].abs() - 3.4, rise - q[1] - 0.1, q[2].abs() - 0.50 + 0.012 * q[0] * q[0]]
            ).amax(0)
            punts = torch.minimum(punts, torch.maximum(hull, -inner) * 0.9)
        return torch.stack([ground, kerb, hill, punts]).amin(0)

    def field(self, p: Tensor) -> Tensor:
        gaps = [row.distance(p) for row in self.rows]
        gaps += [*self.church(p), *self.trees(p), self.quay(p)]
        return torch.stack(gaps).amin(0)

    def nearest(self, p: Tensor) -> tuple[House, Tensor]:
        """The house closest to each point, and distances to its walls, tiles, dormers, stacks."""
        best, gaps = None, torch.full((4, p.shape[1]), 1e3)
        for row in self.rows:
            for house in row.houses(p):
                mine = torch.stack([house.walls(), house.tiles(), *house.extras()])
                wins = mine.amin(0) < gaps.amin(0)
                gaps = torch.where(wins, mine, gaps)
                best = house if best is None else best.where(wins, house)
        assert best is not None
        return best, gaps

    def colours(self, pn: Tensor) -> Tensor:
        """Colour (3) and glassiness from points and normals stacked."""
        p, normal = pn[:3], pn[3:]
        house, built = self.nearest(p)
        others = torch.stack([*self.church(p), *self.trees(p), self.quay(p)])
        kind = torch.cat([built, others]).argmin(0)
        rough = self.noise(p * 1.7, 4, 0.6)
        walls = facade(self.noise, house.place, normal, house.number, house.half, house.eaves)
        tiles = roofing(self.noise, p, house.place, house.number, house.gable)
        narrow = torch.full_like(house.half, -1.0)
        dormer = facade(self.noise, house.place, normal, house.number, narrow, house.eaves)
        dormer = torch.where(normal[1] > 0.3, tiles, dormer)
        stone = masonry(self.noise, p, m.column((0.50, 0.42, 0.31)), tower=True)
        wall = masonry(self.noise, p, m.column((0.36, 0.31, 0.26)), tower=False)
        leaves = self._plain(
            (0.012, 0.030, 0.007), (0.145, 0.175, 0.028), 1.2 * self.noise(p * 4.5, 4, 0.7)
        )
        brick = self._plain((0.22, 0.10, 0.07), (0.34, 0.17, 0.11), rough)
        copper = self._plain((0.15, 0.24, 0.20), (0.24, 0.33, 0.28), rough)
        bark = self._plain((0.06, 0.045, 0.035), (0.12, 0.09, 0.07), rough)
        out = walls
        for index, paint in enumerate((tiles, dormer, brick, stone, copper, leaves, bark, wall)):
            out = torch.where(kind == index + 1, paint, out)
        return out

    @staticmethod
    def _plain(dark: m.Vector, pale: m.Vector, share: Tensor) -> Tensor:
        colour = m.mix(m.column(dark), m.column(pale), (0.5 + 0.5 * share).clamp(0, 1))
        return torch.cat([colour, torch.zeros_like(share)[None]])


def sky(noise: m.Noise, ray: Tensor) -> Tensor:
    """Evening: warm at the horizon, clouds lit from below, and a wooded hill behind the town."""
    up = ray[1].clamp_min(0.0)
    light = m.shades((0.85, 0.50, 0.27), (0.36, 0.36, 0.46), m.ramp(up, 0.03, 0.20))
    light = m.mix(light, m.column((0.10, 0.17, 0.37)), m.ramp(up, 0.12, 0.48))
    p = torch.stack([ray[0] / (up + 0.16), 2.4 / (up + 0.16)]) * 0.95 + 3.7
    dense = noise(p, 6, 0.53)
    lit = m.ramp(noise(p + torch.tensor([[-0.15], [-0.22]]), 4, 0.53) - dense, 0.5, -0.35)
    cloud = m.shades((0.24, 0.20, 0.27), (1.25, 0.72, 0.40), lit)
    light = m.mix(light, cloud, m.ramp(dense, -0.35, 0.40) * 0.92)
    side = ray[0] / ray[2].clamp_max(-1e-3)
    leaves = noise(torch.stack([side * 60, up * 90]), 4, 0.6)
    crest = (
        0.205
        + 0.035 * noise(torch.stack([side * 3, side * 0 + 2]), 2)
        - 0.10 * side
        + 0.006 * leaves
    )
    wood = m.shades((0.035, 0.055, 0.028), (0.20, 0.19, 0.065), 0.45 + 0.45 * leaves)
    wood = m.mix(wood, m.column((0.40, 0.30, 0.27)), 0.22)
    return m.mix(light, wood, m.ramp(up - crest, 0.002, -0.002))


def view(town: Town, origin: Tensor, rays: Tensor, steps: int) -> Tensor:
    """Light along rays, which start in front of the town."""
    light = sky(town.noise, rays)
    t = m.march(town.field, origin, rays, 75.0, 0.0, steps, 0.9, 1e-3)
    hit = t.isfinite().nonzero()[:, 0]
    ray = rays[:, hit]
    p = origin[:, hit] + ray * t[hit]
    normal = m.normals(town.field, p, 0.02)
    painted = m.in_chunks(town.colours, torch.cat([p, normal]))
    colour, glass = painted[:3], painted[3]
    lit = m.shadow(town.field, p + normal * 0.05, SUN, 18.0, 0.05, 0.08, 26, m.dot(normal, SUN))
    open_sky = m.occlusion(town.field, p, normal, 2.2, 3)
    facing = m.dot(normal, SUN).clamp_min(0) * lit
    bounce = m.column((0.34, 0.22, 0.13)) * (0.6 - 0.4 * normal[1])
    seen = colour * (SUNLIGHT * facing + (SKYLIGHT * (0.6 + 0.4 * normal[1]) + bounce) * open_sky)
    # Old panes are never flat: each mirrors its own piece of the sky.
    wobble = torch.stack(
        [town.noise(p * 0.9, 1), town.noise(p * 0.9 + 9, 1), torch.zeros_like(glass)]
    )
    mirrored = sky(
        town.noise, m.reflect(ray, m.unit(normal + 0.10 * wobble)) * m.column((1.0, 1.0, -1.0))
    )
    seen = seen + (glass > 0) * mirrored * 0.32 * open_sky
    seen = seen + (glass > 1.5) * m.column((1.9, 1.05, 0.34))
    air = 1 - torch.exp(-(t[hit] + 15) * 0.0014)
    light[:, hit] = m.mix(seen, m.column((0.70, 0.50, 0.36)), air)
    return light


def advance(origin: Tensor, ray: Tensor) -> Tensor:
    """Start rays where the town begins: the river before it is empty."""
    return origin + ray * ((4.0 - origin[2]) / ray[2].clamp_max(-1e-3)).clamp(0, 200)


def town(size: tuple[int, int], seed: int) -> np.ndarray:
    """Houses and a church over the river in the last sun."""
    place = Town(seed)
    drawn = (int(size[0] * 1.2), int(size[1] * 1.2))
    camera = m.Camera((-13.0, 6.5, 62.0), (0.0, 10.9, -6.0), 37.5)
    rays = camera.rays(drawn)
    origin = m.column(camera.eye).expand_as(rays)
    water = torch.where(rays[1] < -1e-4, -origin[1] / rays[1], torch.inf)
    water = torch.where(origin[2] + rays[2] * water > 0.0, water, torch.inf)
    wet, dry = water.isfinite().nonzero()[:, 0], (~water.isfinite()).nonzero()[:, 0]
    light = torch.zeros_like(rays)
    light[:, dry] = view(place, advance(origin[:, dry], rays[:, dry]), rays[:, dry], 90)
    p = origin[:, wet] + rays[:, wet] * water[wet]
    flat = p[[0, 2]]
    swell = flat * torch.tensor([[0.35], [0.9]])
    calm = 0.5 + 0.5 * place.noise(flat * torch.tensor([[0.035], [0.11]]), 2).clamp(-1, 1)
    tilt = torch.stack([place.noise(swell, 3), torch.zeros_like(calm), place.noise(swell + 31, 3)])
    normal = m.unit(m.column((0.0, 1.0, 0.0)) + tilt * (0.014 + 0.030 * calm))
    back = m.reflect(rays[:, wet], normal)
    back[1] = back[1].abs()
    back = m.unit(back)
    mirrored = view(place, advance(p, back), back, 64)
    fresnel = 0.04 + 0.96 * (1 - m.dot(back, normal).clamp(0, 1)) ** 5
    deep = m.column((0.030, 0.045, 0.040))
    light[:, wet] = m.mix(deep, mirrored, (fresnel * 1.1 + 0.22).clamp(0, 0.86))
    return m.finish(light, drawn, size)
