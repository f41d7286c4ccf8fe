"""A marble bust in one strong light: a head built muscle by muscle, waved hair and a draped cloth.

The head is two units high, centred on the origin of its own frame, and faces +z.
"""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd

KEY = m.unit(m.column((-0.80, 0.56, 0.32)))
KEYLIGHT = m.column((2.25, 1.78, 1.30))
RIM = m.unit(m.column((0.85, 0.30, -0.50)))
RIMLIGHT, ROOM = m.column((0.55, 0.62, 0.78)), m.column((0.075, 0.080, 0.095))
YAW, NOD, ROLL = -29.0, 4.0, -4.0


def head_frame(p: Tensor) -> Tensor:
    """Points in the head's frame; it turns about the neck towards the light."""
    q = m.turned(p - m.column((0.0, -0.9, -0.2)), YAW)
    q = m.turned(m.turned(q, NOD, (1, 2)), ROLL, (0, 1))
    return q + m.column((0.0, -0.9, -0.2))


def folded(q: Tensor) -> Tensor:
    return torch.stack([q[0].abs(), q[1], q[2]])


def eyes(face: Tensor, q: Tensor) -> Tensor:
    """Set the eyes in their sockets: a ball, and two lids that open in an almond."""
    face = sd.carve(face, sd.ellipsoid(q, (0.265, 0.035, 0.755), (0.185, 0.115, 0.15)), 0.13)
    centre = (0.255, 0.020, 0.505)
    ball = sd.sphere(q, centre, 0.150)
    ball = sd.carve(ball, sd.sphere(q, (0.245, 0.025, 0.660), 0.026), 0.02)
    u, v = q[0] - 0.258, q[1] - 0.020 - 0.10 * (q[0] - 0.258)
    upper = v - 0.062 * (1 - (u / 0.135) ** 2)
    lower = -v - 0.040 * (1 - (u / 0.135) ** 2)
    almond = torch.maximum(torch.maximum(upper, lower), 0.5 - q[2])
    lids = sd.carve(sd.sphere(q, centre, 0.172), almond, 0.014)
    crease = torch.maximum((v - 0.105 * (1 - (u / 0.20) ** 2)).abs() - 0.006, 0.5 - q[2])
    lids = sd.carve(lids, crease, 0.02)
    return torch.minimum(sd.join(face, lids, 0.05), ball)


def nose(face: Tensor, q: Tensor) -> Tensor:
    bridge = sd.limb(q, (0.0, 0.15, 0.655), (0.0, -0.225, 0.835), 0.062, 0.074)
    face = sd.join(face, bridge, 0.10)
    face = sd.join(face, sd.sphere(q, (0.0, -0.250, 0.855), 0.080), 0.05)
    face = sd.join(face, sd.ellipsoid(q, (0.085, -0.272, 0.755), (0.052, 0.050, 0.090)), 0.06)
    return sd.carve(face, sd.ellipsoid(q, (0.048, -0.325, 0.805), (0.028, 0.024, 0.050)), 0.025)


def mouth(face: Tensor, q: Tensor) -> Tensor:
    face = sd.join(face, sd.ellipsoid(q, (0.0, -0.53, 0.545), (0.27, 0.25, 0.21)), 0.14)
    face = sd.carve(face, sd.limb(q, (0.0, -0.37, 0.80), (0.0, -0.465, 0.795), 0.018, 0.026), 0.05)
    face = sd.join(face, sd.ellipsoid(q, (0.066, -0.510, 0.728), (0.104, 0.038, 0.062)), 0.030)
    face = sd.join(face, sd.ellipsoid(q, (0.0, -0.602, 0.722), (0.132, 0.050, 0.070)), 0.030)
    line = q[1] + 0.556 + 0.25 * q[0] ** 2 - 0.018 * torch.cos(q[0] * 22)
    slit = torch.stack([line.abs() - 0.0015, q[0] - 0.152, 0.60 - q[2]]).amax(0)
    face = sd.carve(face, slit, 0.020)
    return sd.carve(face, sd.ellipsoid(q, (0.0, -0.705, 0.770), (0.12, 0.035, 0.06)), 0.09)


