"""Words as coverage: they fit, stand level, and differ."""

from __future__ import annotations

import pytest

from artgen.figures.sheet import LABEL
from artgen.images import lettering


def test_letters_cover_and_leave_free() -> None:
    cover = lettering("relu1_1", 15)
    assert cover.shape[:2] == (1, 1)
    assert (cover.min(), cover.max()) == (0, 1)


def test_lines_are_equally_high_and_longer_ones_wider() -> None:
    short, long = lettering("7", 15), lettering("conv4_1: 7 of 128", 15)
    assert short.shape[-2] == long.shape[-2]
    assert short.shape[-1] < long.shape[-1]


@pytest.mark.parametrize("text", ["gjpqy_,()", "HAMBURGE fonstiv"])
def test_no_letter_is_cut(text: str) -> None:
    cover = lettering(text, 15)
    assert cover[..., -1, :].max() == 0
    assert lettering(text + "  ", 15)[..., : cover.shape[-1]].equal(cover)
    assert lettering(text + "  ", 15)[..., cover.shape[-1] :].max() == 0


def test_capitals_are_eleven_pixels_high_at_the_labels_size() -> None:
    rows = lettering("H", LABEL).amax((0, 1, 3)).gt(0.3)
    assert int(rows.sum()) >= 11


def test_no_text_is_no_ink() -> None:
    assert lettering("", 15).max() == 0
