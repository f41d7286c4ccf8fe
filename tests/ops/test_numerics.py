"""Small numerics: exact where it counts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.ops.numerics import square_root


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("rank", [1, 3, 5])
def test_the_root_squared_is_the_matrix(rank: int) -> None:
    half = random(5, rank)
    covariance = half @ half.T
    root = square_root(covariance)
    torch.testing.assert_close(root @ root, covariance, atol=1e-12, rtol=0)
    torch.testing.assert_close(root, root.T)
    assert torch.linalg.eigvalsh(root).min() > -1e-7
    assert square_root(covariance.float()).dtype == torch.float64
