"""Options that belong together, and those that do not."""

from __future__ import annotations

import pytest

from artgen.errors import UsageError
from artgen.techniques.texture.rules import APART, NEEDS, refuse_half

NAMES = {name for pair in (*NEEDS, *APART) for name in pair}


def given(*names: str) -> dict[str, object]:
    return {name: name in names for name in NAMES}


@pytest.mark.parametrize(("one", "needed"), NEEDS)
def test_half_of_what_belongs_together_is_refused(one: str, needed: str) -> None:
    with pytest.raises(UsageError, match=f"^{one} goes with {needed}, which is not given"):
        refuse_half(given(one, *(also for name, also in NEEDS if name == one and also != needed)))


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_does_not_go_together_is_refused(one: str, other: str) -> None:
    needed = {also for name, also in NEEDS if name in (one, other)}
    with pytest.raises(UsageError, match=f"^{one} and {other} do not go together"):
        refuse_half(given(one, other, *needed))


def test_nothing_given_is_nothing_refused() -> None:
    refuse_half(given())
