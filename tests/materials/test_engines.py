"""The conventions of engines: names that can be files, and channels that can be filled."""

from __future__ import annotations

import pytest

from artgen.errors import UsageError
from artgen.materials.engines import ENGINES, NEUTRAL, check_size, is_power_of_two


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


def test_powers_of_two() -> None:
    assert [side for side in range(20) if is_power_of_two(side)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(("size", "taken"), [((512, 500), "512x512"), ((3, 64), "64x16")])
def test_other_sizes_are_refused_with_one_that_fits(size: tuple[int, int], taken: str) -> None:
    check_size((512, 256))
    with pytest.raises(UsageError, match="powers of two") as caught:
        check_size(size)
    assert caught.value.hint == f"Take --size {taken}."
