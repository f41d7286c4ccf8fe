"""A snowy range behind a lake: an eroded height map with forest, haze, clouds and a reflection.

Kilometres, with the lake at height 0 and the camera on its near shore looking along +z.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import march as m

GRID, EXTENT = 1024, 12.0
SUN = m.unit(m.column((0.88, 0.38, 0.02)))
SUNLIGHT, SKYLIGHT = m.column((2.5, 2.0, 1.45)), m.column((0.22, 0.33, 0.58))
HAZE = m.column((0.30, 0.41, 0.58))


def relief(noise: m.Noise) -> Tensor:
    """The range before the weather: peaks placed by hand, ridges by noise."""
    axis = (torch.arange(GRID) + 0.5) / GRID * EXTENT
    z, x = torch.meshgrid(axis, axis - EXTENT / 2, indexing="ij")
    p = torch.stack([x.reshape(-1), z.reshape(-1)])
    p = p + 0.22 * torch.stack([noise(p * 0.9, 3), noise(p * 0.9 + 40, 3)])
    u, v = p
    ridges, weight = torch.zeros_like(u), 1.0
    for octave in range(7):
        crest = 1 - noise.single(m.turned(p, 31.0 * octave, (0, 1)) * 0.55 * 2.07**octave).abs()
        ridges += weight * crest * crest
        weight *= 0.47
    ground = 0.42 * m.ramp(v + 0.25 * noise(p, 2), 2.5, 5.6) - 0.03
    for cx, cz, high, wide in (
        (1.15, 7.0, 2.7, 1.9),
        (-1.5, 8.4, 2.15, 1.8),
        (-4.0, 7.6, 1.9, 1.9),
        (3.9, 8.8, 2.15, 1.9),
        (-0.3, 10.6, 2.1, 2.2),
        (2.9, 11.0, 2.2, 2.0),
    ):
        far = torch.hypot(u - cx, v - cz) / wide
        ground = torch.maximum(ground, ground * 0.35 + high * torch.exp(-1.5 * far))
    for cx, cz, high, wide in (
        (-2.7, 2.6, 0.62, 1.35),
        (2.9, 3.3, 0.66, 1.35),
        (-0.62, 0.9, 0.06, 0.4),
    ):
        far = torch.hypot(u - cx, (v - cz) * 1.2) / wide
        ground = ground + high * torch.exp(-far * far * 1.7)
    lake = m.ramp(v, 2.2, 3.2)
    ground = ground - 0.10 * m.ramp(v + 0.3 * noise(p * 0.8, 2), 3.1, 2.2)
    height = ground * (0.30 + 0.48 * ridges) + 0.03 * (ridges - 1.2) * lake
    return height.reshape(GRID, GRID)


def erode(height: np.ndarray, rng: np.random.Generator, drops: int, life: int) -> np.ndarray:
    """Let `drops` drops of rain run downhill at once, carrying soil: the cause of gullies."""
    n = height.shape[0]
    land = height.reshape(-1).astype(np.float64) * (n / EXTENT)
    place, heading = rng.random((2, drops)) * (n - 3) + 1, np.zeros((2, drops))
    speed, water, load = np.ones(drops), np.ones(drops), np.zeros(drops)

    def sample(q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        cell = q.astype(np.int64)
        fx, fy = q - cell
        corner = cell[1] * n + cell[0]
        corners = np.stack([corner, corner + 1, corner + n, corner + n + 1])
        weights = np.stack([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy])
        a, b, c, d = tall = land[corners]
        slope = np.stack([(b - a) * (1 - fy) + (d - c) * fy, (c - a) * (1 - fx) + (d - b) * fx])
        return (tall * weights).sum(0), slope, corners, weights

    for _ in range(life):
        tall, slope, corners, weights = sample(place)
        heading = 0.15 * heading - 0.85 * slope
        heading /= np.hypot(*heading) + 1e-6
        following = np.clip(place + heading, 1, n - 2.01)
        fall = sample(following)[0] - tall
        room = np.maximum(-fall, 0.01) * speed * water * 3.0
        settled = np.where(
            load > room, 0.25 * (load - room), -np.minimum(0.25 * (room - load), -fall)
        )
        settled = np.where(fall > 0, np.minimum(fall, load), settled)
        settled[tall < -0.5] = 0
        load -= settled
        land += np.bincount(corners.ravel(), (weights * settled).ravel(), n * n)
        speed = np.sqrt(np.clip(speed**2 - 1.5 * fall, 0, 16))
        water *= 0.975
        place = following
    return (land * (EXTENT / n)).astype(np.float32).reshape(n, n)


def slump(height: np.ndarray, steepest: float, rounds: int) -> np.ndarray:
    """Let walls steeper than rock can stand slide into scree."""
    limit = steepest * EXTENT / height.shape[0]
    for _ in range(rounds):
        for axis in (0, 1):
            drop = np.diff(height, axis=axis)
            slide = 0.2 * (np.clip(drop - limit, 0, None) + np.clip(drop + limit, None, 0))
            ends = [(1, 0) if side == axis else (0, 0) for side in (0, 1)]
            starts = [end[::-1] for end in ends]
            height = height + np.pad(slide, starts) - np.pad(slide, ends)
    return height


def crags(noise: m.Noise, height: np.ndarray) -> np.ndarray:
    """Broken rock on the high walls, finer than the ridges."""
    axis = (torch.arange(GRID) + 0.5) / GRID * EXTENT
    z, x = torch.meshgrid(axis, axis, indexing="ij")
    p = torch.stack([x, z]).reshape(2, -1)
    rough = noise(p * 4.5 + 3, 5, 0.62) - 0.8 * noise.single(p * 7.0).abs()
    high = m.ramp(torch.from_numpy(height), 0.35, 0.95)
    return (0.050 * rough.reshape(GRID, GRID) * high).numpy()


class Land:
    """The height map with trees on it, as a field and as a height."""

    def __init__(self, noise: m.Noise, seed: int) -> None:
        rng = np.random.default_rng(seed)
        height = relief(noise).numpy()
        for _ in range(5):
            height = erode(height, rng, 60_000, 55)
        height = slump(height, 2.0, 30) + crags(noise, height)
        height = erode(height, rng, 60_000, 40)
        self.noise = noise
        ground = m.blur(torch.from_numpy(height)[None], 0.7)
        self.map = torch.stack([ground[0], self.wooded(ground[0])])[None]
        self.random = torch.from_numpy(rng.random((3, 512 * 512), np.float32))

    def wooded(self, ground: Tensor) -> Tensor:
        """Where trees stand: above the shore, below the tree line, in patches."""
        axis = (torch.arange(GRID) + 0.5) / GRID * EXTENT
        z, x = torch.meshgrid(axis, axis - EXTENT / 2, indexing="ij")
        patches = self.noise(torch.stack([x, z]).reshape(2, -1) * 1.6 + 9, 4).reshape(GRID, GRID)
        line = m.ramp(ground, 0.010, 0.02) * m.ramp(ground + 0.22 * patches, 0.85, 0.72)
        return line * (patches > -0.38 + 0.25 * m.ramp(ground, 0.10, 0.02))

    def ground(self, p: Tensor) -> Tensor:
        """Height and woodedness (2, N) without the trees themselves."""
        place = torch.stack([p[0] / (EXTENT / 2), p[2] / (EXTENT / 2) - 1], -1)
        return F.grid_sample(
            self.map, place[None, None], align_corners=False, padding_mode="border"
        ).reshape(2, -1)

    def height(self, p: Tensor) -> Tensor:
        ground, wooded = self.ground(p)
        trees = torch.zeros_like(ground)
        for layer, spacing in enumerate((0.017, 0.023)):
            q = m.turned(p[[0, 2]], 20.0 + 35.0 * layer, (0, 1)) / spacing
            cell = q.floor()
            index = ((cell[0] + 77 * layer).remainder(512) * 512 + cell[1].remainder(512)).long()
            jx, jy, size = self.random[:, index]
            away = torch.hypot(q[0] - cell[0] - 0.35 - 0.3 * jx, q[1] - cell[1] - 0.35 - 0.3 * jy)
            trees = torch.maximum(trees, (0.6 + 0.7 * size) * (1 - away / 0.42))
        return ground + 0.024 * trees.clamp_min(0) * wooded

    def field(self, p: Tensor) -> Tensor:
        return p[1] - self.height(p)


def sky(noise: m.Noise, ray: Tensor) -> Tensor:
    """A clear gradient with fair-weather clouds, brighter on the side of the sun."""
    up = ray[1].clamp_min(0.01)
    light = m.shades((0.44, 0.55, 0.70), (0.05, 0.14, 0.40), m.ramp(up, -0.05, 0.55))
    p = ray[[0, 2]] / (up + 0.12) * 1.15 + 5.3
    towards = SUN[[0, 2]] * 0.16
    dense = noise(p, 6, 0.52)
    thick = m.ramp(dense, 0.02, 0.75)
    shade = m.ramp(noise(p + towards, 4, 0.52) - dense + 0.25, 0.75, -0.15)
    cloud = m.shades((0.30, 0.35, 0.47), (1.25, 1.12, 0.98), shade)
    return m.mix(light, cloud, thick * m.ramp(up, 0.02, 0.2))


def paint(land: Land, noise: m.Noise, p: Tensor, normal: Tensor) -> Tensor:
    """The colour of the ground: snow where it can lie, rock, meadow, and trees."""
    ground, wooded = land.ground(p)
    tree = m.ramp(p[1] - ground, 0.001, 0.004) * wooded
    rough = noise(p * 9, 5, 0.7)
    layers = noise(torch.stack([p[0] * 3, p[1] * 40 + rough, p[2] * 3]), 3)
    rock = m.shades((0.13, 0.12, 0.125), (0.33, 0.29, 0.26), 0.5 + 0.35 * layers + 0.2 * rough)
    grass = m.shades((0.085, 0.12, 0.03), (0.24, 0.22, 0.075), m.ramp(rough, -0.6, 0.8))
    flat = normal[1] + 0.10 * rough
    bare = m.mix(grass, rock, m.ramp(p[1] + 0.16 * rough - 0.35 * (flat - 0.7), 0.42, 0.72))
    bare = m.mix(bare, rock, m.ramp(flat, 0.72, 0.5))
    shore = m.ramp(p[1], 0.018, 0.004)
    bare = m.mix(bare, m.column((0.36, 0.33, 0.28)), shore)
    lies = m.ramp(p[1] + 0.22 * rough, 0.62, 1.10) * m.ramp(
        flat + 0.24 * m.ramp(p[1], 1.2, 2.3), 0.50, 0.66
    )
    bare = m.mix(bare, m.column((0.86, 0.88, 0.92)), lies)
    kind = noise(p * 30, 2)
    needles = m.shades((0.018, 0.042, 0.02), (0.06, 0.085, 0.022), m.ramp(kind, -0.6, 0.9))
    needles = m.mix(needles, m.column((0.22, 0.11, 0.02)), m.ramp(kind, 0.75, 1.0) * 0.8)
    return m.mix(bare, needles, tree)


def view(land: Land, noise: m.Noise, origin: Tensor, rays: Tensor, t: Tensor) -> Tensor:
    """Light along rays that meet the land at `t`, or the sky."""
    light = sky(noise, rays)
    hit = t.isfinite().nonzero()[:, 0]
    if not hit.numel():
        return light
    ray, far = rays[:, hit], t[hit]
    p = origin.expand_as(rays)[:, hit] + ray * far
    normal = m.normals(land.field, p, 0.003)
    lit = m.shadow(land.field, p + normal * 0.004, SUN, 3.0, 0.03, 0.006, 60)
    open_sky = m.occlusion(land.field, p, normal, 0.05, 4) * m.occlusion(
        land.field, p, normal, 0.4, 4
    )
    colour = m.in_chunks(lambda q: paint(land, noise, q[:3], q[3:]), torch.cat([p, normal]))
    facing = m.dot(normal, SUN).clamp_min(0) * lit
    # Snow throws light into its own shadows.
    bounce = 0.25 * (0.5 - 0.5 * normal[1]) + 0.10
    seen = colour * (
        SUNLIGHT * facing
        + SKYLIGHT * open_sky * (0.5 + 0.5 * normal[1])
        + m.column((0.8, 0.75, 0.7)) * bounce * open_sky
    )
    air = 1 - torch.exp(-far * 0.045 * torch.exp(-p[1] * 0.35))
    mist = (
        0.35 * m.ramp(p[1] + 0.05 * noise(p[[0, 2]] * 0.8, 3), 0.22, 0.02) * m.ramp(far, 2.5, 5.0)
    )
    glow = HAZE + m.column((0.30, 0.18, 0.05)) * m.dot(ray, SUN).clamp_min(0)
    light[:, hit] = m.mix(m.mix(seen, glow, air), m.column((0.40, 0.46, 0.55)), mist)
    return light


def mountain(size: tuple[int, int], seed: int) -> np.ndarray:
    """Snowy peaks over a forest and a lake in the light of a late afternoon."""
    noise = m.Noise(seed)
    land = Land(noise, seed)
    drawn = (int(size[0] * 1.25), int(size[1] * 1.25))
    camera = m.Camera((0.0, 0.10, 0.12), (0.22, 0.70, 7.0), 31.0)
    origin, rays = m.column(camera.eye), camera.rays(drawn)
    t = m.march(land.field, origin, rays, 14.0, 0.1, 230, 0.35)
    water = torch.where(rays[1] < 0, -camera.eye[1] / rays[1], torch.inf)
    wet = (water < t).nonzero()[:, 0]
    dry = t.clone()
    dry[wet] = torch.inf
    light = view(land, noise, origin, rays, dry)
    p = origin + rays[:, wet] * water[wet]
    p[1] = 0.0
    calm = m.ramp(noise(p[[0, 2]] * torch.tensor([[1.3], [4.0]]), 3), -0.3, 0.5)
    fine = p[[0, 2]] * torch.tensor([[40.0], [110.0]])
    tilt = torch.stack([noise(fine, 3), torch.zeros_like(calm), noise(fine + 31, 3)])
    normal = m.unit(m.column((0.0, 1.0, 0.0)) + tilt * (0.003 + 0.014 * calm))
    back = m.reflect(rays[:, wet], normal)
    back[1] = back[1].abs()
    mirrored = view(land, noise, p, back, m.march(land.field, p, back, 14.0, 0.01, 130, 0.45))
    fresnel = 0.03 + 0.97 * (1 - m.dot(back, normal).clamp(0, 1)) ** 5
    deep = m.column((0.012, 0.035, 0.045)) + m.column((0.02, 0.05, 0.05)) * calm
    light[:, wet] = m.mix(deep, mirrored, (fresnel * 1.25 + 0.12).clamp(0, 0.93))
    return m.finish(light, drawn, size)
