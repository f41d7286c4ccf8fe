"""A red-eyed tree frog on a wet leaf, close enough for the forest behind to dissolve.

The frog is about one unit long and looks along +x in its own frame, then turns to the camera.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import march as m

KEY = m.unit(m.column((-0.45, 0.80, 0.55)))
KEYLIGHT, SKYLIGHT = m.column((2.6, 2.4, 2.0)), m.column((0.34, 0.44, 0.36))
RIM = m.unit(m.column((0.75, 0.45, -0.60)))
RIMLIGHT = m.column((1.3, 1.5, 0.9))
YAW = -36.0  # how far the frog turns from the side towards the camera
EYE = (0.475, 0.610, 0.200)
EYE_RADIUS = 0.108


def fan(
    q: Tensor, palm: m.Vector, toes: list[tuple[float, float]], thick: float, floor: float
) -> tuple[Tensor, Tensor]:
    """Toes as (angle, reach) about a palm, and the distance to their round pads."""
    flesh, pads = m.sphere(q, palm, thick * 1.25), torch.full_like(q[0], 9.0)
    for angle, reach in toes:
        a = np.radians(angle)
        end = (palm[0] + reach * float(np.cos(a)), floor, palm[2] + reach * float(np.sin(a)))
        middle = ((palm[0] + end[0]) / 2, floor + 0.035, (palm[2] + end[2]) / 2)
        toe = m.join(m.limb(q, palm, middle, thick, thick * 0.72), m.limb(q, middle, end, thick * 0.72, thick * 0.66), 0.02)
        flesh = m.join(flesh, toe, 0.025)
        pads = torch.minimum(pads, m.ellipsoid(q, end, (0.046, 0.026, 0.046)))
    return flesh, pads


def skin(q: Tensor) -> tuple[Tensor, Tensor]:
    """Distances to the body with its limbs, and to the toes, in the folded frame."""
    tilt = m.turned(q - m.column((-0.02, 0.34, 0.0)), -20, (0, 1))
    body = m.ellipsoid(tilt, (0, 0, 0), (0.47, 0.205, 0.265))
    body = m.join(body, m.ellipsoid(q, (0.20, 0.30, 0.0), (0.26, 0.20, 0.24)), 0.10)
    head = m.ellipsoid(q, (0.40, 0.505, 0.0), (0.26, 0.150, 0.245))
    head = m.join(head, m.ellipsoid(q, (0.575, 0.475, 0.0), (0.135, 0.092, 0.165)), 0.10)
    head = m.join(head, m.ellipsoid(q, (0.42, 0.405, 0.0), (0.235, 0.105, 0.215)), 0.05)
    body = m.join(body, head, 0.12)
    socket = m.sphere(q, (EYE[0] - 0.018, EYE[1] + 0.004, EYE[2] - 0.026), EYE_RADIUS * 1.06)
    body = m.join(body, socket, 0.055)
    body = m.carve(body, m.sphere(q, (EYE[0] + 0.020, EYE[1] + 0.002, EYE[2] + 0.050), EYE_RADIUS * 0.93), 0.018)
    lips = (q[1] - 0.447 + 0.35 * (q[0] - 0.66) ** 2 + 0.25 * (q[0] - 0.35).clamp_max(0) ** 2).abs() - 0.0035
    body = m.carve(body, torch.maximum(lips, 0.28 - q[0]), 0.014)
    body = m.carve(body, m.sphere(q, (0.680, 0.525, 0.055), 0.010), 0.01)
    arm = m.join(
        m.limb(q, (0.22, 0.34, 0.20), (0.13, 0.17, 0.34), 0.085, 0.060),
        m.limb(q, (0.13, 0.17, 0.34), (0.36, 0.075, 0.36), 0.060, 0.040),
        0.05,
    )
    thigh = m.limb(q, (-0.34, 0.27, 0.14), (0.00, 0.29, 0.40), 0.105, 0.082)
    shin = m.limb(q, (0.00, 0.29, 0.40), (-0.42, 0.13, 0.37), 0.080, 0.052)
    foot = m.limb(q, (-0.42, 0.12, 0.37), (-0.14, 0.060, 0.50), 0.050, 0.036)
    leg = m.join(m.join(thigh, shin, 0.05), foot, 0.03)
    body = m.join(m.join(body, arm, 0.06), leg, 0.045)
    hand, pads = fan(q, (0.38, 0.065, 0.365), [(-42, 0.19), (-8, 0.22), (28, 0.22), (66, 0.17)], 0.029, 0.030)
    toes, tips = fan(q, (-0.13, 0.060, 0.50), [(-20, 0.20), (6, 0.26), (30, 0.27), (58, 0.22), (95, 0.15)], 0.027, 0.030)
    digits = torch.minimum(hand, toes)
    return body, m.join(digits, torch.minimum(pads, tips), 0.018)


def local(p: Tensor) -> Tensor:
    q = m.turned(p, YAW)
    return torch.stack([q[0], q[1], q[2].abs()])


def frog_field(p: Tensor) -> Tensor:
    q = local(p)
    bound = m.sphere(q, (0.05, 0.33, 0.0), 0.85)
    near = (bound < 0.12).nonzero()[:, 0]
    if near.numel() == bound.numel():
        body, digits = skin(q)
        return torch.minimum(m.join(body, digits, 0.03), m.sphere(q, EYE, EYE_RADIUS))
    if near.numel():
        bound = bound.clone()
        bound[near] = frog_field(p[:, near])
    return bound


def leaf_height(q: Tensor) -> Tensor:
    x, z = q[0], q[2]
    vein = torch.exp(-((z / 0.022) ** 2)) * 0.016
    side = ((x * 1.0 - z.abs() * 0.75) * 3.6).remainder(1.0) - 0.5
    ribs = torch.exp(-((side / 0.09) ** 2)) * 0.008 * m.ramp(z.abs(), 0.0, 0.1)
    return -0.010 * x.abs() ** 2.4 - 0.13 * z * z + 0.05 * torch.sin(x * 1.7 + 0.5) * z - vein - ribs


def leaf(p: Tensor) -> Tensor:
    """A broad leaf under the frog; its own axis lies along x, rolled a little."""
    q = m.turned(p - m.column((0.1, 0.0, 0.05)), 24.0)
    wide = 0.98 * (1 - (q[0] / 2.3).abs() ** 2.2).clamp_min(0) + 0.012 * torch.sin(q[0] * 21)
    outline = (q[2].abs() - wide) * 0.7
    sheet = (q[1] - leaf_height(q)).abs() - 0.008
    return -m.join(-sheet, -outline, 0.02) * 0.8


def drops(seed: int) -> list[tuple[m.Vector, float]]:
    """Places and sizes of water drops on the leaf, in its own frame and clear of the frog."""
    rng = np.random.default_rng(seed)
    found: list[tuple[m.Vector, float]] = []
    while len(found) < 26:
        x, z, r = rng.uniform(-1.2, 1.7), rng.uniform(-0.1, 0.85), 0.016 + 0.05 * rng.random() ** 3
        found.append(((float(x), 0.0, float(z)), float(r)))
    return found


class Scene:
    """The fields together, and the light from their surfaces."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self.noise = m.Noise(seed)
        self.beads = drops(seed)
        self.behind = backdrop(size, seed)

    def water(self, p: Tensor) -> Tensor:
        q = m.turned(p - m.column((0.1, 0.0, 0.05)), 24.0)
        lift = torch.stack([q[0], q[1] - leaf_height(q), q[2]])
        gap = torch.full_like(p[0], 9.0)
        for place, r in self.beads:
            gap = torch.minimum(gap, m.ellipsoid(lift, (place[0], 0.15 * r, place[2]), (r, 0.62 * r, r)))
        return gap * 0.8

    def field(self, p: Tensor) -> Tensor:
        return torch.minimum(frog_field(p), torch.minimum(leaf(p), self.water(p)))

    def coat(self, p: Tensor) -> Tensor:
        """Colour (3), gloss and relief of the frog's skin."""
        q = local(p)
        x, y, z = q
        body, digits = skin(q)
        soft, fine = self.noise(q * 6, 3), self.noise(q * 46, 3, 0.6)
        green = m.mix(m.column((0.055, 0.20, 0.012)), m.column((0.22, 0.46, 0.035)), (0.5 + 0.4 * soft + 0.18 * fine).clamp(0, 1))
        cream = m.mix(m.column((0.62, 0.60, 0.46)), m.column((0.80, 0.76, 0.60)), (0.5 + 0.5 * fine).clamp(0, 1))
        bars = torch.sin(x * 34 + 3.0 * y + 1.2 * soft)
        side = m.mix(m.column((0.030, 0.075, 0.22)), m.column((0.62, 0.52, 0.16)), m.ramp(bars, 0.25, 0.6))
        flank = m.ramp(y + 0.02 * soft - 0.20 * x, 0.315, 0.285) * m.ramp(x, 0.30, 0.22)
        colour = m.mix(green, side, flank)
        low = 0.425 - 0.55 * (0.35 - x).clamp(0, 0.35)
        colour = m.mix(colour, cream, m.ramp(y + 0.02 * soft, low, low - 0.035) * m.ramp(z, 0.335, 0.28))
        limbs = m.ramp(z, 0.26, 0.30) * m.ramp(x, 0.4, 0.3)
        inner = m.ramp(y, 0.20, 0.14) * limbs
        colour = m.mix(colour, m.column((0.52, 0.20, 0.03)), inner * 0.75)
        orange = m.mix(m.column((0.78, 0.20, 0.02)), m.column((0.92, 0.36, 0.06)), (0.5 + 0.5 * fine).clamp(0, 1))
        colour = m.mix(colour, orange, m.ramp(digits - body, 0.03, -0.02))
        relief = fine + 0.8 * self.noise(q * 22, 2)
        return torch.cat([colour, torch.full_like(x, 0.55)[None], relief[None]])

    def iris(self, p: Tensor) -> Tensor:
        """The eye's colour: a slit pupil in a red ring with radial fibres."""
        q = local(p) - m.column(EYE)
        look = m.unit(m.column((0.42, 0.05, 0.90)))
        up = m.unit(m.column((0.0, 1.0, 0.0)) - look * look[1])
        right = torch.linalg.cross(up, look, dim=0)
        u, v = m.dot(q, right) / EYE_RADIUS, m.dot(q, up) / EYE_RADIUS
        round_, angle = torch.hypot(u, v), torch.atan2(v, u)
        fibres = self.noise(torch.stack([angle * 9, round_ * 3]), 3)
        red = m.mix(m.column((0.36, 0.015, 0.008)), m.column((0.95, 0.17, 0.03)), (0.45 + 0.5 * fibres).clamp(0, 1))
        red = m.mix(red, m.column((0.95, 0.45, 0.08)), m.ramp(round_, 0.42, 0.2) * 0.5)
        slit = torch.hypot(u / 0.17, v / 0.56)
        red = m.mix(red, m.column((0.004, 0.003, 0.003)), m.ramp(slit, 1.08, 0.95))
        return m.mix(red, m.column((0.03, 0.004, 0.004)), m.ramp(round_, 0.80, 0.93))

    def blade(self, p: Tensor) -> Tensor:
        """The leaf's colour: pale veins on a mottled green."""
        q = m.turned(p - m.column((0.1, 0.0, 0.05)), 24.0)
        x, z = q[0], q[2]
        side = ((x - z.abs() * 0.75) * 3.6).remainder(1.0) - 0.5
        vein = torch.maximum(torch.exp(-((z / 0.020) ** 2)), 0.55 * torch.exp(-((side / 0.05) ** 2)))
        cells = self.noise(torch.stack([x * 22, z * 22]), 3)
        mottle = self.noise(torch.stack([x * 3, z * 3]), 4)
        green = m.mix(m.column((0.018, 0.075, 0.012)), m.column((0.075, 0.20, 0.025)), (0.5 + 0.3 * cells + 0.4 * mottle).clamp(0, 1))
        return m.mix(green, m.column((0.26, 0.36, 0.10)), vein * 0.7)

    def around(self, ray: Tensor) -> Tensor:
        """What a wet surface mirrors: a bright gap in the canopy, and dim leaves."""
        gap = m.ramp(m.dot(ray, KEY), 0.80, 0.92) + 0.5 * m.ramp(m.dot(ray, RIM), 0.85, 0.97)
        leaves = m.ramp(ray[1] + 0.35 * self.noise(ray * 3.5, 3), -0.2, 1.0)
        return m.column((0.05, 0.09, 0.03)) + SKYLIGHT * leaves + m.column((3.4, 3.5, 3.1)) * gap

    def shade(self, p: Tensor, ray: Tensor) -> Tensor:
        q = local(p)
        normal = m.normals(self.field, p, 0.0015)
        open_sky = m.occlusion(self.field, p, normal, 0.25)
        lit = m.shadow(self.field, p + normal * 0.008, KEY, 2.5, 0.16, 0.008)
        rim = m.shadow(self.field, p + normal * 0.008, RIM, 2.5, 0.2, 0.01, 28)
        gaps = torch.stack([frog_field(p), leaf(p), self.water(p)])
        kind = gaps.argmin(0)
        eye = (m.sphere(q, EYE, EYE_RADIUS) < 0.0012) & (kind == 0)
        coat = m.in_chunks(self.coat, p)
        skin_normal = m.bumped(normal, p, lambda s: self.coat(s)[4], 0.0014, 0.002)
        leaf_normal = m.bumped(normal, p, lambda s: self.noise(s * 28, 3), 0.004, 0.004)
        normal = torch.where((kind == 0) & ~eye, skin_normal, torch.where(kind == 1, leaf_normal, normal))
        colour = torch.where(kind == 1, m.in_chunks(self.blade, p), coat[:3])
        colour = torch.where(eye, m.in_chunks(self.iris, p), colour)
        colour = torch.where(kind == 2, m.in_chunks(self.blade, p) * 1.3, colour)
        # Skin is soft: red light travels furthest past the edge of the shadow.
        wrap = m.column((0.30, 0.20, 0.10)) * (kind == 0)
        direct = ((m.dot(normal, KEY) + wrap) / (1 + wrap)).clamp_min(0) * (lit + wrap * (1 - lit) * 0.4)
        edge_light = m.dot(normal, RIM).clamp_min(0) * rim
        through = (kind == 1) * m.column((0.10, 0.20, 0.02)) * (0.4 + 0.6 * rim)
        below = m.column((0.05, 0.11, 0.02)) * (0.5 - 0.5 * normal[1])
        sky = SKYLIGHT * (0.5 + 0.5 * normal[1]) + below
        light = colour * (KEYLIGHT * direct + RIMLIGHT * edge_light + sky * open_sky * 1.1) + through * colour * 4
        gloss = torch.where(eye | (kind == 2), 1.0, torch.where(kind == 1, 0.30, coat[3]))
        back = m.reflect(ray, normal)
        fresnel = 0.04 + 0.96 * (1 - m.dot(-ray, normal).clamp(0, 1)) ** 5
        light = light + self.around(back) * fresnel * gloss * (0.25 + 0.75 * open_sky) * 0.8
        half = m.dot(normal, m.unit(KEY - ray)).clamp_min(0)
        sharp = torch.where(eye | (kind == 2), 900.0, 60.0)
        strength = torch.where(eye | (kind == 2), 9.0, 0.35) * gloss
        return light + KEYLIGHT * lit * strength * half**sharp


