"""A style picture: as large as its strokes are to be, and turned."""

from __future__ import annotations

import torch
from pictures import smooth
from torch import Tensor

from artgen.techniques.common.painting import Painting


def test_a_painting_is_as_long_as_the_photo_times_its_scale(painting: Tensor) -> None:
    assert Painting(painting).at(120, 1).shape[-2:] == (120, 90)
    assert Painting(painting, scale=0.5).at(120, 1).shape[-2:] == (60, 45)
    assert Painting(painting, scale=0.5).at(120, 50).shape[-2:] == (60, 50)


def test_a_painting_is_turned_against_the_clock(painting: Tensor) -> None:
    quarter = Painting(painting, turn=90).at(60, 1)
    assert quarter.equal(torch.rot90(painting, 1, (2, 3)))
    assert Painting(painting, turn=-270).at(60, 1).equal(quarter)
    square = smooth(41, 41, seed=3)
    almost, exact = (Painting(square, turn=turn).at(41, 1) for turn in (89.9, 90.0))
    assert (almost - exact)[..., 5:-5, 5:-5].abs().mean() < 0.005
    assert Painting(square, turn=30).at(41, 1).isfinite().all()
