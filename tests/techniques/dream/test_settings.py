"""Settings of a dream: its size, and what does not go together."""

from __future__ import annotations

from typing import Any

import pytest
from pictures import smooth

from artgen.errors import UsageError
from artgen.ops.resize import fit
from artgen.runtime import Runtime

from .dreams import dream, made


@pytest.mark.parametrize("shape", [(49, 67), (67, 49), (20, 300), (31, 77)])
def test_the_result_is_as_large_as_the_files_will_be(
    shape: tuple[int, int], runtime: Runtime
) -> None:
    settings = dream(size=131, layer="relu2_1")
    photo = smooth(*shape, seed=4)
    assert settings.result_size({"content": [photo]}) == fit(shape, 131)
    assert made(settings, runtime, photo).shape == (1, 3, *fit(shape, 131))


@pytest.mark.parametrize(
    "other", [{"layer": "block3"}, {"channel": "3"}, {"guide": "g.png"}, {"sheet": True}]
)
def test_a_class_is_a_dream_of_its_own(other: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        dream(class_="tree frog", **other)


def test_a_zoom_has_no_sheet() -> None:
    with pytest.raises(UsageError, match="--zoom makes one film"):
        dream(zoom=True, sheet=True)
