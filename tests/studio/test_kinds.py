"""What the page can ask for."""

from __future__ import annotations

import pytest

from artgen.core.schema import fields_of
from artgen.errors import UsageError
from artgen.runs.following import Following
from artgen.studio import kinds
from artgen.studio.kinds import FOLLOW, FollowFilm


def test_techniques_and_films_are_offered() -> None:
    assert {"style", "fast_apply", FOLLOW} <= kinds.offered().keys()
    assert "see_map" not in kinds.offered()
    assert kinds.kind(FOLLOW) is FollowFilm


def test_a_film_has_all_settings_of_its_training() -> None:
    names = {one.name for one in kinds.known_fields(FOLLOW)}
    assert {one.name for one in fields_of(Following)} <= names
    assert {"key", "steady", "flow", "propagate"} <= names
    assert not {one.name for one in kinds.known_fields("fast_apply")} & {"steady", "painter"}


def test_a_film_needs_a_painted_frame() -> None:
    assert kinds.settings(FOLLOW, {"key": ["3=a.png"], "iterations": 5}).iterations == 5
    with pytest.raises(UsageError, match="no painted frame yet"):
        kinds.settings(FOLLOW, {})
