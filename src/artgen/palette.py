"""Colours of one picture given to another: histogram matching, of any number of samples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["match"]


@torch.no_grad()
def match(picture: Tensor, samples: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """The picture (1, 3, H, W) with each channel's histogram that of the samples together.

    Gatys et al. 2015 end so. Darker stays darker: each value becomes the one of the same rank.

    Args:
        picture: what is recoloured.
        samples: (1, 3, h, w) each, in [0, 1].
        weights: one for each sample; a sample counts as much, however many pixels it has.
    """
    channels = [
        _match(
            picture[:, c],
            torch.cat([sample[:, c].flatten() for sample in samples]),
            torch.cat(
                [
                    sample.new_full((sample[:, c].numel(),), weight / sample[:, c].numel())
                    for sample, weight in zip(samples, weights, strict=True)
                ]
            ),
        )
        for c in range(3)
    ]
    return torch.stack(channels, 1)


def _match(values: Tensor, colours: Tensor, weights: Tensor) -> Tensor:
    """Each value's rank, and the colour of that rank among weighted ones."""
    order = values.flatten().argsort(stable=True)
    colours, places = colours.sort()
    # float64: a hundred million shares of one do not add up to it in float32.
    shares = weights[places].cumsum(0, dtype=torch.float64)
    ranks = (torch.arange(len(order), device=values.device) + 0.5) / len(order) * shares[-1]
    chosen = torch.searchsorted(shares, ranks).clamp(max=len(colours) - 1)
    made = torch.empty_like(values).flatten()
    made[order] = colours[chosen]
    return made.view(values.shape)
