"""The conventions of engines: names that can be files, and channels that can be filled."""

from __future__ import annotations

import pytest

from artgen.materials.engines import ENGINES, NEUTRAL


@pytest.mark.parametrize("engine", ENGINES)
def test_names_differ_and_channels_are_known(engine: str) -> None:
    rules = ENGINES[engine]
    names = [one.format("x") for one in (rules.colour, rules.normal, rules.height, rules.packed)]
    assert len({*names, rules.other.format("x", "own")}) == 5
    assert {*rules.channels} <= {*NEUTRAL, "smoothness"}


def test_unreal_takes_green_down_and_plain_names() -> None:
    unreal = ENGINES["unreal"]
    assert unreal.green == "DirectX (green down)"
    assert unreal.material("red bricks-texture.2") == "red_bricks_texture_2"
    assert unreal.material("--") == "texture"
    assert ENGINES["unity"].material("red bricks") == "red bricks"
