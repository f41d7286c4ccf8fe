"""A ginger cat by a window: a modelled head under some hundred thousand separately drawn hairs.

The head is about two units wide, centred on the origin of its own frame, and faces +z.
"""

import torch
from torch import Tensor

from . import march as m
from . import solids as sd

KEY = m.unit(m.column((-0.78, 0.50, 0.52)))
KEYLIGHT, SKYLIGHT = m.column((1.55, 1.45, 1.34)), m.column((0.150, 0.135, 0.130))
RIM = m.unit(m.column((0.80, 0.35, -0.55)))
RIMLIGHT = m.column((0.85, 0.52, 0.28))
YAW, ROLL = -15.0, -4.0
EYE, EYE_RADIUS, IRIS = (0.310, 0.060, 0.400), 0.250, 0.200
HAIRS = 240_000


def head_frame(p: Tensor) -> Tensor:
    """Points in the head's frame, which is turned towards the window."""
    return m.turned(m.turned(p, YAW), ROLL, (0, 1))


def folded(p: Tensor) -> Tensor:
    return torch.stack([p[0].abs(), p[1], p[2]])


def opening(q: Tensor) -> Tensor:
    """Signed size of the almond between the lids, seen from in front, in the folded frame."""
    u, v = q[0] - EYE[0], q[1] - EYE[1]
    u, v = 0.955 * u + 0.295 * v, 0.955 * v - 0.295 * u
    upper = v - 0.105 * (1 - (u / 0.185) ** 2)
    lower = -v - 0.100 * (1 - (u / 0.185) ** 2)
    return torch.maximum(upper, lower) * 0.8


def ear(q: Tensor) -> Tensor:
    e = q - m.column((0.50, 0.42, -0.12))
    e = m.turned(e, -24, (0, 2))
    e = torch.stack([e[0], e[1], e[2] * 1.7])
    outer = sd.limb(e, (0.0, 0.0, 0.0), (0.17, 0.70, 0.0), 0.40, 0.035)
    inner = sd.limb(e, (0.0, 0.02, 0.30), (0.165, 0.67, 0.12), 0.335, 0.01)
    return sd.carve(outer, inner, 0.05) * 0.62


def head(q: Tensor) -> Tensor:
    skull = sd.ellipsoid(q, (0.0, 0.10, -0.12), (0.80, 0.70, 0.76))
    skull = sd.join(skull, sd.ellipsoid(q, (0.40, -0.22, 0.16), (0.42, 0.35, 0.42)), 0.22)
    skull = sd.join(skull, sd.ellipsoid(q, (0.30, 0.27, 0.38), (0.26, 0.16, 0.24)), 0.18)
    skull = sd.join(skull, sd.limb(q, (0.0, 0.22, 0.54), (0.0, -0.16, 0.80), 0.17, 0.10), 0.20)
    skull = sd.join(skull, sd.ellipsoid(q, (0.145, -0.345, 0.66), (0.205, 0.155, 0.22)), 0.07)
    skull = sd.join(skull, sd.ellipsoid(q, (0.0, -0.52, 0.58), (0.17, 0.10, 0.18)), 0.06)
    skull = sd.join(skull, ear(q), 0.12)
    # The lids wrap the eyeball, and open on it.
    skull = sd.join(skull, sd.sphere(q, EYE, EYE_RADIUS + 0.022), 0.07)
    hole = torch.maximum(opening(q), 0.30 - q[2])
    return sd.carve(skull, hole, 0.02)


def nose(q: Tensor) -> Tensor:
    tip = sd.ellipsoid(q, (0.0, -0.185, 0.845), (0.105, 0.062, 0.070))
    tip = sd.join(tip, sd.ellipsoid(q, (0.0, -0.235, 0.835), (0.035, 0.055, 0.05)), 0.05)
    return sd.carve(tip, sd.ellipsoid(q, (0.062, -0.200, 0.915), (0.022, 0.014, 0.04)), 0.015)


def torso(p: Tensor) -> Tensor:
    q = folded(p)
    body = sd.limb(q, (0.0, -0.35, -0.30), (0.0, -1.35, -0.35), 0.68, 0.86)
    body = sd.join(body, sd.ellipsoid(q, (0.0, -1.85, -0.15), (0.85, 0.95, 0.74)), 0.4)
    body = sd.join(body, sd.ellipsoid(q, (0.62, -2.35, -0.25), (0.52, 0.95, 0.62)), 0.3)
    return sd.join(body, sd.ellipsoid(q, (0.0, -2.5, -1.2), (1.15, 1.30, 1.25)), 0.5)


