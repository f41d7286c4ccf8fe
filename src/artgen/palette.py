"""Colours of pictures given to another one, or to noise."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["match", "noise"]

ROUNDS = 12


@torch.no_grad()
def match(picture: Tensor, samples: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """The picture (1, 3, H, W) with the colours of the samples together, each as often as there.

    Pitié, Kokaram & Dahyot, N-dimensional probability density function transfer, ICCV 2005: along
    axes that are turned at random each value becomes the one of the same rank. Channel by channel,
    as Gatys et al. 2015 end, each channel is right and their mixtures are hues that no sample has;
    here that is only the last round.

    Args:
        picture: what is recoloured.
        samples: (1, 3, h, w) each, in [0, 1].
        weights: one for each sample; a sample counts as much, however many pixels it has.
    """
    generator = torch.Generator().manual_seed(0)
    colours = torch.cat([sample[0].flatten(1) for sample in samples], 1)  # (3, N)
    shares = torch.cat(
        [
            sample.new_full((sample[0, 0].numel(),), weight / sample[0, 0].numel())
            for sample, weight in zip(samples, weights, strict=True)
        ]
    )
    values = picture[0].flatten(1)  # (3, H*W)
    for _ in range(ROUNDS):
        axes = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
        axes = axes.to(values)
        values = axes.T @ _match(axes @ values, axes @ colours, shares)
    return _match(values, colours, shares).view(picture.shape)


def noise(
    size: tuple[int, int],
    samples: Sequence[Tensor],
    weights: Sequence[float],
    generator: torch.Generator,
) -> Tensor:
    """A picture (1, 3, H, W) of pixels of the samples, each drawn by chance.

    Noise of any colour has hues that no sample has, and where a texture is flat nothing but the
    slow statistics of colour ever takes them away again.

    Args:
        size: (H, W).
        samples: (1, 3, h, w) each, on the CPU.
        weights: one for each sample, of being drawn from.
        generator: on the CPU.
    """
    count = size[0] * size[1]
    bounds = torch.tensor(weights, dtype=torch.float64).cumsum(0)
    drawn = torch.rand(count, generator=generator, dtype=torch.float64) * bounds[-1]
    chosen = torch.searchsorted(bounds, drawn, right=True).clamp(max=len(samples) - 1)
    places = torch.rand(count, generator=generator, dtype=torch.float64)
    canvas = torch.empty(3, count)
    for index, sample in enumerate(samples):
        here, pixels = chosen == index, sample[0].flatten(1)
        canvas[:, here] = pixels[:, (places[here] * pixels.shape[1]).long()]
    return canvas.view(1, 3, *size)


def _match(values: Tensor, colours: Tensor, weights: Tensor) -> Tensor:
    """For each axis (row), each value's rank and the colour of that rank, among weighted ones."""
    made = torch.empty_like(values)
    for axis in range(len(values)):
        order = values[axis].argsort(stable=True)
        several, places = colours[axis].sort()
        # float64: a hundred million shares of one do not add up to it in float32.
        shares = weights[places].to(torch.float64).cumsum(0)
        ranks = (torch.arange(len(order), device=values.device) + 0.5) / len(order) * shares[-1]
        chosen = torch.searchsorted(shares, ranks).clamp(max=len(several) - 1)
        made[axis, order] = several[chosen]
    return made
