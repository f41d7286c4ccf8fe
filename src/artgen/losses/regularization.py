"""Terms of the pixels alone: total variation, and values outside [0, 1]."""

from __future__ import annotations

from artgen.losses import functional
from artgen.losses.term import Tensors, Term
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import wide
from artgen.ops.reductions import full_sum

__all__ = ["gamut_term", "variation_term"]


def gamut_term(weight: float) -> Term:
    """Mean square of how far pixels lie outside [0, 1], for canvases that are not clamped."""

    def statistics(features: Features, region: Region) -> Tensors:
        window = region["image"]
        picture = wide(window.crop(features["image"]))
        return {"image": full_sum((picture - picture.clamp(0, 1)).square()) / window.positions}

    return Term("gamut", ("image",), statistics, lambda sums: sums["image"], weight)


def variation_term(weight: float, *, wraps: bool = False) -> Term:
    """Total variation, squared: the mean squared difference of neighbouring pixels.

    Where the picture wraps round, an edge's neighbour is the opposite edge.
    """

    def statistics(features: Features, region: Region) -> Tensors:
        window, picture = region["image"], features["image"]
        if wraps:
            picture = window.carried_on(picture, 1)
        total = functional.total_variation(picture, *window.inner)
        return {"image": total / window.positions}

    return Term("tv", ("image",), statistics, lambda sums: sums["image"], weight, reach=1)
