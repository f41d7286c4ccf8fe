"""Full sums and matrix decompositions whose bits do not depend on the number of threads.

torch and MKL split such work into as many parts as there are threads, which changes the rounding.
Here a single thread does it, or it is split into parts of one size. Larger work, convolutions and
products, is split between sums and not within them, so that any number of threads gives the same
bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = [
    "alone",
    "alone_for",
    "dot",
    "eigh",
    "eigvalsh",
    "full_mean",
    "full_sum",
    "norm",
    "pinv",
    "product",
    "product_by_rows",
    "products_of_rows",
    "qr",
]

FEW = 256  # positions below which kernels split sums
BLOCK = 512  # rows whose products are summed in one go


@contextmanager
def alone() -> Iterator[None]:
    """Runs with one thread, where more would give other bits."""
    count = torch.get_num_threads()
    if count == 1:  # nothing is set: MKL's number holds for all threads of the process
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(count)


def alone_for(positions: int, channels: int) -> AbstractContextManager[None]:
    """One thread for a product (positions, any) x (any, channels) whose sums several would split.

    Seen with torch 2.14 on AVX2: oneDNN's and MKL's kernels split sums where there are few
    positions, or channels in no multiple of 16. That is little work, or a rare width.
    """
    odd = channels % 16 != 0 and channels > 3
    return alone() if positions < FEW or odd else nullcontext()


def full_sum(x: Tensor) -> Tensor:
    """The sum of all values (0-d), of a tensor of any shape."""
    with alone():
        return x.sum()


def full_mean(x: Tensor) -> Tensor:
    """The mean of all values (0-d), of a tensor of any shape."""
    with alone():
        return x.mean()


def norm(x: Tensor) -> Tensor:
    """The Euclidean norm (0-d) of a tensor of any shape."""
    with alone():
        found: Tensor = x.norm()
        return found


def dot(x: Tensor, y: Tensor) -> Tensor:
    """The dot product (0-d) of two tensors of one shape."""
    with alone():
        return torch.dot(x.flatten(), y.flatten())


def product(x: Tensor, y: Tensor) -> Tensor:
    """The matrix product x @ y of (N, C) and (C, K), where one of them is narrow.

    MKL splits the sums of a product whose sides are a few dozen long, but not those of wide ones.
    """
    found: Tensor = _Product.apply(x, y)
    return found


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(x, y)
        with alone():
            return x @ y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, y = ctx.saved_tensors
        with alone():
            return (
                gradient @ y.T if ctx.needs_input_grad[0] else None,
                x.T @ gradient if ctx.needs_input_grad[1] else None,
            )


def products_of_rows(x: Tensor, y: Tensor) -> Tensor:
    """The sum x^T y (C, D) of the outer products of rows, x (N, C) and y (N, D).

    N is a picture's positions, by far the longest side: MKL splits the sum among threads with
    AVX-512, whatever C and D are (seen with torch 2.14). Without a gradient.
    """
    whole = len(x) // BLOCK * BLOCK
    with alone():
        found = x[whole:].T @ y[whole:]
    if not whole:
        return found
    blocks, others = (_blocks(rows[:whole]) for rows in (x, y))
    with _each_alone(len(blocks)):
        return found + torch.bmm(blocks.transpose(1, 2), others).sum(0)


def product_by_rows(x: Tensor, y: Tensor, added: Tensor | None = None) -> Tensor:
    """The matrix product x @ y (N, D) of (N, C) and (C, D), N the longest side, as above.

    Plus a row (D,), if one is added.
    """
    added = y.new_zeros(y.shape[1]) if added is None else added
    found = x.new_empty((len(x), y.shape[1]))
    whole = len(x) // BLOCK * BLOCK
    with alone():
        torch.addmm(added, x[whole:], y, out=found[whole:])
    if whole:
        blocks = _blocks(x[:whole])
        with _each_alone(len(blocks)):
            others = y.expand(len(blocks), -1, -1)
            torch.baddbmm(added, blocks, others, out=_blocks(found[:whole]))
    return found


def _blocks(rows: Tensor) -> Tensor:
    """Rows (N, C), N a multiple of BLOCK, as (n, BLOCK, C)."""
    return rows.reshape(-1, BLOCK, rows.shape[1])


def _each_alone(blocks: int) -> AbstractContextManager[None]:
    """Each block's product by one thread: with fewer blocks than threads, some are split."""
    return nullcontext() if blocks >= torch.get_num_threads() else alone()


def eigh(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (C,), ascending, and eigenvectors (C, C) of a symmetric matrix (C, C)."""
    with alone():
        values, vectors = torch.linalg.eigh(matrix)
    return values, vectors


def eigvalsh(matrix: Tensor) -> Tensor:
    """Eigenvalues (C,), ascending, of a symmetric matrix (C, C)."""
    values: Tensor = _Eigenvalues.apply(matrix)
    return values


class _Eigenvalues(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        values: Tensor
        with alone():
            if ctx.needs_input_grad[0]:
                values, vectors = torch.linalg.eigh(matrix)
                ctx.save_for_backward(vectors)
            else:
                values = torch.linalg.eigvalsh(matrix)
        return values

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (vectors,) = ctx.saved_tensors
        with alone():
            pulled: Tensor = (vectors * gradient) @ vectors.T
        return pulled


def qr(matrix: Tensor) -> Tensor:
    """An orthonormal basis (C, k) of the columns of a matrix (C, k)."""
    with alone():
        basis: Tensor = torch.linalg.qr(matrix).Q
    return basis


def pinv(matrix: Tensor, least: float) -> Tensor:
    """The pseudo-inverse (C, C) of a matrix (C, C).

    Args:
        matrix: (C, C).
        least: singular values below this share of the largest count as zero.
    """
    with alone():
        inverse: Tensor = torch.linalg.pinv(matrix, rcond=least)
    return inverse
