"""Mixtures of styles, and how much of the photo is left."""

from __future__ import annotations

import pytest

from artgen.errors import UsageError
from artgen.fast.shared import mixture, photo_share

STYLES = ("photo", "ink", "wave")


def test_shares_are_normalised_and_leave_the_rest_to_the_photo() -> None:
    assert mixture(STYLES, {"ink": 3, "wave": 1}, 1.0)[0].tolist() == [0, 0.75, 0.25]
    assert mixture(STYLES, {"wave": 5}, 0.25)[0].tolist() == [0.75, 0, 0.25]


@pytest.mark.parametrize("shares", [{"ink": 0}, {"ink": -1, "wave": 3}])
def test_shares_that_are_no_mixture(shares: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="no mixture"):
        mixture(STYLES, shares, 1.0)


def test_an_unknown_style_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"no trained style 'inc'.*'ink'"):
        mixture(STYLES, {"inc": 1}, 1.0)


def test_the_photo_takes_its_place_where_nothing_else_is_left() -> None:
    assert [photo_share(left) for left in (0.0, 0.5, 1.0)] == [0, 0.0625, 1]
