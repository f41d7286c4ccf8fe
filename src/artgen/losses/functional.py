"""Losses as pure functions of tensors: second moments, Gram and Wasserstein distances, variation.

Everything here is a function of *sums over positions*, so that a picture may be processed in tiles
and the sums added up. Sums are taken in float32 at least, whatever the network computes in.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from artgen.ops.numerics import TINY, exact, wide
from artgen.ops.reductions import (
    alone_for,
    eigvalsh,
    full_sum,
    product,
    product_by_rows,
    products_of_rows,
)

__all__ = [
    "adain_distance",
    "as_rows",
    "content_distance",
    "gram_distance",
    "moments",
    "total_variation",
    "wasserstein_distance",
]

# Added to a variance, as a share of the target's energy per channel: a root has no gradient at 0.
# An absolute floor would drown the small eigenvalues of layers with small activations.
FLOOR = 1e-5
SPARSE = 0.5  # share of the positions below which those that count nothing are left out


def as_rows(features: Tensor) -> Tensor:
    """Features (1, C, H, W) as rows (H*W, C), position by position."""
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])


def moments(features: Tensor, guide: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Sums of the features and of their products over all positions.

    Args:
        features: (1, C, H, W).
        guide: (1, 1, H, W), weight of each position; 1 for all if None.

    Returns:
        (C,) and (C, C); divided by H*W they are the mean and the Gram matrix of Gatys et al. 2016
        (equation 3, there without the division).
    """
    rows = as_rows(wide(features))
    counts = None if guide is None else guide.reshape(-1, 1).to(rows)
    if counts is not None:
        shown = counts[:, 0].nonzero()[:, 0]
        if len(shown) < SPARSE * len(counts):
            rows, counts = rows[shown], counts[shown]
    sums: tuple[Tensor, Tensor] = _Moments.apply(rows, counts)
    return sums


class _Moments(torch.autograd.Function):
    """Column sums (C,) and X^T X (C, C) of X (N, C), with a single product in the backward pass.

    autograd by itself makes two products for X^T X, and lays the gradient out channels first, which
    makes every later layer of a channels_last network several times slower. Counts (N, 1), which
    have no gradient, are weights of the rows.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, rows: Tensor, counts: Tensor | None) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(rows, *(() if counts is None else (counts,)))
        counted = rows if counts is None else rows * counts
        with alone_for(*rows.shape):
            total = counted.sum(0)
        return total, products_of_rows(rows, counted)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, total: Tensor, products: Tensor) -> tuple[Tensor, None]:
        rows, *counts = ctx.saved_tensors
        pulled = product_by_rows(rows, products + products.T, total)
        return pulled * counts[0] if counts else pulled, None


def gram_distance(gram: Tensor, target: Tensor) -> Tensor:
    """Squared distance of two Gram matrices (C, C) over the target's squared norm (0-d).

    Gatys et al. 2016, equation 4, but relative: so a layer's weight means the same whatever its
    width, its energy, or the size of the picture.
    """
    return full_sum((gram - target).square()) / full_sum(target.square()).clamp(min=TINY)


def wasserstein_distance(
    mean: Tensor, gram: Tensor, target_mean: Tensor, target_gram: Tensor, target_root: Tensor
) -> Tensor:
    """Squared 2-Wasserstein distance between two Gaussians, over the target's energy (0-d).

    |m - m*|^2 + tr(C + C* - 2 (C*^1/2 C C*^1/2)^1/2), Dowson & Landau 1982, as a style loss in
    crowsonkb/style-transfer-pytorch. Unlike there, the root's trace is summed from eigenvalues (its
    gradient is exact and needs no iteration), and the whole is divided by the target's mean square.

    Args:
        mean, gram: (C,), (C, C): mean of the features and of their products.
        target_mean, target_gram: (C,), (C, C): the same of the target.
        target_root: `square_root` (C, C) of the target's covariance, in float64.
    """
    covariance = gram - torch.outer(mean, mean)
    target_covariance = target_gram - torch.outer(target_mean, target_mean)
    energy = target_gram.diagonal().sum().clamp(min=TINY)
    inner = product(product(target_root, exact(covariance)), target_root)
    values = eigvalsh((inner + inner.T) / 2)
    floor = exact(FLOOR * energy / len(mean)).square()
    root_trace = (values.clamp(min=0) + floor).sqrt().sum().to(mean)
    traces = covariance.diagonal().sum() + target_covariance.diagonal().sum()
    distance = (mean - target_mean).square().sum() + traces - 2 * root_trace
    relative: Tensor = distance / energy
    return relative


def adain_distance(mean: Tensor, gram: Tensor, target_mean: Tensor, target_gram: Tensor) -> Tensor:
    """Squared distance of channels' means and standard deviations, over the target's energy (0-d).

    What Huang & Belongie 2017 (equation 12) train with, similar to Li et al. 2017, Demystifying
    Neural Style Transfer, section 4.2; relative here. Correlations of channels do not count.

    Args:
        mean, gram: (C,), (C, C): mean of the features and of their products.
        target_mean, target_gram: (C,), (C, C): the same of the target.
    """
    energy = target_gram.diagonal().sum().clamp(min=TINY)
    floor = FLOOR * energy / len(mean)

    def deviation(mean: Tensor, gram: Tensor) -> Tensor:
        return ((gram.diagonal() - mean.square()).clamp(min=0) + floor).sqrt()

    spread = deviation(mean, gram) - deviation(target_mean, target_gram)
    relative: Tensor = ((mean - target_mean).square().sum() + spread.square().sum()) / energy
    return relative


def content_distance(features: Tensor, target: Tensor) -> Tensor:
    """Sum of squared differences of two maps (1, C, H, W) (0-d); Gatys et al. 2016, equation 1."""
    return full_sum((wide(features) - wide(target)).square())


def total_variation(picture: Tensor, rows: slice, columns: slice) -> Tensor:
    """Sum of squared differences from each chosen pixel to its neighbours below and right (0-d).

    Args:
        picture: (1, C, H, W).
        rows, columns: the pixels that count; their neighbours may lie one beyond.
    """
    picture = wide(picture)
    down = picture[..., rows.start : rows.stop + 1, columns].diff(dim=-2)
    right = picture[..., rows, columns.start : columns.stop + 1].diff(dim=-1)
    return full_sum(down.square()) + full_sum(right.square())
