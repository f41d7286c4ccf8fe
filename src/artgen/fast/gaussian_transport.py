"""The map that carries what a photo's layer holds to where a painting's is, with the least effort.

Seen as clouds of points, one for each position of a layer, both have a mean and a covariance. Of
all the maps that turn the one into the other (Li et al., Universal Style Transfer via Feature
Transforms, NIPS 2017, take any) there is one that moves the points least, and so keeps most of the
photo: the optimal transport between two Gaussians (Lu et al., A Closed-form Solution to Universal
Style Transfer, ICCV 2019). It is linear, and it is what the style loss `moments` measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.ops.numerics import exact
from artgen.ops.reductions import eigh

__all__ = ["Carriage", "carriage"]

FAINT = 0.03  # of the mean variance of the photo's channels: what is fainter is not blown up
FLAT = 1e-3  # of the painting's: the same for a photo that shows nothing
ROUNDING = 1e-12  # of the largest eigenvalue; 512 channels in float64 make errors of 1e-13


@dataclass(frozen=True)
class Carriage:
    """x -> matrix x + shift, for each position x of a layer: (C, C) and (C,), in float64."""

    matrix: Tensor
    shift: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """The layer (1, C, H, W), carried over, in its own precision."""
        kernel = self.matrix[..., None, None].to(features)
        return torch.nn.functional.conv2d(features, kernel, self.shift.to(features))

    def partly(self, share: float) -> Carriage:
        """The way there, walked as far as `share`: 0 leaves everything where it is."""
        stay = torch.eye(len(self.shift)).to(self.matrix)
        return Carriage(torch.lerp(stay, self.matrix, share), share * self.shift)


def carriage(mean: Tensor, gram: Tensor, target_mean: Tensor, target_root: Tensor) -> Carriage:
    """The optimal transport from one layer's moments to another's.

    Args:
        mean, gram: (C,), (C, C): means of the features and of their products.
        target_mean: (C,).
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
    return Carriage(matrix, target_mean - matrix @ mean)
