"""Bars: as long as their shares, and never shorter than their names."""

from __future__ import annotations

import pytest

from artgen.figures.bar_chart import BAR, bars, percentage


def test_a_bar_is_as_long_as_its_share() -> None:
    drawn = bars([("one", 0.75), ("two", 0.25)], 200, "dark")
    half = drawn.shape[-2] // 2
    filled = [
        (drawn[0, 0, rows] - BAR[0]).abs().lt(1e-4).sum(1).max()
        for rows in (slice(0, half), slice(half, None))
    ]
    assert [int(one) for one in filled] == [150, 50]


def test_a_long_name_makes_room() -> None:
    assert bars([("a very long name of a class", 0.1)], 10, "light").shape[-1] > 100


@pytest.mark.parametrize(
    ("share", "words"), [(1, "100 %"), (0.834, "83 %"), (0.042, "4.2 %"), (0.0001, "< 0.1 %")]
)
def test_percentages_read_as_people_write_them(share: float, words: str) -> None:
    assert percentage(share) == words
