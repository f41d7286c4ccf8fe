"""The frog's leaf with its drops of water, and the foliage behind, far out of focus."""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd


def leaf_frame(p: Tensor) -> Tensor:
    """Points in the frame of the leaf: its midrib lies along x."""
    return m.turned(p - m.column((0.1, 0.0, 0.05)), 24.0)


def leaf_height(q: Tensor) -> Tensor:
    x, z = q[0], q[2]
    vein = torch.exp(-((z / 0.022) ** 2)) * 0.016
    side = ((x * 1.0 - z.abs() * 0.75) * 3.6).remainder(1.0) - 0.5
    ribs = torch.exp(-((side / 0.09) ** 2)) * 0.008 * m.ramp(z.abs(), 0.0, 0.1)
    return (
        -0.010 * x.abs() ** 2.4 - 0.035 * z * z + 0.03 * torch.sin(x * 1.7 + 0.5) * z - vein - ribs
    )


def leaf(p: Tensor) -> Tensor:
    """A broad leaf under the frog; its own axis lies along x, rolled a little."""
    q = leaf_frame(p)
    wide = 0.98 * (1 - (q[0] / 2.3).abs() ** 2.2).clamp_min(0) + 0.012 * torch.sin(q[0] * 21)
    outline = (q[2].abs() - wide) * 0.7
    sheet = (q[1] - leaf_height(q)).abs() - 0.008
    return -sd.join(-sheet, -outline, 0.02) * 0.8


def drops(seed: int) -> list[tuple[m.Vector, float]]:
    """Places and sizes of water drops on the leaf, in its own frame and clear of the frog."""
    rng = np.random.default_rng(seed)
    found: list[tuple[m.Vector, float]] = []
    while len(found) < 26:
        x, z, r = rng.uniform(-1.2, 1.7), rng.uniform(-0.1, 0.85), 0.016 + 0.05 * rng.random() ** 3
        found.append(((float(x), 0.0, float(z)), float(r)))
    return found


def backdrop(size: tuple[int, int], seed: int) -> Tensor:
    """Foliage far out of focus (3, H, W): soft masses, and lights spread into discs."""
    rng = np.random.default_rng(seed + 3)
    high = 480
    wide = high * size[0] // size[1]
    y, x = torch.meshgrid(torch.arange(high) / high, torch.arange(wide) / high, indexing="ij")
    noise = m.Noise(seed + 9)
    mass = noise(torch.stack([x, y]).reshape(2, -1) * 3.2 + 4, 3).reshape(high, wide)
    level = (0.5 + 0.45 * mass + 0.35 * (x - 0.7) - 0.35 * (y - 0.4)).clamp(0, 1)
    image = m.shades((0.006, 0.018, 0.008), (0.14, 0.22, 0.05), level.reshape(1, -1)).reshape(
        3, high, wide
    )
    image = m.blur(image, 12.0)
    for _ in range(110):
        cx, cy, r = rng.uniform(0, wide / high), rng.uniform(0, 1), rng.uniform(0.015, 0.062)
        away = torch.hypot(x - cx, y - cy) / r
        # A lens gathers a little more light at the rim of its disc.
        disc = m.ramp(away, 1.03, 0.95) * (0.75 + 0.35 * away.clamp_max(1) ** 4)
        warm = rng.random()
        tint = torch.tensor([0.10 + 0.25 * warm, 0.20 + 0.12 * warm, 0.05])[:, None, None]
        bright = (
            rng.random() ** 3 * 1.2 * (0.25 + level[int(cy * (high - 1)), int(cx * high) % wide])
        )
        image = image + tint * disc * bright
    return m.blur(image, 2.0)
