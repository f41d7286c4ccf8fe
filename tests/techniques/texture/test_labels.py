"""Labels: told apart by colour, however badly saved."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.texture.labels import labels

RED, BLUE = (0.9, 0.1, 0.1), (0.1, 0.1, 0.8)


def half(height: int, width: int) -> Tensor:
    """White on the left."""
    return (torch.arange(width) < width // 2).float().expand(1, 1, height, width)


def painted(where: Tensor) -> Tensor:
    """Red where a mask (1, 1, H, W) is white, blue elsewhere."""
    red, blue = (torch.tensor(colour).view(1, 3, 1, 1) for colour in (RED, BLUE))
    return torch.where(where > 0.5, red, blue)


def test_labels_are_told_by_colour_however_badly_saved() -> None:
    where = half(20, 30)
    noise = 0.04 * torch.randn(1, 3, 20, 30, generator=torch.Generator().manual_seed(0))
    (red, (red_there,)), (blue, (blue_there,)) = sorted(
        labels(painted(half(10, 10).mT), [(painted(where) + noise).clamp(0, 1)]),
        key=lambda pair: -float(pair[0][0, 0, 0, 0]),
    )
    assert red.equal(half(10, 10).mT)
    assert red_there.equal(where)
    assert blue.equal(1 - red)
    assert blue_there.equal(1 - red_there)


def test_a_label_of_the_sample_alone_is_left_out() -> None:
    assert len(labels(painted(torch.ones(1, 1, 5, 5)), [painted(half(9, 9))])) == 1


def test_specks_are_no_labels() -> None:
    guide = painted(half(40, 40))
    guide[..., 3, 3] = 1.0
    assert len(labels(guide, [guide])) == 2


def test_a_colour_that_the_sample_has_not_is_named() -> None:
    with pytest.raises(UsageError, match="the colour #1a1acc") as caught:
        labels(painted(half(9, 9)), [painted(torch.ones(1, 1, 9, 9))])
    assert "#e51a1a" in caught.value.hint
