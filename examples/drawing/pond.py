"""The pond of the drake: rippled water, and a bank of reeds far out of focus."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import march as m
from . import strands

# The painted bank stands across the pond; its picture covers these metres.
BANK_Z, BANK_WIDE, BANK_HIGH = -3.6, 11.0, 4.4


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
        controls = np.stack(
            [
                foot,
                foot + np.stack([0.2 * lean, -0.6 * tall], 1),
                foot + np.stack([lean * 1.6, -tall], 1),
            ],
            1,
        )
        warm = rng.random((count, 1))
        tip = np.array([0.16, 0.24, 0.045]) * (1 - warm) + np.array([0.62, 0.47, 0.20]) * warm
        tip = tip * (0.6 + 0.9 * rng.random((count, 1))) * (1.1 - 0.6 * depth[:, None])
        strands.draw(image, controls, depth, 3 + 5 * rng.random(count), tip * 0.25, tip)
        self.sharp = m.blur(torch.from_numpy(image).float().permute(2, 0, 1), 3.5)[None]

    def __call__(self, origin: Tensor, ray: Tensor) -> Tensor:
        away = (BANK_Z - origin[2]) / ray[2].clamp_max(-1e-3)
        at = origin[:2] + ray[:2] * away
        u, v = at[0] / (BANK_WIDE / 2), 1 - at[1] / BANK_HIGH * 2
        grid = torch.stack([u, v], -1)[None, None]
        return F.grid_sample(
            self.sharp, grid, align_corners=False, padding_mode="reflection"
        ).reshape(3, -1)


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
