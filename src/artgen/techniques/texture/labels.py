"""Texture by numbers: pictures in which each colour is a label, as masks of each label.

Hertzmann et al., Image Analogies, SIGGRAPH 2001, section 4.3 (texture-by-numbers).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from artgen.errors import UsageError

__all__ = ["labels"]

LEAST = 0.01  # smallest share of a picture for a label; blended colours at edges cover less
FAR = 0.25  # smallest distance between two labels' colours; from black to white it is sqrt 3
BINS, MOST = 15, 64  # steps of a colour's channels in the histogram, and labels at most


def labels(guide: Tensor, sample_guides: Sequence[Tensor]) -> list[tuple[Tensor, list[Tensor]]]:
    """For each colour of the guide, its mask in the guide and in each sample's guide.

    A label is a colour that covers a hundredth of the samples' guides; every pixel gets the label
    with the nearest colour, so smoothed edges do no harm.
    whose colour is nearest, so smoothed edges do no harm.

    Args:
        guide: (1, 3, H, W).
        sample_guides: (1, 3, h, w) each.

    Returns:
        Masks (1, 1, H, W) and (1, 1, h, w) of 0 and 1.

    Raises:
        UsageError: if the guide has a colour that no sample's guide has.
    """
    known = _colours(sample_guides)
    for colour in _colours([guide]):
        if float((known - colour).norm(dim=1).min()) > FAR:
            raise UsageError(
                f"The guide has the colour {_hex(colour)}, and the sample's guide has not.",
                f"Its colours are: {', '.join(map(_hex, known))}.",
            )
    places, sampled = _nearest(guide, known), [_nearest(one, known) for one in sample_guides]
    return [
        ((places == n).float(), [(one == n).float() for one in sampled])
        for n in range(len(known))
        if bool((places == n).any())
    ]


def _colours(guides: Sequence[Tensor]) -> Tensor:
    """The colours (N, 3) that each cover at least LEAST of the guides."""
    pixels = torch.cat([guide[0].flatten(1).T for guide in guides])  # (N, 3)
    coarse = (pixels * BINS).round()  # in a JPEG a label is many similar colours
    found, counts = torch.unique(coarse, dim=0, return_counts=True)
    kept: list[Tensor] = []
    for colour in found[counts.argsort(descending=True, stable=True)] / BINS:
        if all(float((colour - other).norm()) > FAR for other in kept):
            kept.append(colour)
            if len(kept) == MOST:
                break
    known = torch.stack(kept)
    owner = torch.cdist(pixels, known).argmin(1)
    shares = owner.bincount(minlength=len(known)) / len(pixels)
    means = [pixels[owner == n].mean(0) for n in range(len(known)) if shares[n] >= LEAST]
    return torch.stack(means)


def _nearest(guide: Tensor, known: Tensor) -> Tensor:
    """For each pixel the index (1, 1, H, W) of the nearest of some colours (N, 3)."""
    apart = [(guide - colour.view(1, 3, 1, 1)).square().sum(1, keepdim=True) for colour in known]
    return torch.cat(apart, 1).argmin(1, keepdim=True)


def _hex(colour: Tensor) -> str:
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in colour)
