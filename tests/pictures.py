"""Pictures made for tests, for whoever imports them: a conftest.py is no module to import from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["smooth"]


def smooth(height: int, width: int, seed: int) -> Tensor:
    """A seeded picture (1, 3, H, W) with forms of every size in it, as photos have."""
    generator = torch.Generator().manual_seed(seed)
    layers = [
        F.interpolate(torch.rand(1, 3, n, n, generator=generator), (height, width), mode="bicubic")
        for n in (3, 7, 15, 31)
    ]
    return torch.stack(layers).mean(0).clamp(0, 1)