def backdrop(size: tuple[int, int], seed: int) -> Tensor:
    """Foliage far out of focus (3, H, W): soft masses, and lights spread into discs."""
    rng = np.random.default_rng(seed + 3)
    high = 480
    wide = high * size[0] // size[1]
    y, x = torch.meshgrid(torch.arange(high) / high, torch.arange(wide) / high, indexing="ij")
    noise = m.Noise(seed + 9)
    mass = noise(torch.stack([x, y]).reshape(2, -1) * 3.2 + 4, 3).reshape(high, wide)
    level = (0.5 + 0.45 * mass + 0.35 * (x - 0.7) - 0.35 * (y - 0.4)).clamp(0, 1)
    image = m.mix(m.column((0.006, 0.018, 0.008)), m.column((0.14, 0.22, 0.05)), level.reshape(1, -1)).reshape(3, high, wide)
    image = m.blur(image, 12.0)
    for _ in range(110):
        cx, cy, r = rng.uniform(0, wide / high), rng.uniform(0, 1), rng.uniform(0.015, 0.062)
        away = torch.hypot(x - cx, y - cy) / r
        # A lens gathers a little more light at the rim of its disc.
        disc = m.ramp(away, 1.03, 0.95) * (0.75 + 0.35 * away.clamp_max(1) ** 4)
        warm = rng.random()
        tint = torch.tensor([0.10 + 0.25 * warm, 0.20 + 0.12 * warm, 0.05])[:, None, None]
        bright = rng.random() ** 3 * 1.2 * (0.25 + level[int(cy * (high - 1)), int(cx * high) % wide])
        image = image + tint * disc * bright
    return m.blur(image, 2.0)


def frog(size: tuple[int, int], seed: int) -> np.ndarray:
    """A tree frog looks up from its leaf."""
    scene = Scene(size, seed)
    drawn = (int(size[0] * 1.3), int(size[1] * 1.3))
    camera = m.Camera((0.55, 0.80, 3.3), (0.10, 0.34, 0.0), 24.0)
    origin, rays = m.column(camera.eye), camera.rays(drawn)
    light = F.interpolate(scene.behind[None], (drawn[1], drawn[0]), mode="bicubic").reshape(3, -1)
    t = m.march(scene.field, origin, rays, 6.0, 1.8, 110, 0.85)
    hit = t.isfinite().nonzero()[:, 0]
    ray = rays[:, hit]
    light[:, hit] = scene.shade(origin + ray * t[hit], ray)
    return m.finish(light, drawn, size)
