"""Pieces laid side by side are of one brightness, and nothing else of them changes."""

from __future__ import annotations

import torch
from pictures import smooth
from torch import Tensor

from artgen.techniques.texture.blending import LITTLE, joined

HEIGHT, WIDTH, SEAM = 24, 40, 18


def mended(atlas: Tensor, source: Tensor, known: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The atlas's left part carried on by pixels of it, right of SEAM: as laid, and as joined."""
    hole = (torch.arange(WIDTH) >= SEAM).expand(HEIGHT, WIDTH)
    laid = atlas[0].flatten(1)[:, source][None]
    there = torch.ones(atlas.shape[-2:], dtype=torch.bool) if known is None else known
    return laid, joined(laid, hole, atlas, there, source)


def places(shift: int, height: int = HEIGHT) -> Tensor:
    """Each pixel's own, and right of SEAM that so many columns on."""
    columns = torch.arange(WIDTH)
    columns = torch.where(columns >= SEAM, columns + shift, columns)
    return torch.arange(height)[:, None] * (2 * WIDTH) + columns


def twice(step: float) -> Tensor:
    """A picture, and right of it the same once more, brighter by a step."""
    one = smooth(HEIGHT, WIDTH, seed=3) * 0.3 + 0.1
    return torch.cat([one, one + step], 3)


def test_a_step_of_brightness_is_spread_and_the_forms_stay() -> None:
    atlas = twice(0.05)
    laid, made = mended(atlas, places(WIDTH))
    plain = atlas[..., :WIDTH]  # as if it had gone on without a step
    seam = slice(SEAM - 1, SEAM + 1)
    wrong, left = ((x - plain)[..., seam].diff(dim=3).abs().mean() for x in (laid, made))
    assert float(wrong) > 0.049
    assert float(left) < 0.006
    assert made[..., :SEAM].equal(laid[..., :SEAM])
    inner = (made - laid)[..., SEAM:].diff(dim=3).abs().amax()
    assert float(inner) < 0.006  # no new step anywhere else


def test_an_edge_stays_an_edge() -> None:
    laid, made = mended(twice(5 * LITTLE), places(WIDTH))
    assert float((made - laid).abs().amax()) < 0.02


def test_down_as_across() -> None:
    atlas = twice(0.05)
    laid, made = mended(atlas, places(WIDTH))
    turned = atlas.mT
    source = (
        torch.arange(WIDTH)[:, None] + WIDTH * (torch.arange(WIDTH)[:, None] >= SEAM)
    ) * HEIGHT
    source = source + torch.arange(HEIGHT)
    hole = (torch.arange(WIDTH) >= SEAM)[:, None].expand(WIDTH, HEIGHT)
    there = torch.ones(turned.shape[-2:], dtype=torch.bool)
    again = joined(laid.mT, hole, turned, there, source)
    torch.testing.assert_close(again.mT, made, atol=1e-5, rtol=0)


def test_what_goes_on_without_a_seam_is_left_alone() -> None:
    laid, made = mended(twice(0.0), places(0))
    assert made.equal(laid)
    none = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
    assert joined(laid, none, laid, ~none, places(0)) is laid


def test_what_is_not_known_of_a_source_tells_nothing() -> None:
    """Each row is cut from one whose neighbours are unknown: nothing says what a step should be."""
    atlas = twice(0.05)
    known = torch.ones(HEIGHT, 2 * WIDTH, dtype=torch.bool)
    known[:, :SEAM], known[:, WIDTH + SEAM - 1] = False, False
    laid, made = mended(atlas, places(WIDTH), known)
    spoilt = atlas.clone()
    spoilt[..., WIDTH + SEAM - 1] = 9.0
    again = mended(spoilt, places(WIDTH), known)[1]
    assert again.equal(made)
    assert made.equal(laid)
