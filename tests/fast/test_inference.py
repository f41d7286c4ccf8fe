"""A painter at work: tiles give what one piece gives."""

from __future__ import annotations

import pytest
import torch.nn.functional as F
from pictures import smooth
from small import small_painter
from torch import Tensor

from artgen.fast import inference
from artgen.fast.inference import paint, pieces, sheet
from artgen.fast.multi_style import Painter
from artgen.fast.unet import STRIDE


@pytest.fixture
def painter() -> Painter:
    return small_painter()


@pytest.fixture
def picture() -> Tensor:
    return smooth(131, 203, seed=1)


def last(painter: Painter, picture: Tensor, tile: int | None, *, exact: bool = False) -> Tensor:
    *_, (count, total, painted) = paint(
        painter, picture, painter.mix({"red": 1}), tile, exact=exact
    )
    assert count == total
    return painted


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("tile", [32, 50])
def test_tiles_are_the_picture_in_one_piece(
    painter: Painter, picture: Tensor, tile: int, exact: bool
) -> None:
    painter, picture = painter.double(), picture.double()
    whole = last(painter, picture, None)
    assert len(pieces(painter, (136, 208), tile)) > 8
    assert (last(painter, picture, tile, exact=exact) - whole).abs().max() < 1e-9


def test_a_smaller_copy_gives_nearly_the_same_moments(
    painter: Painter, picture: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = last(painter, picture, None)
    monkeypatch.setattr(inference, "COPY", 128)
    nearly = last(painter, picture, 48)
    assert 0 < (nearly - whole).abs().mean() < 0.1  # no training has calmed it
    assert (last(painter, picture, 48, exact=True) - whole).abs().max() < 1e-4


def test_it_counts_its_tiles_and_holds_colours_in_the_gamut(
    painter: Painter, picture: Tensor
) -> None:
    seen = [(n, total) for n, total, _ in paint(painter, picture, painter.mix({"blue": 1}), 64)]
    assert seen == [(n, len(seen)) for n in range(1, len(seen) + 1)]
    painted = last(painter, picture, 64)
    assert painted.shape == picture.shape
    assert painted.min() >= 0
    assert painted.max() <= 1


def test_a_sheet_shows_the_photo_and_every_style(painter: Painter, picture: Tensor) -> None:
    drawn = sheet(painter, picture, side=64, columns=2)
    assert drawn.shape == (1, 3, 2 * 41, 2 * 64)
    assert drawn[..., :41, :64].std() > 0
    assert drawn[..., 41:, 64:].eq(1).all()  # the empty place of four


def test_no_pixel_is_one_of_the_very_edge(painter: Painter, picture: Tensor) -> None:
    """Networks leave specks there: what is painted is a larger picture, and its edge is cut off."""
    larger = F.pad(picture, (STRIDE,) * 4, mode="replicate")
    wanted = painter(larger, painter.mix({"red": 1}))[..., STRIDE:-STRIDE, STRIDE:-STRIDE]
    assert last(painter, picture, None).equal(wanted.clamp(0, 1))
