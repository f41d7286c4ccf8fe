"""A training's header, by which an unfinished one is continued or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from artgen.errors import UsageError
from artgen.runs.training_session import check_same


def test_only_the_same_training_is_continued() -> None:
    about = {"crop": 64, "keys": {"0": "abc"}, "sizes": (1, 2)}
    check_same({"training": json.dumps(about)}, about, Path("x.part"))
    with pytest.raises(UsageError) as refused:
        check_same({"training": json.dumps({**about, "crop": 32})}, about, Path("x.part"))
    assert refused.value.message == (
        "x.part is of a training with other settings or pictures: crop 32."
    )
    with pytest.raises(UsageError):
        check_same({}, about, Path("x.part"))
