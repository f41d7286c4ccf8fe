"""A small painter made for tests, for whoever imports it."""

from __future__ import annotations

import torch

from artgen.fast.multi_style import Painter

__all__ = ["small_painter"]


def small_painter(blocks: int = 1) -> Painter:
    """Untrained, seeded, of `red` and `blue`, which are far apart, and with noise that is heard."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        made = Painter(["red", "blue"], (8, 12, 16), blocks)
        for noise in (made.noise_quarter, made.noise_eighth):
            noise.loudness.normal_(std=0.3)
    return made.requires_grad_(False).eval()
