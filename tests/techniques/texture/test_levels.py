"""Levels and patches: what touches the hole, what is known, and where each patch lies."""

from __future__ import annotations

import torch
from pictures import smooth

from artgen.techniques.texture.levels import (
    PATCH,
    atlas_of,
    levels_of,
    patches_of,
    pixels_of,
    sizes_of,
)


def test_each_size_is_half_of_the_next() -> None:
    assert sizes_of((400, 300)) == [(100, 75), (200, 150), (400, 300)]
    assert sizes_of((50, 30)) == [(50, 30)]


def test_a_patch_is_cut_out_where_its_corner_is() -> None:
    picture = smooth(20, 30, seed=1)
    (patch,) = patches_of(picture, torch.tensor([[4, 9]]))
    assert patch.view(3, PATCH, PATCH).equal(picture[0, :, 4 : 4 + PATCH, 9 : 9 + PATCH])
    assert pixels_of(picture, torch.tensor([[4, 9]]))[0, 0] == 4 * 30 + 9


def test_samples_lie_below_each_other_and_the_gap_is_unknown() -> None:
    one, two = smooth(20, 30, seed=1), smooth(10, 20, seed=2)
    mask = torch.zeros(1, 1, 10, 20)
    atlas, known = atlas_of([one, two], [None, mask], gap=4)
    assert atlas.shape == (1, 3, 20 + 4 + 10 + 4, 30)
    assert atlas[..., :20, :].equal(one)
    assert known[..., :20, :].all()
    assert not known[..., 20:, :].any()


def test_only_patches_that_touch_the_hole_are_looked_for_and_only_known_ones_found() -> None:
    photo, known = smooth(40, 40, seed=1), torch.ones(1, 1, 40, 40)
    known[..., 18:22, 18:22] = 0
    (level,) = levels_of(photo, known, *atlas_of([photo], [known], 2), [(40, 40)])
    assert level.hole.sum() == 16
    assert len(level.places) == (4 + PATCH - 1) ** 2
    assert not level.whole[18, 18]
    assert level.whole[0, 0]
    inside = level.inside(torch.tensor([[-5, 100]]))
    assert inside.tolist() == [[0, level.whole.shape[1] - 1]]
