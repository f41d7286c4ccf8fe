"""Damaged files of every kind are read or refused, in one sentence and soon."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from damaged import KINDS, OPERATIONS, Change, Kind, damaged, outcome, sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SOON = 5.0  # seconds
CHANGES = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.floats(0, 1), st.binary(max_size=12)),
    min_size=1,
    max_size=5,
)
FUZZ = settings(
    max_examples=150,
    deadline=None,  # judged below, with what was read
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sound_file_is_read(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"a{kind.suffix}"
    path.write_bytes(sound(kind))
    assert outcome(kind, path)[0] == "read"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"a{kind.suffix}"

    @FUZZ
    @given(CHANGES)
    def judged(changes: Sequence[Change]) -> None:
        path.write_bytes(damaged(sound(kind), changes))
        said, seconds = outcome(kind, path)
        assert said in ("read", "refused")
        assert seconds < SOON

    judged()