def ear(q: Tensor) -> Tensor:
    e = m.turned(q - m.column((0.635, -0.06, -0.12)), 14, (0, 2))
    e = m.turned(e, -10, (1, 2))
    shell = sd.ellipsoid(e, (0.0, 0.0, 0.0), (0.060, 0.225, 0.130))
    shell = sd.carve(shell, sd.ellipsoid(e, (0.055, 0.035, 0.015), (0.045, 0.145, 0.075)), 0.03)
    return sd.join(shell, sd.limb(e, (0.03, 0.06, -0.03), (0.02, -0.10, 0.05), 0.018, 0.022), 0.03)


def features(q: Tensor) -> Tensor:
    """The face and skull, in the folded frame."""
    skull = sd.ellipsoid(q, (0.0, 0.30, -0.16), (0.645, 0.68, 0.83))
    face = sd.join(skull, sd.ellipsoid(q, (0.0, 0.36, 0.26), (0.52, 0.42, 0.42)), 0.15)
    face = sd.join(face, sd.ellipsoid(q, (0.0, -0.34, 0.20), (0.475, 0.56, 0.46)), 0.18)
    face = sd.join(face, sd.limb(q, (0.475, -0.36, -0.05), (0.10, -0.82, 0.45), 0.125, 0.125), 0.16)
    face = sd.join(face, sd.ellipsoid(q, (0.0, -0.845, 0.535), (0.155, 0.125, 0.135)), 0.13)
    face = sd.join(face, sd.ellipsoid(q, (0.365, -0.150, 0.420), (0.175, 0.140, 0.180)), 0.24)
    face = sd.join(face, sd.limb(q, (0.11, 0.185, 0.640), (0.40, 0.175, 0.500), 0.075, 0.060), 0.13)
    face = sd.carve(face, sd.sphere(q, (0.48, -0.50, 0.68), 0.11), 0.20)
    face = eyes(face, q)
    face = mouth(nose(face, q), q)
    return sd.join(face, ear(q), 0.03)


