"""The body of all that paint: a pixel sees no farther than it says."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from small import small_painter

from artgen.fast.inference import moments_of
from artgen.fast.multi_style import Painter
from artgen.fast.unet import STRIDE


@pytest.fixture
def painter() -> Painter:
    return small_painter(blocks=2).double()


def test_a_pixel_sees_no_farther_than_the_reach(painter: Painter) -> None:
    side, middle = 2 * painter.reach + 3 * STRIDE, painter.reach + STRIDE
    picture = smooth(side, side, seed=1).double()
    mix = painter.mix({"red": 1})
    fixed = iter(moments_of(painter, picture, mix))
    picture.requires_grad_()
    painted = painter(picture, mix, lambda _: next(fixed))
    (gradient,) = torch.autograd.grad(painted[..., middle, middle].sum(), picture)
    seen = gradient.abs().sum((0, 1)).nonzero()
    assert (seen - middle).abs().max() <= painter.reach
    assert (seen - middle).abs().max() > painter.reach - 3 * STRIDE  # and not much farther
