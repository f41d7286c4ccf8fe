"""Adam moves as torch's does, and leaves what is not finite alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from artgen.optim.adam import Adam


def gradient(x: Tensor) -> Tensor:
    return (x - 0.3) * torch.linspace(1, 100, x.numel()).view_as(x)


def test_it_moves_as_torchs_does() -> None:
    ours, theirs = torch.zeros(1, 3, 4, 5), torch.zeros(1, 3, 4, 5)
    adam = Adam(ours, 0.02)
    other = torch.optim.Adam([theirs], lr=0.02, betas=(0.9, 0.99))
    for _ in range(40):
        adam.step(gradient(ours))
        theirs.grad = gradient(theirs)
        other.step()
        torch.testing.assert_close(ours, theirs)


def test_a_nan_says_nothing() -> None:
    x = torch.zeros(4)
    adam = Adam(x, 0.1)
    adam.step(torch.tensor([1.0, math.nan, math.inf, -1.0]))
    torch.testing.assert_close(x, torch.tensor([-0.1, 0.0, 0.0, 0.1]))
    assert all(value.isfinite().all() for value in adam.state().values())


def test_its_state_can_be_taken_up_again() -> None:
    one, two = torch.zeros(1, 3, 4, 5), torch.zeros(1, 3, 4, 5)
    first, second = Adam(one), Adam(two)
    for _ in range(3):
        first.step(gradient(one))
    two.copy_(one)
    second.load(first.state())
    first.step(gradient(one))
    second.step(gradient(two))
    assert one.equal(two)