class Bust:
    """The marble as one field, with hair and folds that noise keeps from repeating."""

    def __init__(self, noise: m.Noise) -> None:
        self.noise = noise

    def hair(self, q: Tensor) -> Tensor:
        """Waves combed back from a parting to a knot at the nape."""
        x, y, z = q[0].abs(), q[1], q[2]
        mass = sd.ellipsoid(q, (0.0, 0.33, -0.20), (0.745, 0.765, 0.91))
        side = folded(q)
        mass = sd.join(mass, sd.ellipsoid(side, (0.58, 0.10, -0.05), (0.19, 0.36, 0.44)), 0.15)
        knot = sd.ellipsoid(q, (0.0, -0.16, -1.02), (0.33, 0.30, 0.27))
        # The hairline rises over the forehead, passes before the ear and turns to the nape.
        mass = sd.carve(mass, 0.82 * (0.13 + 0.78 * y + 0.03 * torch.sin(x * 14) - z), 0.06)
        mass = sd.carve(mass, 0.85 * (y + 0.02 - 0.6 * (z + 0.05)), 0.06)
        mass = sd.join(mass, knot, 0.08)
        near = (mass < 0.15).nonzero()[:, 0]
        if near.numel():
            mass = mass.clone()
            mass[near] -= self.locks(q[:, near])
        return mass * 0.8

    def locks(self, q: Tensor) -> Tensor:
        x, y, z = q[0].abs(), q[1], q[2]
        warp = self.noise(q * 2.1, 2)
        # Counted across the strands, which run from the parting down and back.
        across = (
            0.95 * z + 0.55 * y - 0.30 * x + 0.055 * torch.sin(8.5 * (y - 0.6 * z) + 1.0 * warp)
        )
        broad = torch.sin(across * 15 + 0.8 * warp)
        fine = torch.sin(across * 49 + 2.0 * warp + 1.2 * broad)
        finest = torch.sin(across * 141 + 3.0 * warp + 1.1 * fine)
        parting = torch.exp(-((x / 0.03) ** 2)) * m.ramp(y, 0.6, 0.8)
        return 0.024 * broad + 0.0068 * fine + 0.0012 * finest - 0.03 * parting

    def torso(self, p: Tensor) -> Tensor:
        q = folded(p)
        neck = sd.limb(p, (-0.05, -0.55, -0.18), (0.0, -1.60, -0.32), 0.365, 0.385)
        neck = sd.join(
            neck, sd.limb(p, (-0.42, -0.45, -0.30), (-0.07, -1.66, 0.10), 0.075, 0.060), 0.12
        )
        neck = sd.join(
            neck, sd.limb(p, (0.36, -0.50, -0.02), (0.07, -1.66, 0.10), 0.075, 0.060), 0.12
        )
        chest = sd.limb(q, (0.0, -1.88, -0.30), (1.12, -2.08, -0.38), 0.40, 0.40)
        chest = sd.join(chest, sd.ellipsoid(q, (0.0, -2.35, -0.15), (1.05, 0.85, 0.56)), 0.25)
        chest = sd.join(
            chest, sd.limb(q, (0.0, -1.05, -0.48), (0.98, -1.80, -0.42), 0.22, 0.24), 0.25
        )
        chest = sd.join(
            chest, sd.limb(q, (0.09, -1.70, 0.10), (0.92, -1.62, -0.12), 0.050, 0.055), 0.13
        )
        return sd.join(neck, chest, 0.22)

    def cloth(self, p: Tensor, torso: Tensor) -> Tensor:
        """A cloth over both shoulders, its folds hanging in curves across the breast."""
        x, y, _ = p
        neckline = y + 1.93 - 0.42 * x.abs() ** 1.3 + 0.12 * x
        warp = self.noise(p * torch.tensor([[0.9], [0.9], [0.9]]), 2)
        hang = y - 0.62 * ((x - 0.15) ** 2 + 0.03) ** 0.6 + 0.13 * warp
        fold = torch.sin(hang * 12.5 + 1.2 * torch.sin(x * 2.1))
        ridge = (0.5 + 0.5 * fold) ** 1.6 + 0.35 * (
            0.5 + 0.5 * torch.sin(hang * 27 + 4 * warp)
        ) ** 2
        sheet = torso - 0.045 - 0.075 * ridge
        hem = sd.limb(
            torch.stack([neckline, torso - 0.07, torch.zeros_like(x)]),
            (0, 0, 0),
            (0, 0.01, 0),
            0.06,
            0.06,
        )
        return sd.join(sd.carve(sheet, -neckline, 0.05), hem, 0.05) * 0.62

    def field(self, p: Tensor) -> Tensor:
        torso = self.torso(p)
        gap = torch.minimum(torso, self.cloth(p, torso))
        q = head_frame(p)
        bound = sd.ellipsoid(q, (0.0, 0.02, -0.10), (1.0, 1.2, 1.3))
        near = (bound < 0.1).nonzero()[:, 0]
        gap_all = sd.join(gap, bound.clamp_min(0.06) + 0.05, 0.02)
        if near.numel():
            local = q[:, near]
            flesh = sd.join(features(folded(local)), torso[near], 0.13)
            head = torch.minimum(flesh, self.hair(local))
            gap_all = gap_all.clone()
            gap_all[near] = torch.minimum(gap[near], head)
        return gap_all

    def marble(self, p: Tensor) -> Tensor:
        """Faint grey veins in a warm white."""
        warp = torch.stack([self.noise(p * 1.3 + k, 4) for k in (0.0, 11.0, 23.0)])
        vein = 1 - self.noise.single(p * 1.1 + 0.9 * warp).abs()
        cloud = self.noise(p * 2.2, 4)
        white = m.shades((0.70, 0.66, 0.60), (0.80, 0.765, 0.71), 0.5 + 0.5 * cloud)
        return m.mix(white, m.column((0.46, 0.44, 0.43)), 0.22 * m.ramp(vein, 0.93, 1.0))

    def shade(self, p: Tensor, ray: Tensor) -> Tensor:
        normal = m.normals(self.field, p, 0.003)
        near_sky = m.occlusion(self.field, p, normal, 0.12, 4)
        open_sky = m.occlusion(self.field, p, normal, 0.7, 4) * (0.35 + 0.65 * near_sky)
        lit = m.shadow(
            self.field, p + normal * 0.012, KEY, 3.5, 0.10, 0.012, 40, m.dot(normal, KEY) + 0.16
        )
        colour = self.marble(p)
        # Dust and old varnish stay in the hollows.
        colour = m.mix(colour * m.column((0.62, 0.54, 0.45)), colour, m.ramp(near_sky, 0.05, 0.65))
        grain = self.noise(p * 60, 2)
        normal = m.unit(normal + 0.02 * torch.stack([grain, -grain, grain * 0.5]))
        wrap = m.column((0.110, 0.095, 0.082))
        direct = ((m.dot(normal, KEY) + wrap) / (1 + wrap)).clamp_min(0) * lit
        rim = m.dot(normal, RIM).clamp_min(0) * open_sky
        bounce = m.column((0.11, 0.075, 0.05)) * (
            0.5 + 0.5 * m.dot(normal, m.column((0.6, -0.7, 0.3)))
        ).clamp_min(0)
        light = colour * (
            KEYLIGHT * direct + RIMLIGHT * rim + (ROOM * (1 + normal[1]) + bounce) * open_sky
        )
        half = m.dot(normal, m.unit(KEY - ray)).clamp_min(0)
        fresnel = 0.04 + 0.5 * (1 - m.dot(-ray, normal).clamp(0, 1)) ** 5
        return (
            light
            + KEYLIGHT * lit * (0.10 * half**24 + 0.16 * half**120)
            + RIMLIGHT * fresnel * 0.25 * open_sky
        )


