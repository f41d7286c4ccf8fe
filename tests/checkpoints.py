"""Old checkpoints of PyTorch's fast_neural_style example, with seeded random weights."""

from __future__ import annotations

import torch
from torch import Tensor

CONVOLUTIONS = {
    "conv1": (32, 3, 9),
    "conv2": (64, 32, 3),
    "conv3": (128, 64, 3),
    **{f"res{block}.conv{one}": (128, 128, 3) for block in range(1, 6) for one in (1, 2)},
    "deconv1": (64, 128, 3),
    "deconv2": (32, 64, 3),
    "deconv3": (3, 32, 9),
}
NORMS = {
    "in1": 32,
    "in2": 64,
    "in3": 128,
    "in4": 64,
    "in5": 32,
    **{f"res{block}.in{one}": 128 for block in range(1, 6) for one in (1, 2)},
}


def checkpoint(seed: int = 0, *, running: bool = False) -> dict[str, Tensor]:
    """As such files have it; `running` adds what norms of old versions kept and never used."""
    random = torch.Generator().manual_seed(seed)
    made = {}
    for name, (outward, inward, kernel) in CONVOLUTIONS.items():
        weight = torch.randn(outward, inward, kernel, kernel, generator=random)
        made[f"{name}.conv2d.weight"] = weight / (inward * kernel**2) ** 0.5
        made[f"{name}.conv2d.bias"] = torch.randn(outward, generator=random)
    made["deconv3.conv2d.weight"] *= 40
    made["deconv3.conv2d.bias"] += 128
    for name, channels in NORMS.items():
        made[f"{name}.weight"] = 1 + 0.2 * torch.randn(channels, generator=random)
        made[f"{name}.bias"] = 0.2 * torch.randn(channels, generator=random)
        if running:
            made[f"{name}.running_mean"] = torch.randn(channels, generator=random)
            made[f"{name}.running_var"] = torch.rand(channels, generator=random)
    return made
