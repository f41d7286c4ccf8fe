"""Palettes: the colours of pictures, transferred to another picture or to noise."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.ops.numerics import TINY
from artgen.ops.reductions import qr

__all__ = ["Palette", "match", "noise", "seconds"]

ROUNDS = 12
TRIED = 2**20  # pixels at most on which the time of a match is measured
EXACT = 2**18  # pixels up to which all values are sorted in every round
STEPS = 2**14  # of the table of quantiles used instead for more pixels, except in the last round
COUNTED = 0.5  # of a pixel that a mask has to show, for its colour to be in the palette


@dataclass(frozen=True)
class Palette:
    """The colours of some pictures.

    Attributes:
        colours: (C, N), the pixels.
        shares: (N,), the weight of each.
    """

    colours: Tensor
    shares: Tensor

    @classmethod
    def of(
        cls,
        samples: Sequence[Tensor],
        weights: Sequence[float],
        masks: Sequence[Tensor | None] = (),
    ) -> Palette:
        """The palette of samples, each with its weight, however many pixels it has.

        Args:
            samples: (1, C, h, w) each, in [0, 1].
            weights: one for each sample.
            masks: (1, 1, h, w) each: the pixels of a sample to use; all if not given.
        """
        colours, shares = [], []
        several = masks or [None] * len(samples)
        for sample, weight, mask in zip(samples, weights, several, strict=True):
            pixels = sample[0].flatten(1)  # (C, h*w)
            if mask is not None and bool((mask > COUNTED).any()):
                pixels = pixels[:, (mask > COUNTED).flatten()]
            colours.append(pixels)
            shares.append(pixels.new_full((pixels.shape[1],), weight / pixels.shape[1]))
        return cls(torch.cat(colours, 1), torch.cat(shares))


@torch.no_grad()
def match(picture: Tensor, palette: Palette, mask: Tensor | None = None) -> Tensor:
    """The picture (1, C, H, W) with the colour distribution of a palette.

    Pitié, Kokaram & Dahyot, N-dimensional probability density function transfer, ICCV 2005: along
    randomly rotated axes each value is replaced by the one of the same rank. Channel by channel,
    as Gatys et al. 2015 end, each channel is right, but mixtures of them are hues that no sample
    has; here that is only the last round.

    Args:
        picture: (1, C, H, W), the picture to recolour.
        palette: the colours.
        mask: (1, 1, H, W), where to recolour it; everywhere if not given.
    """
    generator = torch.Generator().manual_seed(0)
    colours, shares = palette.colours, palette.shares
    chosen = None if mask is None else (mask > COUNTED).flatten()
    values = picture[0].flatten(1)  # (C, H*W)
    if chosen is not None:
        values = values[:, chosen]
    channels = len(values)
    for _ in range(ROUNDS):
        axes = torch.randn(channels, channels, generator=generator, dtype=torch.float64)
        axes = qr(axes).to(values)
        turn = _match if values.shape[1] <= EXACT else _match_roughly
        values = axes.T @ turn(axes @ values, axes @ colours, shares)
    values = _match(values, colours, shares)
    if chosen is not None:
        whole = picture[0].flatten(1).clone()
        whole[:, chosen] = values
        values = whole
    return values.view(picture.shape)


def seconds(pixels: int, palette: Palette) -> float:
    """How long `match` takes for a picture of so many pixels: one of its axes is timed, on some."""
    tried, values = min(pixels, TRIED), palette.colours[:1]
    values = values.repeat(1, -(-tried // values.shape[1]))[:, :tried]
    began = time.perf_counter()
    _match(values, palette.colours[:1], palette.shares)
    took = time.perf_counter() - began
    return (ROUNDS + 1) * len(palette.colours) * took * pixels / tried


def noise(size: tuple[int, int], palette: Palette, generator: torch.Generator) -> Tensor:
    """A picture (1, C, H, W) of pixels drawn at random from a palette.

    Noise of any colour has hues that no sample has, and where a texture is flat only the slowly
    converging colour statistics ever remove them.

    Args:
        size: (H, W).
        palette: on the CPU.
        generator: on the CPU.
    """
    # float64: a hundred million shares of one do not add up to one in float32.
    bounds = palette.shares.double().cumsum(0)
    drawn = torch.rand(size[0] * size[1], generator=generator, dtype=torch.float64) * bounds[-1]
    chosen = torch.searchsorted(bounds, drawn, right=True).clamp(max=len(bounds) - 1)
    return palette.colours[:, chosen].view(1, -1, *size)


def _match(values: Tensor, colours: Tensor, weights: Tensor) -> Tensor:
    """Histogram matching of each axis (row): each value's rank, and the palette's value there."""
    made = torch.empty_like(values)
    for axis in range(len(values)):
        order = values[axis].argsort(stable=True)
        made[axis, order] = _quantiles(colours[axis], weights, len(order))
    return made


def _match_roughly(values: Tensor, colours: Tensor, weights: Tensor) -> Tensor:
    """The same by a table of quantiles, from a sample of the pixels: not all are sorted."""
    made = torch.empty_like(values)
    for axis in range(len(values)):
        some = values[axis, :: values.shape[1] // EXACT].sort().values
        wanted = _quantiles(colours[axis], weights, len(some))
        low, high = some[0], some[-1]
        steps = low + (high - low) * torch.linspace(0, 1, STEPS, device=values.device)
        table = wanted[torch.searchsorted(some, steps).clamp(max=len(some) - 1)]
        place = ((values[axis] - low) / (high - low).clamp(min=TINY)).clamp(0, 1) * (STEPS - 1)
        below = place.long().clamp(max=STEPS - 2)
        made[axis] = table[below].lerp(table[below + 1], place - below)
    return made


def _quantiles(values: Tensor, weights: Tensor, count: int) -> Tensor:
    """The quantiles (count,) of weighted values (N,), from the least to the greatest."""
    several, places = values.sort()
    shares = weights[places].to(torch.float64).cumsum(0)
    ranks = (torch.arange(count, device=values.device) + 0.5) / count * shares[-1]
    return several[torch.searchsorted(shares, ranks).clamp(max=len(several) - 1)]
