"""How unlike the features of two pictures are."""

from __future__ import annotations

from torch import Tensor

__all__ = ["distance", "gram_distance"]


def distance(one: Tensor, other: Tensor, floor: float = 0.0) -> Tensor:
    """Squared distance of features (B, C, h, w) of unit length at each position, mean of those.

    Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, CVPR 2018,
    without the learned weights. Where features are faint, their direction is noise: `floor` is the
    share of their mean energy in `other` that is added to that of each position.
    """
    energies = one.square().sum(1), other.square().sum(1)
    added = floor * energies[1].mean() + 1e-6
    mine, its = (energy + added for energy in energies)
    squares = energies[0] / mine + energies[1] / its
    return (squares - 2 * (one * other).sum(1) * (mine * its).rsqrt()).mean()


def gram_distance(one: Tensor, other: Tensor) -> Tensor:
    """Distance of Gram matrices of features (B, C, h, w), over the size of those of `other`."""
    mine, its = (_gram(each).float() for each in (one, other))
    size = its.square().sum((1, 2))
    return ((mine - its).square().sum((1, 2)) / size).add(1e-8).sqrt().mean()


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)
    return flat @ flat.mT / flat.shape[-1]
