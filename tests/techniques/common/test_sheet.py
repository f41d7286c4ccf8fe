"""Settings of a sheet: a photo or noise, and not both."""

from __future__ import annotations

from typing import Any

import pytest
from torch import Tensor

from artgen.errors import UsageError
from artgen.runtime import Runtime
from artgen.techniques import technique

QUICK = {"net": "tiny", "separate": True}


def events(name: str, content: list[Tensor], **settings: Any) -> list[Any]:
    asked = technique(name)(**QUICK | settings)
    return list(asked.run({"content": content}, Runtime("cpu", "float32", seed=1)))


def test_noise_takes_no_photo(photo: Tensor) -> None:
    with pytest.raises(UsageError, match="--init noise takes no photo"):
        events("see_fool", [photo], init="noise")
