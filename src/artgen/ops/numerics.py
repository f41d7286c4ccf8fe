"""Small numerics: at least float32, float64 where the device has it, a matrix's square root."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.reductions import eigh

__all__ = ["TINY", "exact", "square_root", "wide"]

# Least divisor, where one may be 0. Where it is not, all that we divide by is far larger: energies
# of features, ranges of colours (an 8-bit step squared is 1.5e-5).
TINY = 1e-8


def wide(x: Tensor) -> Tensor:
    """At least float32: half-precision sums of a hundred thousand squares lose the picture."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def exact(x: Tensor) -> Tensor:
    """In float64, on the CPU where the device has none (Apple's GPU)."""
    return (x.cpu() if x.device.type == "mps" else x).double()


def square_root(covariance: Tensor) -> Tensor:
    """The symmetric square root (C, C) of a positive semi-definite matrix (C, C), in float64.

    float64 because LAPACK's float32 solvers fail on the rank-deficient covariances of small maps.
    """
    values, vectors = eigh(exact(covariance))
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root
