"""The technique itself: what it refuses before its run begins."""

from __future__ import annotations

from typing import Any

import pytest
from pictures import smooth

from artgen.errors import UsageError
from artgen.runtime import Runtime

from .textures import texture


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"guide": "map.png", "sample_guide": ("own.png",)}, "'map.png' for 'guide' was not given"),
        ({"inpaint": "photo.jpg", "mask": "hole.png"}, "'photo.jpg' for 'inpaint' was not given"),
    ],
)
def test_pictures_that_settings_name_have_to_be_given(
    changes: dict[str, Any], message: str, runtime: Runtime
) -> None:
    run = texture(**changes).run({"sample": [smooth(60, 70, seed=4)]}, runtime)
    with pytest.raises(UsageError, match=message):
        next(iter(run))
