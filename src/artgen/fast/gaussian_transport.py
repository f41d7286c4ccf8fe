"""The linear map that gives a photo's features the mean and covariance of a style picture's.

Take the features of a layer as a cloud of points, one for each position, with a mean and a
covariance. Many linear maps turn one mean and covariance into another (Li et al., Universal Style
Transfer via Feature Transforms, NIPS 2017, use any of them). One of them moves the points least,
and so keeps most of the photo: the optimal transport between two Gaussians (Lu et al., A
Closed-form Solution to Universal Style Transfer, ICCV 2019). The style loss `moments` measures the
same distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.fast.shared import FAINT, FLAT, ROUNDING
from artgen.ops.convolution import reproducible_convolution
from artgen.ops.numerics import exact
from artgen.ops.reductions import eigh

__all__ = ["AffineMap", "transport_map"]


@dataclass(frozen=True)
class AffineMap:
    """x -> matrix x + shift, for each position's features x: (C, C) and (C,), in float64."""

    matrix: Tensor
    shift: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """The map of a layer (1, C, H, W), of its shape and precision."""
        kernel = self.matrix[..., None, None].to(features)
        return reproducible_convolution(features, kernel, self.shift.to(features))

    def partly(self, share: float) -> AffineMap:
        """Interpolation between the identity (share 0) and this map (share 1)."""
        stay = torch.eye(len(self.shift)).to(self.matrix)
        return AffineMap(torch.lerp(stay, self.matrix, share), share * self.shift)


def transport_map(
    mean: Tensor, gram: Tensor, target_mean: Tensor, target_root: Tensor
) -> AffineMap:
    """The optimal transport from one layer's moments to another's.

    Args:
        mean, gram: (C,), (C, C): means of the features and of their products.
        target_mean: (C,), of the target's features.
        target_root: (C, C), `losses.square_root` of the target's covariance.
    """
    mean, gram, target_mean, root = (exact(x) for x in (mean, gram, target_mean, target_root))
    covariance = gram - torch.outer(mean, mean)
    target = root @ root
    floor = FAINT * covariance.diagonal().mean() + FLAT * target.diagonal().mean()
    inner = root @ covariance @ root + floor * target
    values, vectors = eigh((inner + inner.T) / 2)
    inverse = torch.where(values > ROUNDING * values[-1], values, torch.inf).rsqrt()
    matrix = root @ (vectors * inverse) @ vectors.T @ root
    return AffineMap(matrix, target_mean - matrix @ mean)
