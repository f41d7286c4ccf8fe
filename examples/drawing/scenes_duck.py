"""A drake on a pond: feathers from scale patterns, and ripples that mirror a bank of reeds.

The drake is about one unit long and swims along +x; the water is at height 0, the camera at +z.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import march as m
from . import strands

SUN = m.unit(m.column((-0.50, 0.62, 0.60)))
SUNLIGHT, SKYLIGHT = m.column((2.7, 2.3, 1.75)), m.column((0.34, 0.42, 0.52))
# The painted bank stands across the pond; its picture covers these metres.
BANK_Z, BANK_WIDE, BANK_HIGH = -3.6, 11.0, 4.4


def folded(p: Tensor) -> Tensor:
    """The bird is the same on both sides."""
    return torch.stack([p[0], p[1], p[2].abs()])


def parts(p: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Distances to plumage, bill, wing and eye."""
    q = folded(p)
    body = m.ellipsoid(q, (-0.03, 0.10, 0.0), (0.52, 0.235, 0.27))
    body = m.join(body, m.ellipsoid(q, (0.30, 0.13, 0.0), (0.22, 0.23, 0.20)), 0.16)
    tail = m.ellipsoid(m.turned(q - m.column((-0.55, 0.20, 0.0)), 17, (0, 1)), (0, 0, 0), (0.24, 0.045, 0.12))
    body = m.join(body, tail, 0.12)
    neck = m.join(
        m.limb(q, (0.33, 0.24, 0.0), (0.385, 0.42, 0.0), 0.13, 0.092),
        m.limb(q, (0.385, 0.42, 0.0), (0.40, 0.60, 0.0), 0.090, 0.090),
        0.05,
    )
    head = m.ellipsoid(q, (0.435, 0.625, 0.0), (0.138, 0.112, 0.098))
    head = m.join(head, m.ellipsoid(q, (0.50, 0.595, 0.0), (0.10, 0.075, 0.072)), 0.06)
    head = m.join(head, m.sphere(q, (0.43, 0.59, 0.045), 0.062), 0.05)
    plumage = m.join(m.join(body, neck, 0.10), head, 0.045)
    plumage = m.carve(plumage, m.sphere(q, (0.502, 0.645, 0.100), 0.024), 0.02)
    eye = m.sphere(q, (0.500, 0.643, 0.073), 0.0215)
    upper = m.ellipsoid(m.turned(q - m.column((0.655, 0.565, 0.0)), 10, (0, 1)), (0, 0, 0), (0.135, 0.026, 0.054))
    root = m.ellipsoid(q, (0.565, 0.592, 0.0), (0.075, 0.045, 0.046))
    lower = m.ellipsoid(m.turned(q - m.column((0.64, 0.541, 0.0)), 8, (0, 1)), (0, 0, 0), (0.115, 0.013, 0.043))
    bill = torch.minimum(m.join(upper, root, 0.035), lower)
    fold = m.turned(q - m.column((-0.13, 0.215, 0.175)), -5, (0, 1))
    wing = m.ellipsoid(m.turned(fold, 5, (0, 2)), (0, 0, 0), (0.40, 0.135, 0.095))
    quills = m.ellipsoid(m.turned(q - m.column((-0.47, 0.235, 0.075)), -9, (0, 1)), (0, 0, 0), (0.22, 0.035, 0.045))
    wing = m.join(wing, quills, 0.06)
    return plumage, bill, wing, eye


def drake(p: Tensor) -> Tensor:
    plumage, bill, wing, eye = parts(p)
    body = torch.minimum(m.join(plumage, wing, 0.025), m.join(bill, plumage, 0.01))
    # Two curled feathers over the tail.
    q = p - m.column((-0.56, 0.315, 0.0))
    ring = torch.hypot(torch.hypot(q[0], q[1]) - 0.045, q[2]) - 0.011 + 0.03 * (q[0] > 0.02)
    return torch.minimum(torch.minimum(body, eye), ring)


