"""Moments of features, and the optimal transport between two of them, as arrays in float64.

The twin of `gaussian_transport.py`, where the papers are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artgen.fast.onnx_graph import Array
from artgen.fast.shared import FAINT, FLAT, ROUNDING

__all__ = ["AffineMap", "Moments", "moments_of", "transport_map"]

Exact = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Means of a layer's features (C,), and of their products (C, C)."""

    mean: Exact
    gram: Exact

    @property
    def covariance(self) -> Exact:
        """(C, C)."""
        found: Exact = self.gram - np.outer(self.mean, self.mean)
        return found

    @cached_property
    def root(self) -> Exact:
        """The symmetric square root (C, C) of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        found: Exact = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
        return found

    def times(self, share: float) -> Moments:
        """A share of them, of a mixture."""
        return Moments(share * self.mean, share * self.gram)

    def plus(self, other: Moments) -> Moments:
        """The sum of two shares."""
        return Moments(self.mean + other.mean, self.gram + other.gram)


def moments_of(features: Array) -> Moments:
    """The moments of a layer (1, C, H, W)."""
    columns = features.reshape(features.shape[1], -1)
    gram = (columns @ columns.T).astype(np.float64) / columns.shape[1]
    return Moments(columns.mean(1, dtype=np.float64), gram)


@dataclass(frozen=True)
class AffineMap:
    """x -> matrix x + shift, for each position's features x: (C, C) and (C,)."""

    matrix: Exact
    shift: Exact

    def __call__(self, features: Array) -> Array:
        """The map of a layer (1, C, H, W), of its shape and precision."""
        columns = features.reshape(features.shape[1], -1)
        found: Array = self.matrix.astype(np.float32) @ columns
        found += self.shift.astype(np.float32)[:, None]
        return found.reshape(features.shape)

    def kernel(self) -> tuple[Exact, Exact]:
        """The same as kernels (C, C, 1, 1) and biases (C,) of a convolution."""
        return self.matrix[..., None, None], self.shift

    def partly(self, share: float) -> AffineMap:
        """Interpolation between the identity (share 0) and this map (share 1)."""
        stay = np.eye(len(self.shift))
        return AffineMap(stay + share * (self.matrix - stay), share * self.shift)


def transport_map(light: Moments, target: Moments) -> AffineMap:
    """The optimal transport from one layer's moments to another's."""
    root = target.root
    wanted = root @ root
    floor = FAINT * np.diag(light.covariance).mean() + FLAT * np.diag(wanted).mean()
    inner = root @ light.covariance @ root + floor * wanted
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    inverse = 1 / np.sqrt(np.where(values > ROUNDING * values[-1], values, np.inf))
    matrix = root @ (vectors * inverse) @ vectors.T @ root
    return AffineMap(matrix, target.mean - matrix @ light.mean)
