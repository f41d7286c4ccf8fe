"""Reductions: right, differentiable, and the same bits however many threads there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from bits import COUNTS, threads
from torch import Tensor

from artgen.ops import reductions

COVARIANCE = torch.randn((96, 96), generator=torch.Generator().manual_seed(1)).double()
COVARIANCE = COVARIANCE @ COVARIANCE.T
LARGE = 70_001  # values; torch shares out what has more than 32,768


def values(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


CASES: dict[str, Callable[[], Tensor]] = {
    "full_sum": lambda: reductions.full_sum(values(LARGE)),
    "full_mean": lambda: reductions.full_mean(values(1, 7, 97, 113)),
    "norm": lambda: reductions.norm(values(LARGE)),
    "dot": lambda: reductions.dot(values(3, LARGE), values(3, LARGE).flip(1)),
    "product": lambda: reductions.product(values(9996, 24).T, values(9996, 24)),
    "products_of_rows": lambda: reductions.products_of_rows(values(14_400, 96), values(14_400, 96)),
    "product_by_rows": lambda: reductions.product_by_rows(values(768, 1152), values(1152, 64)),
    "eigh": lambda: reductions.eigh(COVARIANCE)[1],
    "eigvalsh": lambda: reductions.eigvalsh(COVARIANCE),
    "qr": lambda: reductions.qr(values(128, 128, dtype=torch.float64)),
    "pinv": lambda: reductions.pinv(values(96, 96, dtype=torch.float64), 1e-3),
}


@pytest.mark.parametrize("name", CASES)
def test_any_number_of_threads_makes_the_same_bits(name: str) -> None:
    found = []
    for count in COUNTS:
        with threads(count):
            found.append(CASES[name]())
            assert torch.get_num_threads() == count
    assert all(torch.equal(one, found[0]) for one in found)


def test_every_function_is_among_the_cases() -> None:
    assert set(CASES) == set(reductions.__all__) - {"alone", "alone_for"}


def test_they_are_what_torch_makes_of_it() -> None:
    x, y = values(40, 50, dtype=torch.float64), values(50, 30, dtype=torch.float64)
    symmetric, long = x @ x.T, values(1100, 3, dtype=torch.float64)
    pairs = [
        (reductions.full_sum(x), x.sum()),
        (reductions.full_mean(x), x.mean()),
        (reductions.norm(x), x.square().sum().sqrt()),
        (reductions.dot(x, x + 1), (x * (x + 1)).sum()),
        (reductions.product(x, y), x @ y),
        (reductions.products_of_rows(y, y), y.T @ y),
        (reductions.product_by_rows(x, y), x @ y),
        (reductions.product_by_rows(long, long.T, long[:, 0]), long @ long.T + long[:, 0]),
        (reductions.product_by_rows(long, long.T), long @ long.T),
        (reductions.products_of_rows(long, long + 1), long.T @ (long + 1)),
        (reductions.eigvalsh(symmetric), torch.linalg.eigvalsh(symmetric)),
        (reductions.qr(x) @ (reductions.qr(x).T @ x), x),
        (reductions.pinv(symmetric, 1e-12) @ symmetric, torch.eye(40, dtype=x.dtype)),
    ]
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs)
    basis = reductions.eigh(symmetric)
    torch.testing.assert_close(basis[1] * basis[0] @ basis[1].T, symmetric)


def test_the_products_gradient_is_that_of_finite_differences() -> None:
    x = values(5, 4, dtype=torch.float64).requires_grad_()
    y = values(4, 3, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(reductions.product, (x, y))


def test_alone_gives_the_threads_back_whatever_happens() -> None:
    with threads(2):
        with reductions.alone():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with pytest.raises(ZeroDivisionError), reductions.alone():
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
