"""Small numerics: promotion to float32 or float64, and a matrix's square root."""

from __future__ import annotations

import torch
from torch import Tensor

from artgen.ops.arrays import TINY
from artgen.ops.reductions import eigh

__all__ = ["TINY", "exact", "square_root", "wide"]


def wide(x: Tensor) -> Tensor:
    """A tensor of any shape in float32 at least: half precision cannot sum 10^5 squares."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def exact(x: Tensor) -> Tensor:
    """A tensor of any shape in float64, on the CPU where the device has none (Apple's GPU)."""
    return (x.cpu() if x.device.type == "mps" else x).double()


def square_root(covariance: Tensor) -> Tensor:
    """The symmetric square root (C, C) of a positive semi-definite matrix (C, C), in float64.

    float64 because LAPACK's float32 solvers fail on the rank-deficient covariances of small maps.
    """
    values, vectors = eigh(exact(covariance))
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root
