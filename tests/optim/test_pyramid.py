"""The pyramid: every iteration has its scale, and the last scale is the result's size."""

from __future__ import annotations

from itertools import pairwise

import pytest

from artgen.optim.pyramid import Scale, aligned, pyramid, usable

SIDES = (1, 16, 67, 127, 128, 129, 153, 200, 511, 512, 1000, 1024, 4096, 8192)


@pytest.mark.parametrize("side", SIDES)
def test_a_pyramid_shares_every_iteration_and_ends_at_the_side(side: int) -> None:
    for iterations in [*range(1, 41), 99, 100, 400, 1001]:
        scales = pyramid((side // 2 + 1, side), iterations)
        sides = [scale.side for scale in scales]
        assert sides[-1] == side
        assert sum(scale.iterations for scale in scales) == iterations
        # A scale without iterations would leave the result at the size of the one before.
        assert all(scale.iterations >= 1 for scale in scales)
        assert all(a < b for a, b in pairwise(sides))
        assert all(1.35 < b / a < 1.48 for a, b in pairwise(sides))


@pytest.mark.parametrize("side", SIDES)
def test_coarse_scales_get_more(side: int) -> None:
    scales = pyramid((side, side), 1000)
    for coarse, fine in pairwise(scales):
        assert coarse.iterations >= fine.iterations
        owed = [1000 / s.side / sum(1 / t.side for t in scales) for s in scales]
        assert all(abs(s.iterations - o) <= 1 for s, o in zip(scales, owed, strict=True))


@pytest.mark.parametrize(
    ("side", "iterations", "expected"),
    [
        (64, 7, [Scale((64, 64), 7)]),
        (128, 7, [Scale((128, 128), 7)]),
        (512, 1, [Scale((512, 512), 1)]),
        (512, 2, [Scale((362, 362), 1), Scale((512, 512), 1)]),
        (256, 60, [Scale((128, 128), 27), Scale((181, 181), 19), Scale((256, 256), 14)]),
    ],
)
def test_pyramids_by_hand(side: int, iterations: int, expected: list[Scale]) -> None:
    assert pyramid((side, side), iterations) == expected


def test_a_pyramid_begins_near_the_coarsest() -> None:
    for side in SIDES:
        first = pyramid((side, 1), 400)[0].side
        assert first == side if side <= 128 else 128 / 2**0.26 < first < 128 * 2**0.26


@pytest.mark.parametrize("stride", [1, 16])
def test_aligned_scales_are_multiples_and_lose_no_iteration(stride: int) -> None:
    scales = pyramid((208, 416), 90, coarsest=20)
    found = aligned(scales, stride)
    assert sum(scale.iterations for scale in found) == 90
    assert found[-1].size == (208, 416)
    assert len({scale.size for scale in found}) == len(found)
    assert all(side % stride == 0 for scale in found for side in scale.size)
    assert found == scales or stride > 1


def test_scales_too_small_for_a_layer_are_skipped() -> None:
    scales = [Scale((14, 14), 4), Scale((15, 19), 3), Scale((27, 27), 2), Scale((38, 38), 1)]
    assert usable(scales, 16) == [Scale((27, 27), 9), Scale((38, 38), 1)]
    assert usable(scales[:2], 16) == [Scale((15, 19), 7)]
    assert usable(scales, 1) == scales