def parts(p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Distances to fur, nose leather and eyes."""
    q = folded(head_frame(p))
    fur = sd.join(head(q), torso(p), 0.22)
    ball = torch.maximum(sd.sphere(q, EYE, EYE_RADIUS), opening(q) - 0.01)
    return fur, nose(q), ball


def field(p: Tensor) -> Tensor:
    fur, leather, eyes = parts(p)
    return torch.minimum(torch.minimum(fur, leather), eyes)


class Coat:
    """Colour, length and direction of the hair at points of the surface."""

    def __init__(self, noise: m.Noise) -> None:
        self.noise = noise

    def head_share(self, p: Tensor) -> Tensor:
        return m.ramp(torso(p) - head(folded(head_frame(p))), -0.12, 0.15)

    def colour(self, p: Tensor) -> Tensor:
        q = folded(head_frame(p))
        x, y, z = q
        on_head = self.head_share(p)
        warp = self.noise(p * 1.6, 3)
        crown = torch.sin((x + 0.04 * warp) * 27 / (1.0 + 0.5 * (y - 0.4).clamp_min(0))) * m.ramp(
            y, 0.22, 0.36
        )
        angle = torch.atan2(y + 0.15, x - 0.1)
        cheek = (
            torch.sin(angle * 13 + 5 * (x - 0.5) + 1.5 * warp)
            * m.ramp(x, 0.42, 0.58)
            * m.ramp(y, 0.28, 0.12)
        )
        bands = torch.sin(p[1] * 8.5 + 3.0 * warp + 2.2 * p[0].abs())
        stripe = torch.where(
            on_head > 0.5, torch.maximum(crown, cheek), bands * m.ramp(p[0].abs(), 0.35, 0.8)
        )
        stripe = m.ramp(stripe + 0.25 * warp, 0.0, 0.75)
        ginger = m.shades((0.52, 0.235, 0.072), (0.66, 0.37, 0.15), 0.5 + 0.5 * warp)
        colour = m.mix(ginger, m.column((0.27, 0.085, 0.020)), stripe * 0.85)
        cream = m.column((0.80, 0.72, 0.60))
        muzzle = sd.ellipsoid(q, (0.0, -0.42, 0.70), (0.34, 0.24, 0.40))
        blaze = sd.limb(q, (0.0, 0.10, 0.7), (0.0, -0.2, 0.85), 0.02, 0.12)
        lids = (opening(q) - 0.05).abs() * 2.2 + 0.02
        pale = torch.minimum(torch.minimum(muzzle, blaze), torch.where(z > 0.25, lids, 9.0))
        colour = m.mix(colour, cream, m.ramp(pale + 0.07 * warp, 0.10, -0.04) * on_head)
        bib = sd.ellipsoid(p, (0.02, -1.55, 0.5), (0.62, 1.15, 0.8)) + 0.12 * warp
        colour = m.mix(colour, cream, m.ramp(bib, 0.12, -0.08) * (1 - on_head))
        return colour

    def length(self, p: Tensor) -> Tensor:
        q = folded(head_frame(p))
        face = 0.040 + 0.075 * m.ramp(m.length(q - m.column((0.0, -0.15, 0.85))), 0.25, 0.85)
        face = face + 0.13 * m.ramp(q[0], 0.50, 0.85) * m.ramp(q[1], 0.15, -0.2)
        face = face * m.mix(torch.full((1,), 0.35), torch.ones(1), m.ramp(opening(q), 0.02, 0.14))
        face = torch.where(ear(q) < 0.03, 0.055, face)
        return m.mix(0.26 + 0.10 * m.ramp(p[1], -0.8, -1.6), face, self.head_share(p))

    def flow(self, p: Tensor, normal: Tensor) -> Tensor:
        """Along the surface: away from the nose on the head, downwards on the body."""
        local = head_frame(p)
        away = local - m.column((0.0, -0.16, 0.80))
        away = m.turned(m.turned(away, -ROLL, (0, 1)), -YAW)
        down = m.column((0.0, -1.0, 0.12)) + 0.35 * p * m.column((1.0, 0.0, 0.0))
        wind = m.mix(m.unit(down), m.unit(away), self.head_share(p))
        curl = torch.stack([self.noise(p * 2.4 + k, 2) for k in (0.0, 20.0, 40.0)])
        fine = torch.stack([self.noise(p * 9.0 + k, 1) for k in (5.0, 25.0, 45.0)])
        wind = wind + 0.28 * curl + 0.22 * fine
        return m.unit(wind - m.dot(wind, normal) * normal)


def iris(noise: m.Noise, q: Tensor) -> Tensor:
    """An eye in the folded frame: a slit in green and amber, dark towards its edge."""
    d = q - m.column(EYE)
    u, v = (d[0] + 0.010) / IRIS, (d[1] - 0.005) / IRIS
    radius, angle = torch.hypot(u, v), torch.atan2(v, u)
    fibres = noise(torch.stack([angle * 11, radius * 4]), 3)
    colour = m.shades(
        (0.56, 0.40, 0.060), (0.26, 0.33, 0.105), m.ramp(radius + 0.12 * fibres, 0.22, 0.62)
    )
    colour = colour * (0.75 + 0.5 * (0.5 + 0.5 * fibres)) * m.ramp(radius, 1.10, 0.78)
    slit = torch.hypot(u / 0.19, v / 0.56)
    return m.mix(colour, m.column((0.006, 0.005, 0.005)), m.ramp(slit, 1.08, 0.92))


def window(ray: Tensor) -> Tensor:
    """The mirror image of the window on wet things: four panes."""
    side = m.unit(torch.linalg.cross(m.column((0.0, 1.0, 0.0)), KEY, dim=0))
    up = torch.linalg.cross(KEY, side, dim=0)
    a, b, c = m.dot(ray, side), m.dot(ray, up), m.dot(ray, KEY)
    x, y = (a / c.clamp_min(0.05)).abs(), b / c.clamp_min(0.05)
    inside = m.ramp(x, 0.30, 0.27) * m.ramp(y.abs(), 0.42, 0.39) * (c > 0)
    return inside * m.ramp(x, 0.015, 0.035) * m.ramp((y - 0.05).abs(), 0.015, 0.035)
