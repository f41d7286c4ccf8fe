"""A red-eyed tree frog on a wet leaf, close enough for the forest behind to dissolve.

The frog is about one unit long and looks along +x in its own frame, then turns to the camera.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import march as m
from . import solids as sd
from .frog_model import EYE, EYE_RADIUS, frog_field, local, skin
from .leaf import backdrop, drops, leaf, leaf_frame, leaf_height

KEY = m.unit(m.column((-0.45, 0.80, 0.55)))
KEYLIGHT, SKYLIGHT = m.column((2.6, 2.4, 2.0)), m.column((0.34, 0.44, 0.36))
RIM = m.unit(m.column((0.75, 0.45, -0.60)))
RIMLIGHT = m.column((1.3, 1.5, 0.9))


class Scene:
    """The fields together, and the light from their surfaces."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self.noise = m.Noise(seed)
        self.beads = drops(seed)
        self.behind = backdrop(size, seed)

    def water(self, p: Tensor) -> Tensor:
        q = leaf_frame(p)
        lift = torch.stack([q[0], q[1] - leaf_height(q), q[2]])
        gap = torch.full_like(p[0], 9.0)
        for place, r in self.beads:
            gap = torch.minimum(
                gap, sd.ellipsoid(lift, (place[0], 0.15 * r, place[2]), (r, 0.62 * r, r))
            )
        return gap * 0.8

    def field(self, p: Tensor) -> Tensor:
        return torch.minimum(frog_field(p), torch.minimum(leaf(p), self.water(p)))

    def coat(self, p: Tensor) -> Tensor:
        """Colour (3), gloss and relief of the frog's skin."""
        q = local(p)
        x, y, z = q
        body, digits = skin(q)
        soft, fine = self.noise(q * 6, 3), self.noise(q * 46, 3, 0.6)
        green = m.shades(
            (0.040, 0.150, 0.014), (0.17, 0.345, 0.035), 0.5 + 0.4 * soft + 0.18 * fine
        )
        cream = m.shades((0.62, 0.60, 0.46), (0.80, 0.76, 0.60), 0.5 + 0.5 * fine)
        bars = torch.sin(x * 34 + 3.0 * y + 1.2 * soft)
        side = m.shades((0.030, 0.075, 0.22), (0.62, 0.52, 0.16), m.ramp(bars, 0.25, 0.6))
        flank = m.ramp(y + 0.02 * soft - 0.20 * x, 0.315, 0.285) * m.ramp(x, 0.30, 0.22)
        colour = m.mix(green, side, flank)
        low = 0.425 - 0.55 * (0.35 - x).clamp(0, 0.35)
        colour = m.mix(
            colour, cream, m.ramp(y + 0.02 * soft, low, low - 0.035) * m.ramp(z, 0.335, 0.28)
        )
        limbs = m.ramp(z, 0.26, 0.30) * m.ramp(x, 0.4, 0.3)
        inner = m.ramp(y, 0.20, 0.14) * limbs
        colour = m.mix(colour, m.column((0.52, 0.20, 0.03)), inner * 0.75)
        orange = m.shades((0.78, 0.20, 0.02), (0.92, 0.36, 0.06), 0.5 + 0.5 * fine)
        colour = m.mix(colour, orange, m.ramp(digits - body, 0.03, -0.02))
        relief = 0.7 * fine + 0.8 * self.noise(q * 22, 2)
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
        red = m.shades((0.36, 0.015, 0.008), (0.95, 0.17, 0.03), 0.45 + 0.5 * fibres)
        red = m.mix(red, m.column((0.95, 0.45, 0.08)), m.ramp(round_, 0.42, 0.2) * 0.5)
        slit = torch.hypot(u / 0.17, v / 0.56)
        red = m.mix(red, m.column((0.004, 0.003, 0.003)), m.ramp(slit, 1.08, 0.95))
        return m.mix(red, m.column((0.03, 0.004, 0.004)), m.ramp(round_, 0.80, 0.93))

    def blade(self, p: Tensor) -> Tensor:
        """The leaf's colour: pale veins on a mottled green."""
        q = leaf_frame(p)
        x, z = q[0], q[2]
        side = ((x - z.abs() * 0.75) * 3.6).remainder(1.0) - 0.5
        vein = torch.maximum(
            torch.exp(-((z / 0.020) ** 2)), 0.55 * torch.exp(-((side / 0.05) ** 2))
        )
        cells = self.noise(torch.stack([x * 22, z * 22]), 3)
        mottle = self.noise(torch.stack([x * 3, z * 3]), 4)
        green = m.shades(
            (0.010, 0.042, 0.010), (0.050, 0.125, 0.020), 0.5 + 0.3 * cells + 0.4 * mottle
        )
        # The finest veins enclose cells between the ribs.
        net = self.noise.single(torch.stack([x * 17 - 9 * z.abs(), x * 5 + z * 21])).abs()
        green = green * (1 + 0.45 * m.ramp(net, 0.10, 0.0))
        return m.mix(green, m.column((0.20, 0.28, 0.085)), vein * 0.7)

    def around(self, ray: Tensor) -> Tensor:
        """What a wet surface mirrors: a bright gap in the canopy, and dim leaves."""
        gap = m.ramp(m.dot(ray, KEY), 0.80, 0.92) + 0.5 * m.ramp(m.dot(ray, RIM), 0.85, 0.97)
        leaves = m.ramp(ray[1] + 0.35 * self.noise(ray * 3.5, 3), -0.2, 1.0)
        return m.column((0.05, 0.09, 0.03)) + SKYLIGHT * leaves + m.column((3.4, 3.5, 3.1)) * gap

    def shade(self, p: Tensor, ray: Tensor) -> Tensor:
        """Light from points of the surface towards the eye."""
        normal = m.normals(self.field, p, 0.0015)
        open_sky = m.occlusion(self.field, p, normal, 0.25)
        lit = m.shadow(
            self.field, p + normal * 0.008, KEY, 2.5, 0.16, 0.008, 36, m.dot(normal, KEY) + 0.3
        )
        rim = m.shadow(self.field, p + normal * 0.008, RIM, 2.5, 0.2, 0.01, 24, m.dot(normal, RIM))
        kind = torch.stack([frog_field(p), leaf(p), self.water(p)]).argmin(0)
        eye = (sd.sphere(local(p), EYE, EYE_RADIUS) < 0.0012) & (kind == 0)
        coat = m.in_chunks(self.coat, p)
        skin_normal = m.bumped(normal, p, lambda s: self.coat(s)[4], 0.0014, 0.002)
        leaf_normal = m.bumped(normal, p, lambda s: self.noise(s * 28, 3), 0.004, 0.004)
        normal = torch.where(
            (kind == 0) & ~eye, skin_normal, torch.where(kind == 1, leaf_normal, normal)
        )
        green = m.in_chunks(self.blade, p)
        colour = torch.where(eye, m.in_chunks(self.iris, p), coat[:3])
        colour = torch.where(kind == 0, colour, green * torch.where(kind == 1, 1.0, 1.3))
        # Skin is soft: red light travels furthest past the edge of the shadow.
        wrap = m.column((0.30, 0.20, 0.10)) * (kind == 0)
        direct = ((m.dot(normal, KEY) + wrap) / (1 + wrap)).clamp_min(0) * (
            lit + wrap * (1 - lit) * 0.4
        )
        edge_light = m.dot(normal, RIM).clamp_min(0) * rim
        through = (kind == 1) * m.column((0.10, 0.20, 0.02)) * (0.4 + 0.6 * rim)
        below = m.column((0.05, 0.11, 0.02)) * (0.5 - 0.5 * normal[1])
        sky = SKYLIGHT * (0.5 + 0.5 * normal[1]) + below
        light = (
            colour * (KEYLIGHT * direct + RIMLIGHT * edge_light + sky * open_sky * 1.1)
            + through * colour * 3
        )
        gloss = torch.where(eye | (kind == 2), 1.0, torch.where(kind == 1, 0.30, coat[3]))
        back = m.reflect(ray, normal)
        fresnel = 0.04 + 0.96 * (1 - m.dot(-ray, normal).clamp(0, 1)) ** 5
        light = light + self.around(back) * fresnel * gloss * (0.25 + 0.75 * open_sky) * 0.8
        half = m.dot(normal, m.unit(KEY - ray)).clamp_min(0)
        sharp = torch.where(eye | (kind == 2), 900.0, 60.0)
        strength = torch.where(eye | (kind == 2), 9.0, 0.35) * gloss
        return light + KEYLIGHT * lit * strength * half**sharp


def frog(size: tuple[int, int], seed: int) -> np.ndarray:
    """A tree frog looks up from its leaf."""
    scene = Scene(size, seed)
    drawn = (int(size[0] * 1.3), int(size[1] * 1.3))
    camera = m.Camera((0.55, 0.80, 3.3), (0.10, 0.34, 0.0), 24.0)
    origin, rays = m.column(camera.eye), camera.rays(drawn)
    light = F.interpolate(scene.behind[None], (drawn[1], drawn[0]), mode="bicubic").reshape(3, -1)
    near = m.approach(scene.field, origin, rays, drawn, 1.8, 6.0)
    t = m.march(scene.field, origin, rays, 6.0, near, 100, 0.85)
    hit = t.isfinite().nonzero()[:, 0]
    ray = rays[:, hit]
    light[:, hit] = scene.shade(origin + ray * t[hit], ray)
    return m.finish(light, drawn, size)
