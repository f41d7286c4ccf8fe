"""Finds operations whose result has other bits with another number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

__all__ = ["COUNTS", "Varying", "threads"]

COUNTS = (1, 2, 4)  # of threads that are compared
UNTRIED = {  # what makes no numbers of others, or others each time
    *("bernoulli", "bernoulli_", "empty", "empty_like", "empty_strided", "new_empty", "normal_"),
    *("rand", "randint", "randn", "randperm", "random_", "uniform_", "_local_scalar_dense"),
    *("set_", "new_empty_strided"),
}


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads, and then as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Varying(TorchDispatchMode):
    """Makes every operation that comes along with 1, 2 and 4 threads, and compares.

    What is made while there is one thread is taken as meant so. Enter it with several.

    Attributes:
        found: name and shapes of each operation that had other bits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, given: tuple[Any, ...] = (), named: Any = None
    ) -> Any:
        named = named or {}
        real = all(one.device.type == "cpu" for one in _tensors((given, named)))
        if real and torch.get_num_threads() > 1 and function._opname not in UNTRIED:
            first, *others = (self._made(function, given, named, count) for count in COUNTS)
            if not all(map(_same, first * len(others), chain(*others))):
                shapes = [tuple(one.shape) for one in _tensors((given, named))]
                self.found.append(f"{function} {shapes}")
        return function(*given, **named)

    def _made(
        self, function: Callable[..., Any], given: Any, named: Any, count: int
    ) -> list[Tensor]:
        """What it makes, and what it makes of its arguments."""
        given, named = tree_map(lambda x: x.clone() if isinstance(x, Tensor) else x, (given, named))
        with threads(count):
            return _tensors((function(*given, **named), given, named))


def _tensors(tree: Any) -> list[Tensor]:
    return [one for one in tree_flatten(tree)[0] if isinstance(one, Tensor)]


def _same(one: Tensor, other: Tensor) -> bool:
    if one.is_floating_point() and not one.is_complex():
        one, other = one.nan_to_num(12345), other.nan_to_num(12345)
    return torch.equal(one, other)
