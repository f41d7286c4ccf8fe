"""A drake on a pond: feathers from scale patterns, and ripples that mirror a bank of reeds.

The drake is about one unit long and swims along +x; the water is at height 0, the camera at +z.
"""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd
from . import strands
from .plumage import Plumage
from .pond import BANK_Z, Bank, Pond

SUN = m.unit(m.column((-0.50, 0.62, 0.60)))
SUNLIGHT, SKYLIGHT = m.column((2.35, 1.95, 1.42)), m.column((0.27, 0.34, 0.43))


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


def plumage(noise: m.Noise, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Colour, gloss and relief of the drake at each point."""
    q = folded(p)
    feather, bill, wing, eye = parts(p)
    cover = Plumage.at(noise, q)
    colour = m.mix(cover.body(), cover.wing(), m.ramp(wing - feather, 0.006, -0.006))
    colour, on_head = cover.head(colour)
    on_bill = m.ramp(bill - feather, 0.004, -0.003)
    colour = m.mix(colour, cover.bill(), on_bill)
    on_eye = (eye < 0.001).float()
    colour = m.mix(colour, m.column((0.012, 0.007, 0.004)), on_eye)
    gloss = 0.10 + 0.55 * on_head + 0.35 * on_bill + 3.0 * on_eye
    scaly = (-0.42 * cover.along**3 + 0.30 * cover.barbs) * (1 - on_head)
    relief = (scaly + 0.35 * cover.fine * on_head) * (1 - on_bill) * (1 - on_eye)
    return colour, gloss, relief


def bird(noise: m.Noise, p: Tensor, ray: Tensor) -> Tensor:
    """Light from the drake at points on its surface."""
    normal = m.normals(drake, p, 0.002)
    open_sky = m.occlusion(drake, p, normal, 0.16)
    painted = m.in_chunks(
        lambda q: torch.cat([c.reshape(-1, q.shape[1]) for c in plumage(noise, q)]), p
    )
    colour, gloss = painted[:3], painted[3]
    normal = m.bumped(normal, p, lambda q: plumage(noise, q)[2], 0.0028, 0.002)
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
    tint = m.shades((0.02, 0.42, 0.16), (0.10, 0.12, 0.60), m.ramp(sheen, 0.95, 0.70))
    return light + tint * green * sheen**7 * (0.15 + 0.85 * lit) * 0.55


def ruffled(
    camera: m.Camera, drawn: tuple[int, int], p: Tensor, light: Tensor, image: Tensor
) -> Tensor:
    """Lay barbs of feather over the drake in its own colours: they break up its smooth outline."""
    rng = np.random.default_rng(p.shape[1])
    feather, bill, wing, eye = parts(p)
    bare = (torch.minimum(bill, eye) < 0.006) | (torch.minimum(feather, wing) > 0.004)
    roots = (~bare).nonzero()[:, 0]
    count = 90_000
    roots = roots[torch.from_numpy(rng.integers(0, roots.numel(), count))]
    q, colour = p[:, roots], light[:, roots]
    normal = m.normals(drake, q, 0.003)
    upright = m.ramp(q[1], 0.36, 0.46) * (q[0] > 0.2)
    lie = m.mix(m.column((-1.0, 0.06, 0.0)), m.column((-0.45, -1.0, 0.0)), upright)
    lie = lie + 0.16 * torch.from_numpy(rng.standard_normal((3, count), np.float32))
    lie = m.unit(lie - m.dot(lie, normal) * normal)
    long = (0.028 - 0.013 * upright) * torch.from_numpy(rng.uniform(0.5, 1.2, count)).float()
    middle = q + (lie + 0.16 * normal) * long * 0.5
    tip = middle + (lie + 0.02 * normal) * long * 0.5
    spots = [camera.project(point, drawn) for point in (q, middle, tip)]
    controls = torch.stack([spot[0].T for spot in spots], 1).numpy()
    tone = rng.uniform(0.80, 1.12, (count, 1))
    root, end = colour.T.numpy() * tone, colour.T.numpy() * tone * 1.12
    canvas = image.reshape(3, drawn[1], drawn[0]).permute(1, 2, 0).numpy().copy()
    width = rng.uniform(0.8, 1.5, count) * drawn[1] / 900
    strands.draw(canvas, controls, spots[0][1].numpy(), width, root, end)
    return torch.from_numpy(canvas).permute(2, 0, 1).reshape(3, -1)


def surface(noise: m.Noise, bank: Bank, p: Tensor, rays: Tensor) -> Tensor:
    """Light from the water at points `p`: the drake and the bank, mirrored over a dark pond."""
    normal = Pond(noise).normal(p[[0, 2]])
    back = m.reflect(rays, normal)
    back[1] = back[1].abs()
    mirrored = bank(p, back)
    t = m.march(drake, p, back, 2.2, 0.0, 60, 0.9)
    hit = t.isfinite().nonzero()[:, 0]
    mirrored[:, hit] = bird(noise, p[:, hit] + back[:, hit] * t[hit], back[:, hit])
    fresnel = 0.03 + 0.97 * (1 - m.dot(back, normal).clamp(0, 1)) ** 5
    deep = m.column((0.020, 0.030, 0.018)) * m.shadow(drake, p, SUN, 1.5, 0.2)
    glint = m.dot(back, SUN).clamp_min(0) ** 900
    return m.mix(deep, mirrored, (fresnel * 1.2 + 0.18).clamp(0, 0.95)) + SUNLIGHT * 3 * glint


def duck(size: tuple[int, int], seed: int) -> np.ndarray:
    """A mallard drake in morning light, with its reflection."""
    noise, bank = m.Noise(seed), Bank(seed)
    drawn = (int(size[0] * 1.35), int(size[1] * 1.35))
    camera = m.Camera((0.45, 0.62, 3.2), (0.07, 0.23, 0.0), 24.0)
    rays = camera.rays(drawn)
    origin = m.column(camera.eye).expand_as(rays)
    light = bank(origin, rays)
    water = torch.where(rays[1] < -1e-4, -origin[1] / rays[1], torch.inf)
    water = torch.where(origin[2] + rays[2] * water > BANK_Z, water, torch.inf)
    near = m.approach(drake, m.column(camera.eye), rays, drawn, 2.0, 6.0)
    t = m.march(drake, origin, rays, 6.0, near, 80, 0.9)
    t = torch.where(t < water, t, torch.inf)
    wet = (water < t).nonzero()[:, 0]
    p = origin[:, wet] + rays[:, wet] * water[wet]
    light[:, wet] = surface(noise, bank, p, rays[:, wet])
    hit = t.isfinite().nonzero()[:, 0]
    p = origin[:, hit] + rays[:, hit] * t[hit]
    light[:, hit] = bird(noise, p, rays[:, hit])
    light = ruffled(camera, drawn, p, light[:, hit], light)
    return m.finish(light, drawn, size)
