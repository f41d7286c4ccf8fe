"""Renders the cat: skin and eyes by rays, then the coat hair by hair, then the whiskers."""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import strands
from .cat_model import (
    HAIRS,
    KEY,
    KEYLIGHT,
    RIM,
    RIMLIGHT,
    ROLL,
    SKYLIGHT,
    YAW,
    Coat,
    ear,
    field,
    folded,
    head_frame,
    iris,
    opening,
    parts,
    window,
)


def daylight(p: Tensor, normal: Tensor, wrap: float) -> Tensor:
    """Light that arrives at points of the surface, from window, room and lamp."""
    open_room = m.occlusion(field, p, normal, 0.5)
    lit = m.shadow(field, p + normal * 0.03, KEY, 4.0, 0.30, 0.02, 32)
    rim = m.shadow(field, p + normal * 0.03, RIM, 4.0, 0.25, 0.02, 24)
    key = ((m.dot(normal, KEY) + wrap) / (1 + wrap)).clamp_min(0) * lit
    back = ((m.dot(normal, RIM) + wrap) / (1 + wrap)).clamp_min(0) * rim
    room = SKYLIGHT * (0.65 + 0.35 * m.dot(normal, m.column((-0.7, 0.6, 0.3)))) * open_room
    return KEYLIGHT * key + RIMLIGHT * back + room


def skin(coat: Coat, p: Tensor, ray: Tensor) -> tuple[Tensor, Tensor]:
    """Light from everything that is not hair, and where the eyes are."""
    normal = m.normals(field, p, 0.002)
    q = folded(head_frame(p))
    gaps = parts(p)
    kind = torch.stack(gaps).argmin(0)
    fine = coat.noise(q * 40, 2)
    rims = m.ramp(opening(q), 0.045, 0.02) * (q[2] > 0.3)
    colour = m.mix(coat.colour(p) * 0.55, m.column((0.035, 0.022, 0.018)), rims)
    inner = m.ramp(ear(q), 0.05, 0.0) * m.ramp(normal[2], 0.1, 0.5)
    colour = m.mix(colour, m.column((0.52, 0.26, 0.20)), inner * 0.8)
    pink = m.column((0.50, 0.20, 0.165)) * (1 + 0.25 * fine)
    colour = torch.where(kind == 1, pink * (0.5 + 0.5 * m.ramp(gaps[1], -0.02, 0.0)), colour)
    colour = torch.where(kind == 2, iris(coat.noise, q), colour)
    light = colour * daylight(p, normal, 0.25)
    # The upper lid and its hair shade the top of the eye.
    eye = (kind == 2).float()
    lid = m.mix(torch.ones_like(eye), 0.30 + 0.70 * m.ramp(opening(q), -0.005, -0.075), eye)
    light = light * lid + eye * colour * 0.25
    back = m.reflect(ray, normal)
    wet = torch.where(kind == 2, 1.0, torch.where(kind == 1, 0.12, 0.0))
    fresnel = 0.035 + 0.96 * (1 - m.dot(-ray, normal).clamp(0, 1)) ** 5
    room = m.column((0.10, 0.085, 0.075)) * (1 + back[1]) + KEYLIGHT * 14 * window(back)
    return light + wet * fresnel * lid * room, eye


def hairs(
    coat: Coat,
    camera: m.Camera,
    size: tuple[int, int],
    p: Tensor,
    rng: np.random.Generator,
    image: np.ndarray,
) -> None:
    """Draw the coat over `image`, from roots chosen among the visible points `p`."""
    q = folded(head_frame(p))
    gaps = torch.stack(parts(p))
    bare = (gaps.argmin(0) > 0) | ((opening(q) < 0.035) & (q[2] > 0.3)) | (gaps[1] < 0.012)
    p = p[:, ~bare]
    p = p[:, torch.from_numpy(rng.integers(0, p.shape[1], HAIRS))]
    p = p + 0.004 * torch.from_numpy(rng.standard_normal((3, HAIRS), np.float32))
    normal = m.normals(field, p, 0.004)
    flow = m.in_chunks(lambda s: coat.flow(s[:3], s[3:]), torch.cat([p, normal]))
    spread = torch.from_numpy(rng.standard_normal((3, HAIRS), np.float32))
    long = m.in_chunks(coat.length, p) * torch.from_numpy(
        rng.uniform(0.55, 1.2, HAIRS).astype(np.float32)
    )
    lean = m.unit(flow + 0.40 * normal + 0.10 * spread)
    bend = m.unit(flow + 0.05 * normal + 0.16 * spread - m.column((0.0, 0.12, 0.0)))
    middle = p + lean * long * 0.5
    tip = middle + bend * long * 0.5
    # Light on hair: soft over the body of the coat, bright where the strand lies across the light.
    light = daylight(p, m.unit(normal + 0.35 * lean), 0.30)
    across = (1 - m.dot(bend, KEY) ** 2).clamp_min(0).sqrt()
    colour = m.in_chunks(coat.colour, p) * torch.from_numpy(
        rng.uniform(0.78, 1.18, HAIRS).astype(np.float32)
    )
    half = m.unit(KEY + m.unit(m.column(camera.eye) - p))
    sheen = (1 - m.dot(bend, half) ** 2).clamp_min(0) ** 22
    root = colour * light * 0.42
    end = colour * light * (0.85 + 0.35 * across) + light * 0.05 * sheen
    spots = [camera.project(s, size) for s in (p, middle, tip)]
    controls = torch.stack([s[0].T for s in spots], 1).numpy()
    width = size[1] / 960 * rng.uniform(1.0, 2.0, HAIRS)
    depth = (spots[0][1] - 0.6 * m.dot(p, m.column((0.0, 0.25, 0.0)))).numpy()
    strands.draw(image, controls, depth, width, root.T.numpy(), end.T.numpy())


