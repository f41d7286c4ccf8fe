"""A drake on a pond: feathers from scale patterns, and ripples that mirror a bank of reeds.

The drake is about one unit long and swims along +x; the water is at height 0, the camera at +z.
"""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd
from .pond import BANK_Z, Bank, Pond

SUN = m.unit(m.column((-0.50, 0.62, 0.60)))
SUNLIGHT, SKYLIGHT = m.column((2.7, 2.3, 1.75)), m.column((0.34, 0.42, 0.52))


def folded(p: Tensor) -> Tensor:
    """The bird is the same on both sides."""
    return torch.stack([p[0], p[1], p[2].abs()])


def parts(p: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Distances to plumage, bill, wing and eye."""
    q = folded(p)
    body = sd.ellipsoid(q, (-0.03, 0.10, 0.0), (0.52, 0.235, 0.27))
    body = sd.join(body, sd.ellipsoid(q, (0.30, 0.13, 0.0), (0.22, 0.23, 0.20)), 0.16)
    tail = sd.ellipsoid(
        m.turned(q - m.column((-0.55, 0.20, 0.0)), 17, (0, 1)), (0, 0, 0), (0.24, 0.045, 0.12)
    )
    body = sd.join(body, tail, 0.12)
    neck = sd.join(
        sd.limb(q, (0.33, 0.24, 0.0), (0.385, 0.42, 0.0), 0.13, 0.092),
        sd.limb(q, (0.385, 0.42, 0.0), (0.40, 0.60, 0.0), 0.090, 0.090),
        0.05,
    )
    head = sd.ellipsoid(q, (0.435, 0.625, 0.0), (0.138, 0.112, 0.098))
    head = sd.join(head, sd.ellipsoid(q, (0.50, 0.595, 0.0), (0.10, 0.075, 0.072)), 0.06)
    head = sd.join(head, sd.sphere(q, (0.43, 0.59, 0.045), 0.062), 0.05)
    plumage = sd.join(sd.join(body, neck, 0.10), head, 0.045)
    plumage = sd.carve(plumage, sd.sphere(q, (0.502, 0.645, 0.100), 0.024), 0.02)
    eye = sd.sphere(q, (0.500, 0.643, 0.073), 0.0215)
    upper = sd.ellipsoid(
        m.turned(q - m.column((0.655, 0.565, 0.0)), 10, (0, 1)), (0, 0, 0), (0.135, 0.026, 0.054)
    )
    root = sd.ellipsoid(q, (0.565, 0.592, 0.0), (0.075, 0.045, 0.046))
    lower = sd.ellipsoid(
        m.turned(q - m.column((0.64, 0.541, 0.0)), 8, (0, 1)), (0, 0, 0), (0.115, 0.013, 0.043)
    )
    bill = torch.minimum(sd.join(upper, root, 0.035), lower)
    fold = m.turned(q - m.column((-0.13, 0.225, 0.185)), -6, (0, 1))
    wing = sd.ellipsoid(m.turned(fold, 5, (0, 2)), (0, 0, 0), (0.41, 0.120, 0.100))
    quills = sd.ellipsoid(
        m.turned(q - m.column((-0.47, 0.235, 0.075)), -9, (0, 1)), (0, 0, 0), (0.22, 0.035, 0.045)
    )
    wing = sd.join(wing, quills, 0.06)
    return plumage, bill, wing, eye


def drake(p: Tensor) -> Tensor:
    plumage, bill, wing, eye = parts(p)
    body = torch.minimum(sd.join(plumage, wing, 0.012), sd.join(bill, plumage, 0.01))
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
    along, number = scales(-x * 19 + 0.45 * soft, around * 9.5 + 0.25 * soft)
    tone = 0.5 + 0.5 * torch.sin(number * 12.9)
    lines = torch.sin((x * 1.0 + 0.55 * y) * 420 + 5 * noise(p * 30, 2))
    grey = m.mix(
        m.column((0.25, 0.24, 0.225)),
        m.column((0.52, 0.50, 0.465)),
        0.5 + 0.30 * lines + 0.25 * soft,
    )
    grey = grey * (1.04 - 0.16 * along**5)
    brown = m.mix(
        m.column((0.075, 0.028, 0.016)),
        m.column((0.165, 0.070, 0.038)),
        (0.4 + 0.4 * soft + 0.3 * tone).clamp(0, 1),
    )
    brown = brown * (1.06 - 0.22 * along**6)
    colour = m.mix(
        grey, brown, m.ramp(x + 0.28 * (y - 0.1) + 0.05 * soft + 0.02 * barbs, 0.15, 0.27)
    )
    back = m.mix(
        m.column((0.12, 0.095, 0.075)),
        m.column((0.30, 0.26, 0.22)),
        (tone * 0.7 + 0.3 * soft).clamp(0, 1),
    )
    back = m.mix(back, m.column((0.44, 0.40, 0.35)), along**7)
    colour = m.mix(
        colour,
        back,
        m.ramp(y - 0.35 * x.clamp_max(0.1) * 0.3 + 0.02 * soft, 0.27, 0.33) * m.ramp(x, 0.24, 0.16),
    )
    colour = m.mix(colour, m.column((0.012, 0.013, 0.015)), m.ramp(x + 0.02 * soft, -0.42, -0.46))
    colour = m.mix(
        colour,
        m.column((0.70, 0.68, 0.64)) * (0.85 + 0.2 * barbs),
        m.ramp(x, -0.60, -0.63) * (wing > 0.02),
    )
    on_wing = m.ramp(wing - feather, 0.006, -0.006)
    streak = (barbs * 0.5 + 0.5).clamp(0, 1)
    cover = m.mix(
        m.column((0.085, 0.068, 0.055)), m.column((0.23, 0.19, 0.155)), streak * 0.7 + 0.3 * tone
    )
    cover = m.mix(cover, m.column((0.36, 0.32, 0.27)), along**8 * 0.6)
    # The speculum is a slanting patch, mostly tucked under the flank.
    slant = x + 0.9 * (y - 0.17) + 0.012 * soft
    low = y - 0.20 * (x + 0.28) + 0.010 * soft
    band = m.ramp(slant, -0.325, -0.31) * m.ramp(slant, -0.21, -0.225) * m.ramp(low, 0.185, 0.172)
    edge = m.ramp(slant, -0.350, -0.338) * m.ramp(slant, -0.185, -0.197) * m.ramp(low, 0.197, 0.185)
    cover = m.mix(cover, m.column((0.58, 0.57, 0.55)), edge)
    cover = m.mix(cover, m.column((0.025, 0.045, 0.20)) * (0.7 + 0.6 * streak), band)
    colour = m.mix(colour, cover, on_wing)
    collar = y - 0.405 - 0.12 * (x - 0.38) + 0.006 * soft
    colour = m.mix(
        colour, m.column((0.74, 0.73, 0.70)), m.ramp(collar, -0.016, -0.008) * (x > 0.15)
    )
    fine = noise(torch.stack([x * 90, y * 40, z * 90]), 2)
    green = m.mix(
        m.column((0.004, 0.035, 0.016)),
        m.column((0.012, 0.105, 0.045)),
        (0.5 + 0.5 * fine).clamp(0, 1),
    )
    on_head = m.ramp(collar, 0.010, 0.018) * (x > 0.15)
    colour = m.mix(colour, green, on_head)
    yellow = m.mix(
        m.column((0.50, 0.36, 0.030)), m.column((0.62, 0.50, 0.10)), (0.5 + 0.5 * soft).clamp(0, 1)
    )
    nostril = m.length((q - m.column((0.605, 0.600, 0.036))) * m.column((0.55, 1.4, 1.0))) - 0.010
    yellow = yellow * m.mix(torch.ones(1), torch.full((1,), 0.06), m.ramp(nostril, 0.003, -0.001))
    yellow = m.mix(yellow, m.column((0.02, 0.018, 0.012)), m.ramp(x, 0.762, 0.775))
    on_bill = m.ramp(bill - feather, 0.004, -0.003)
    colour = m.mix(colour, yellow, on_bill)
    on_eye = (eye < 0.001).float()
    colour = m.mix(colour, m.column((0.012, 0.007, 0.004)), on_eye)
    gloss = 0.10 + 0.55 * on_head + 0.35 * on_bill + 3.0 * on_eye
    height = (-0.42 * along**3 + 0.30 * barbs) * (1 - on_head) * (1 - on_bill) * (1 - on_eye)
    return colour, gloss, height + 0.35 * fine * on_head * (1 - on_bill) * (1 - on_eye)


def bird(noise: m.Noise, bank: Bank, p: Tensor, ray: Tensor) -> Tensor:
    """Light from the drake at points on its surface."""
    normal = m.normals(drake, p, 0.002)
    open_sky = m.occlusion(drake, p, normal, 0.16)
    painted = m.in_chunks(
        lambda q: torch.cat([c.reshape(-1, q.shape[1]) for c in plumage(noise, q)]), p
    )
    colour, gloss = painted[:3], painted[3]
    normal = m.bumped(normal, p, lambda q: plumage(noise, q)[2], 0.0045, 0.002)
    lit = m.shadow(drake, p + normal * 0.01, SUN, 1.5, 0.12, 0.008)
    facing = m.dot(normal, SUN)
    # Feathers scatter light past the terminator.
    direct = ((facing + 0.15) / 1.15).clamp_min(0) * lit
    sky = SKYLIGHT * (0.55 + 0.45 * normal[1]) + m.column((0.10, 0.13, 0.07)) * (
        0.5 - 0.5 * normal[1]
    )
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
    tint = m.mix(
        m.column((0.02, 0.42, 0.16)), m.column((0.10, 0.12, 0.60)), m.ramp(sheen, 0.95, 0.70)
    )
    return light + tint * green * sheen**7 * (0.15 + 0.85 * lit) * 0.55


def duck(size: tuple[int, int], seed: int) -> np.ndarray:
    """A mallard drake in morning light, with its reflection."""
    noise, bank = m.Noise(seed), Bank(seed)
    pond = Pond(noise)
    drawn = (int(size[0] * 1.3), int(size[1] * 1.3))
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
    surface = m.mix(
        deep * m.shadow(drake, p, SUN, 1.5, 0.2), mirrored, (fresnel * 1.2 + 0.18).clamp(0, 0.95)
    )
    glint = m.dot(back, SUN).clamp_min(0) ** 900
    light[:, wet] = surface + SUNLIGHT * 3 * glint
    t = m.march(drake, origin, rays, 6.0, 2.0, 80, 0.9)
    t = torch.where(t < water, t, torch.inf)
    hit = t.isfinite().nonzero()[:, 0]
    light[:, hit] = bird(noise, bank, origin[:, hit] + rays[:, hit] * t[hit], rays[:, hit])
    return m.finish(light, drawn, size)