def wall(noise: m.Noise, size: tuple[int, int]) -> Tensor:
    """A dark wall, lighter behind the side of the face that lies in shadow."""
    width, height = size
    y, x = torch.meshgrid(
        torch.arange(height) / height, torch.arange(width) / height, indexing="ij"
    )
    p = torch.stack([x, y]).reshape(2, -1)
    glow = torch.exp(-(((p[0] - 0.72) / 0.42) ** 2) - ((p[1] - 0.42) / 0.55) ** 2)
    cloud = noise(p * 3.5, 5, 0.55)
    light = m.column((0.010, 0.010, 0.011)) + m.column((0.085, 0.066, 0.047)) * glow
    return light * (1 + 0.28 * cloud)


def portrait(size: tuple[int, int], seed: int) -> np.ndarray:
    """A marble head and shoulders in three-quarter view."""
    noise = m.Noise(seed)
    bust = Bust(noise)
    drawn = (int(size[0] * 1.2), int(size[1] * 1.2))
    camera = m.Camera((0.0, -0.45, 10.0), (0.0, -0.62, 0.0), 20.5)
    origin, rays = m.column(camera.eye), camera.rays(drawn)
    light = wall(noise, drawn)
    near = m.approach(bust.field, origin, rays, drawn, 7.5, 13.5)
    t = m.march(bust.field, origin, rays, 13.5, near, 70, 0.9)
    hit = t.isfinite().nonzero()[:, 0]
    light[:, hit] = bust.shade(origin + rays[:, hit] * t[hit], rays[:, hit])
    return m.finish(light, drawn, size)
