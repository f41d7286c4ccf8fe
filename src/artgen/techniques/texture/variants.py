"""Samples turned, resized and bent, so that a texture by patches has things of its own.

What stays whole in a texture is the sample's own thing, pixel by pixel, unless the table of patches
has other forms of it. Here a sample is moved along a random map that is conformal: its small parts
are turned and resized, and never sheared, so that what is round stays round. Where a sample has
directions of its own (rows, fur), it is bent a little, but not turned as a whole.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses.patch_table import Source
from artgen.ops.orientation import coherence
from artgen.ops.reductions import full_mean

__all__ = ["form", "freedom", "oriented", "varied"]

FORMS = 3  # of each sample
TURN, ZOOM = 30.0, 0.1  # degrees, half of them at least, and share by which a sample differs
BENT = 0.12  # deviation of the turn of small parts in radians, and of their size as a share
ORIENTED = 0.12  # coherence from which a sample is not turned as a whole,
HELD = 0.6  # and resized and bent so much less: rows of other sizes do not meet


def varied(sources: Sequence[Source], amount: float, seed: int) -> list[Source]:
    """Several forms of each sample, which share its weight.

    Args:
        sources: the samples.
        amount: from 0, as they are, to 1.
        seed: of the random maps.
    """
    if not amount:
        return list(sources)
    generator = torch.Generator().manual_seed(seed)
    found = []
    for one in sources:
        free = freedom(one.picture[:, :3])
        most, little = TURN * amount * free, amount * (HELD + (1 - HELD) * free)
        for _ in range(FORMS):
            aside, share = torch.rand(2, generator=generator).tolist()
            turn = math.copysign(most * (1 + share) / 2, aside - 0.5)
            made = form(one, turn, little, one.size, generator)
            found.append(replace(made, share=one.share / FORMS))
    return found


def freedom(picture: Tensor) -> float:
    """How far a sample (1, 3, H, W) may be turned as a whole: from 0, not at all, to 1."""
    return 1 - min(coherence(picture) / ORIENTED, 1.0)


def oriented(picture: Tensor) -> bool:
    """Whether a sample (1, 3, H, W) has a direction of its own, as fur and rows have."""
    return not freedom(picture)


def form(
    source: Source, turn: float, amount: float, size: tuple[int, int], generator: torch.Generator
) -> Source:
    """A sample turned, and resized and bent along a random conformal map; its rest masked out.

    Args:
        source: the sample.
        turn: degrees, from the x axis to the y axis, which points down.
        amount: how much it is resized and bent, from 0 to 1.
        size: (H, W) of the result, whose middle is the sample's.
        generator: on the CPU.
    """
    zoom = 1 + ZOOM * amount * float(2 * torch.rand((), generator=generator) - 1)
    second, third = torch.view_as_complex(torch.randn((2, 2), generator=generator).double())
    half = min(source.size) / 2
    y, x = ((torch.arange(length) - (length - 1) / 2).double() / half for length in size)
    z = torch.complex(x.expand(size), y[:, None].expand(size))
    slope = 2 * second * z + 3 * third * z.square()
    strength = BENT * amount / full_mean(slope.abs().square()).sqrt()
    whole = cmath.exp(-1j * math.radians(turn)) / zoom
    moved = whole * (z + strength * (second * z.square() + third * z**3)) * half
    return _sampled(source, torch.view_as_real(moved).to(source.picture))


def _sampled(source: Source, places: Tensor) -> Source:
    """A sample at places (H, W, 2), x and y in px from its middle; masked where it has none."""
    height, width = source.size
    there = (places.abs() <= (places.new_tensor([width, height]) - 1) / 2).all(2)
    grid = (places / (places.new_tensor([width, height]) / 2))[None]

    def sampled(maps: Tensor, mode: str) -> Tensor:
        return F.grid_sample(maps, grid, mode, "border", align_corners=False)

    mask = there.to(places)[None, None]
    if source.mask is not None:
        mask = mask * sampled(source.mask, "bilinear")
    guide = None if source.guide is None else sampled(source.guide, "bilinear")
    picture = sampled(source.picture, "bicubic").clamp(0, 1)
    return replace(source, picture=picture, mask=mask, guide=guide)
