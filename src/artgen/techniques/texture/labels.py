"""Texture by numbers: pictures in which each colour is a label, and where each label is.

Hertzmann et al., Image Analogies, SIGGRAPH 2001, section 4.3 (texture-by-numbers).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from artgen.errors import UsageError

__all__ = ["labels"]

LEAST = 0.01  # share of a picture that a label covers at least; edges between labels cover less
FAR = 0.25  # what two labels' colours differ by at least; from black to white is sqrt 3
BINS, MOST = 15, 64  # steps of a colour as it is counted, and labels that are told apart


def labels(guide: Tensor, sample_guides: Sequence[Tensor]) -> list[tuple[Tensor, list[Tensor]]]:
    """For each colour of the guide, where it is in the guide and where in each sample's guide.

    A label is a colour that covers a hundredth of the samples' guides; every pixel has the label
    whose colour is nearest, so smoothed edges do no harm.

    Args:
        guide: (1, 3, H, W).
        sample_guides: (1, 3, h, w) each.

    Returns:
        Masks (1, 1, H, W) and (1, 1, h, w) of 0 and 1.

    Raises:
        UsageError: where the guide has a colour that no sample's guide has.
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
    """The colours (N, 3) of some guides that cover LEAST of them."""
    pixels = torch.cat([guide[0].flatten(1).T for guide in guides])  # (N, 3)
    coarse = (pixels * BINS).round()  # a JPEG's labels are many colours, all near one another
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
    """For each pixel the number (1, 1, H, W) of the nearest of some colours (N, 3)."""
    apart = [(guide - colour.view(1, 3, 1, 1)).square().sum(1, keepdim=True) for colour in known]
    return torch.cat(apart, 1).argmin(1, keepdim=True)


def _hex(colour: Tensor) -> str:
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in colour)