def whiskers(
    camera: m.Camera, size: tuple[int, int], rng: np.random.Generator, image: np.ndarray
) -> None:
    """Long stiff hairs from the muzzle and over the eyes, light against the coat."""
    starts, ends, sag = [], [], []
    for side in (-1.0, 1.0):
        for row in range(4):
            for hair in range(4):
                at = (side * (0.16 + 0.045 * hair), -0.29 - 0.042 * row, 0.83 - 0.045 * hair)
                reach = rng.uniform(0.9, 1.35) * (1 - 0.1 * row)
                aim = (
                    side,
                    0.22 - 0.20 * row + rng.normal(0, 0.06),
                    0.28 - 0.1 * hair + rng.normal(0, 0.06),
                )
                starts.append(at)
                ends.append(tuple(a + reach * d for a, d in zip(at, aim, strict=True)))
                sag.append(0.10)
        for hair in range(5):
            at = (side * (0.26 + 0.045 * hair), 0.30, 0.66 - 0.03 * hair)
            starts.append(at)
            ends.append(
                (at[0] + side * (0.10 + 0.09 * hair), at[1] + rng.uniform(0.45, 0.62), at[2] + 0.12)
            )
            sag.append(-0.08)
    a, b = torch.tensor(starts).T.float(), torch.tensor(ends).T.float()
    middle = (a + b) / 2 + torch.stack(
        [torch.zeros(len(sag)), torch.tensor(sag), torch.zeros(len(sag))]
    )
    # From the head's frame back into the world.
    world = [m.turned(m.turned(s, -ROLL, (0, 1)), -YAW) for s in (a, middle, b)]
    spots = [camera.project(s, size) for s in world]
    controls = torch.stack([s[0].T for s in spots], 1).numpy()
    count = len(sag)
    root = np.tile([[0.62, 0.58, 0.54]], (count, 1))
    tip = np.tile([[1.05, 1.02, 0.98]], (count, 1))
    strands.draw(
        image, controls, spots[0][1].numpy(), np.full(count, size[1] / 960 * 2.1), root, tip
    )


def room(size: tuple[int, int], noise: m.Noise) -> Tensor:
    """The room behind, far out of focus: window light from the left, a lamp, a dark shelf."""
    width, height = size
    y, x = torch.meshgrid(
        torch.arange(height) / height, torch.arange(width) / height, indexing="ij"
    )
    x, y = x.reshape(-1), y.reshape(-1)
    cloth = noise(torch.stack([x * 7 + 0.6 * noise(torch.stack([x, y]) * 2, 2), y * 0.7]), 3)
    light = m.shades((0.26, 0.27, 0.27), (0.030, 0.028, 0.030), m.ramp(x + 0.12 * y, -0.05, 0.62))
    light = light * (1 + 0.35 * cloth * m.ramp(x, 0.5, 0.1))
    lamp = torch.hypot(x - 0.70, (y - 0.20) * 1.1)
    light = (
        light
        + m.column((0.50, 0.26, 0.09)) * torch.exp(-((lamp / 0.13) ** 2))
        + m.column((0.10, 0.05, 0.02)) * torch.exp(-((lamp / 0.36) ** 2))
    )
    shelf = m.ramp(y, 0.60, 0.66) * m.ramp(x, 0.35, 0.6)
    light = m.mix(light, m.column((0.045, 0.028, 0.020)), shelf * 0.8)
    return m.blur(light.reshape(3, height, width), height / 60).reshape(3, -1)


def cat(size: tuple[int, int], seed: int) -> np.ndarray:
    """A ginger cat looks out of the picture, lit by a window."""
    rng, noise = np.random.default_rng(seed), m.Noise(seed)
    coat = Coat(noise)
    drawn = (size[0] * 2, size[1] * 2)
    camera = m.Camera((0.35, -0.15, 8.2), (-0.02, -0.36, 0.0), 23.0)
    coarse = size
    origin, rays = m.column(camera.eye), camera.rays(coarse)
    light = room(coarse, noise)
    t = m.march(field, origin, rays, 13.0, 6.0, 70, 0.85)
    hit = t.isfinite().nonzero()[:, 0]
    p = origin + rays[:, hit] * t[hit]
    light[:, hit], eye = skin(coat, p, rays[:, hit])
    mask = torch.zeros_like(t)
    mask[hit] = eye
    return compose(coat, camera, light, mask, p, coarse, drawn, rng)


def compose(
    coat: Coat,
    camera: m.Camera,
    light: Tensor,
    eyes: Tensor,
    p: Tensor,
    size: tuple[int, int],
    drawn: tuple[int, int],
    rng: np.random.Generator,
) -> np.ndarray:
    """Put hair over skin, eyes over hair, and whiskers over all."""

    def enlarged(flat: Tensor) -> np.ndarray:
        image = flat.reshape(1, -1, size[1], size[0])
        image = torch.nn.functional.interpolate(image, (drawn[1], drawn[0]), mode="bicubic")
        return image[0].permute(1, 2, 0).numpy().copy()

    image = enlarged(light)
    clean = image.copy()
    hairs(coat, camera, drawn, p, rng, image)
    share = np.clip(enlarged(m.blur(eyes.reshape(1, size[1], size[0]), 0.7)) * 2.2 - 0.9, 0, 1)
    image = image * (1 - share) + clean * share
    whiskers(camera, drawn, rng, image)
    flat = torch.from_numpy(image).float().permute(2, 0, 1).reshape(3, -1)
    return m.finish(flat, drawn, size)