def scales(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Overlapping feathers on a sheet: how far along the top one we are, and its number."""
    along, number = torch.full_like(u, 9.0), torch.zeros_like(u)
    for back in (0.0, 1.0, 2.0):
        row = u.floor() - back
        w = v + 0.5 * row.remainder(2)
        x, y = w - w.floor() - 0.5, u - row
        reach = y / (1.9 - 3.2 * x * x)
        mine = (reach < 1) & (reach >= 0)
        # The row in front lies under the one behind it.
        along = torch.where(mine, reach, along)
        number = torch.where(mine, row * 7.13 + w.floor() * 3.71, number)
    return along.clamp(0, 1), number


def plumage(noise: m.Noise, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Colour, gloss and relief of the drake at each point."""
    q = folded(p)
    feather, bill, wing, eye = parts(p)
    x, y, z = q
    soft = noise(p * 22, 4, 0.6)
    around = torch.atan2(z, y - 0.05)
    barbs = noise(torch.stack([x * 26, around * 60, z * 30]), 3)
    along, number = scales(-x * 15 + 0.25 * soft, around * 7.5)
    tone = 0.5 + 0.5 * torch.sin(number * 12.9)
    lines = torch.sin((x * 1.0 + 0.55 * y) * 420 + 5 * noise(p * 30, 2))
    grey = m.mix(m.column((0.34, 0.33, 0.31)), m.column((0.66, 0.64, 0.60)), 0.5 + 0.30 * lines + 0.25 * soft)
    grey = grey * (1.06 - 0.30 * along**5)
    brown = m.mix(m.column((0.105, 0.040, 0.022)), m.column((0.24, 0.105, 0.055)), (0.4 + 0.4 * soft + 0.3 * tone).clamp(0, 1))
    brown = brown * (1.1 - 0.55 * along**6)
    colour = m.mix(grey, brown, m.ramp(x + 0.20 * (y - 0.1) + 0.03 * soft, 0.16, 0.23))
    back = m.mix(m.column((0.12, 0.095, 0.075)), m.column((0.30, 0.26, 0.22)), (tone * 0.7 + 0.3 * soft).clamp(0, 1))
    back = m.mix(back, m.column((0.44, 0.40, 0.35)), along**7)
    colour = m.mix(colour, back, m.ramp(y - 0.35 * x.clamp_max(0.1) * 0.3 + 0.02 * soft, 0.27, 0.33) * m.ramp(x, 0.24, 0.16))
    colour = m.mix(colour, m.column((0.012, 0.013, 0.015)), m.ramp(x + 0.02 * soft, -0.42, -0.46))
    colour = m.mix(colour, m.column((0.70, 0.68, 0.64)) * (0.85 + 0.2 * barbs), m.ramp(x, -0.60, -0.63) * (wing > 0.02))
    on_wing = m.ramp(wing - feather, 0.006, -0.006)
    streak = (barbs * 0.5 + 0.5).clamp(0, 1)
    cover = m.mix(m.column((0.15, 0.125, 0.10)), m.column((0.36, 0.31, 0.26)), streak * 0.7 + 0.3 * tone)
    cover = m.mix(cover, m.column((0.50, 0.46, 0.40)), along**8 * 0.7)
    band = m.ramp(x, -0.34, -0.325) * m.ramp(x, -0.20, -0.215) * m.ramp(y, 0.235, 0.22)
    edge = m.ramp(x, -0.37, -0.355) * m.ramp(x, -0.17, -0.185) * m.ramp(y, 0.25, 0.235)
    cover = m.mix(cover, m.column((0.75, 0.74, 0.72)), edge)
    cover = m.mix(cover, m.column((0.035, 0.06, 0.30)) * (0.7 + 0.6 * streak), band)
    colour = m.mix(colour, cover, on_wing)
    collar = y - 0.405 - 0.12 * (x - 0.38) + 0.006 * soft
    colour = m.mix(colour, m.column((0.74, 0.73, 0.70)), m.ramp(collar, -0.016, -0.008) * (x > 0.15))
    fine = noise(torch.stack([x * 90, y * 40, z * 90]), 2)
    green = m.mix(m.column((0.004, 0.035, 0.016)), m.column((0.012, 0.105, 0.045)), (0.5 + 0.5 * fine).clamp(0, 1))
    on_head = m.ramp(collar, 0.010, 0.018) * (x > 0.15)
    colour = m.mix(colour, green, on_head)
    yellow = m.mix(m.column((0.50, 0.36, 0.030)), m.column((0.62, 0.50, 0.10)), (0.5 + 0.5 * soft).clamp(0, 1))
    nostril = m.length((q - m.column((0.605, 0.600, 0.036))) * m.column((0.55, 1.4, 1.0))) - 0.010
    yellow = yellow * m.mix(torch.ones(1), torch.full((1,), 0.06), m.ramp(nostril, 0.003, -0.001))
    yellow = m.mix(yellow, m.column((0.02, 0.018, 0.012)), m.ramp(x, 0.762, 0.775))
    on_bill = m.ramp(bill - feather, 0.004, -0.003)
    colour = m.mix(colour, yellow, on_bill)
    on_eye = (eye < 0.001).float()
    colour = m.mix(colour, m.column((0.012, 0.007, 0.004)), on_eye)
    gloss = 0.10 + 0.55 * on_head + 0.35 * on_bill + 3.0 * on_eye
    height = (-0.8 * along**3 + 0.25 * barbs) * (1 - on_head) * (1 - on_bill) * (1 - on_eye)
    return colour, gloss, height + 0.35 * fine * on_head * (1 - on_bill) * (1 - on_eye)


class Bank:
    """The far shore as a blurred painting, sampled by rays that reach its plane."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        high, wide = 560, 1400
        x, y = np.meshgrid(np.linspace(0, 1, wide), np.linspace(1, 0, high))
        noise = m.Noise(seed + 5)
        place = torch.from_numpy(np.stack([x * 26, y * 13]).reshape(2, -1)).float()
        leaves = noise(place, 6, 0.6).reshape(high, wide).numpy()
        crown = np.clip((leaves + 1.5 * (0.62 - y) + 0.35) * 2.2, 0, 1)[..., None]
        shade = np.clip(0.5 + 0.6 * leaves + 0.5 * (y - 0.4), 0, 1)[..., None]
        sky = np.array([0.95, 1.05, 1.10]) * (0.75 + 0.35 * y[..., None])
        wood = np.array([0.030, 0.050, 0.018]) * (1 - shade) + np.array([0.26, 0.30, 0.07]) * shade
        image = sky * (1 - crown) + wood * crown
        count = 2600
        depth = np.sort(rng.random(count))[::-1]
        foot = np.stack([rng.random(count) * wide, high - 2 - 26 * depth], 1)
        tall = (0.20 + 0.26 * rng.random(count)) * high
        lean = rng.normal(0.03, 0.10, count) * tall
        controls = np.stack([foot, foot + np.stack([0.2 * lean, -0.6 * tall], 1), foot + np.stack([lean * 1.6, -tall], 1)], 1)
        warm = rng.random((count, 1))
        tip = np.array([0.16, 0.24, 0.045]) * (1 - warm) + np.array([0.62, 0.47, 0.20]) * warm
        tip = tip * (0.6 + 0.9 * rng.random((count, 1))) * (1.1 - 0.6 * depth[:, None])
        strands.draw(image, controls, depth, 3 + 5 * rng.random(count), tip * 0.25, tip)
        self.sharp = m.blur(torch.from_numpy(image).float().permute(2, 0, 1), 5.0)[None]

    def __call__(self, origin: Tensor, ray: Tensor) -> Tensor:
        away = (BANK_Z - origin[2]) / ray[2].clamp_max(-1e-3)
        at = origin[:2] + ray[:2] * away
        u, v = at[0] / (BANK_WIDE / 2), 1 - at[1] / BANK_HIGH * 2
        grid = torch.stack([u, v], -1)[None, None]
        return F.grid_sample(self.sharp, grid, align_corners=False, padding_mode="reflection").reshape(3, -1)


class Pond:
    """Water as a height over (x, z): rings from the bird over a light chop."""

    def __init__(self, noise: m.Noise) -> None:
        self.noise = noise

    def height(self, q: Tensor) -> Tensor:
        x, z = q
        hull = torch.hypot((x + 0.05) / 0.50, z / 0.25) - 1
        away = hull.clamp_min(0) * 0.33
        rings = torch.sin(away * 44 + 0.6 * self.noise(q * 1.5, 2)) * torch.exp(-away * 2.6)
        # The wake trails to both sides of the tail.
        arm = (z.abs() - 0.18 - 0.33 * (0.35 - x).clamp_min(0)) * 9
        wake = torch.exp(-arm * arm) * torch.sin(arm * 3 + x * 26) * m.ramp(x, 0.4, -0.2)
        chop = self.noise(q * torch.tensor([[2.2], [6.0]]), 3, 0.45)
        return 0.0052 * rings + 0.0035 * wake + 0.0050 * chop

    def normal(self, q: Tensor, reach: float = 0.003) -> Tensor:
        here = self.height(q)
        dx = (self.height(q + torch.tensor([[reach], [0.0]])) - here) / reach
        dz = (self.height(q + torch.tensor([[0.0], [reach]])) - here) / reach
        return m.unit(torch.stack([-dx, torch.ones_like(dx), -dz]))


def bird(noise: m.Noise, bank: Bank, p: Tensor, ray: Tensor) -> Tensor:
    """Light from the drake at points on its surface."""
    normal = m.normals(drake, p, 0.002)
    open_sky = m.occlusion(drake, p, normal, 0.16)
    painted = m.in_chunks(lambda q: torch.cat([c.reshape(-1, q.shape[1]) for c in plumage(noise, q)]), p)
    colour, gloss = painted[:3], painted[3]
    normal = m.bumped(normal, p, lambda q: plumage(noise, q)[2], 0.0045, 0.002)
    lit = m.shadow(drake, p + normal * 0.01, SUN, 1.5, 0.12, 0.008)
    facing = m.dot(normal, SUN)
    # Feathers scatter light past the terminator.
    direct = ((facing + 0.15) / 1.15).clamp_min(0) * lit
    sky = SKYLIGHT * (0.55 + 0.45 * normal[1]) + m.column((0.10, 0.13, 0.07)) * (0.5 - 0.5 * normal[1])
    light = colour * (SUNLIGHT * direct + sky * open_sky * 1.15)
    back = m.reflect(ray, normal)
    half = m.unit(SUN - ray)
    sheen = m.dot(normal, half).clamp_min(0)
    edge = (1 - m.dot(-ray, normal).clamp(0, 1)) ** 4
    mirror = SKYLIGHT * m.ramp(back[1], -0.1, 0.7) * 1.3
    light = light + gloss * (0.05 + 0.5 * edge) * mirror * open_sky
    light = light + SUNLIGHT * lit * gloss * (0.25 * sheen**24 + 1.6 * (gloss > 2) * sheen**300)
    # Iridescence: the green head turns blue at a glance.
    green = m.ramp(colour[1] / (colour[0] + 1e-4), 4.0, 7.0)
    tint = m.mix(m.column((0.02, 0.42, 0.16)), m.column((0.10, 0.12, 0.60)), m.ramp(sheen, 0.95, 0.70))
    return light + tint * green * sheen**7 * (0.15 + 0.85 * lit) * 0.55


def duck(size: tuple[int, int], seed: int) -> np.ndarray:
    """A mallard drake in morning light, with its reflection."""
    noise, bank = m.Noise(seed), Bank(seed)
    pond = Pond(noise)
    drawn = (int(size[0] * 1.6), int(size[1] * 1.6))
    camera = m.Camera((0.45, 0.62, 3.2), (0.07, 0.23, 0.0), 24.0)
    rays = camera.rays(drawn)
    origin = m.column(camera.eye).expand_as(rays)
    light = bank(origin, rays)
    water = torch.where(rays[1] < -1e-4, -origin[1] / rays[1], torch.inf)
    water = torch.where(origin[2] + rays[2] * water > BANK_Z, water, torch.inf)
    wet = water.isfinite().nonzero()[:, 0]
    p = origin[:, wet] + rays[:, wet] * water[wet]
    normal = pond.normal(p[[0, 2]])
    back = m.reflect(rays[:, wet], normal)
    back[1] = back[1].abs()
    mirrored = bank(p, back)
    t = m.march(drake, p, back, 2.2, 0.0, 60, 0.9)
    hit = t.isfinite().nonzero()[:, 0]
    mirrored[:, hit] = bird(noise, bank, p[:, hit] + back[:, hit] * t[hit], back[:, hit])
    fresnel = 0.03 + 0.97 * (1 - m.dot(back, normal).clamp(0, 1)) ** 5
    deep = m.column((0.020, 0.030, 0.018))
    surface = m.mix(deep * m.shadow(drake, p, SUN, 1.5, 0.2), mirrored, (fresnel * 1.2 + 0.18).clamp(0, 0.95))
    glint = m.dot(back, SUN).clamp_min(0) ** 900
    light[:, wet] = surface + SUNLIGHT * 3 * glint
    t = m.march(drake, origin, rays, 6.0, 2.0, 80, 0.9)
    t = torch.where(t < water, t, torch.inf)
    hit = t.isfinite().nonzero()[:, 0]
    light[:, hit] = bird(noise, bank, origin[:, hit] + rays[:, hit] * t[hit], rays[:, hit])
    return m.finish(light, drawn, size)
