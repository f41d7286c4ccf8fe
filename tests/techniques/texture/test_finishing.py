"""What goes with a finished texture: derived maps, proofs, sets, and the sentences about them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen import images
from artgen.core.events import Note, Result
from artgen.errors import UsageError
from artgen.ops.relief import flipped, green_agreement, normals_from_heights, unit
from artgen.ops.repetition import Repetition
from artgen.runtime import Runtime
from artgen.techniques.texture.finishing import Finish, _said

from .textures import texture


@pytest.fixture
def heights() -> Tensor:
    return smooth(64, 64, seed=4)[:, :1]


@pytest.fixture
def sample(heights: Tensor) -> Tensor:
    return torch.cat([heights, 0.2 + 0.5 * heights, 0.5 * heights], 1)


def ran(runtime: Runtime, sample: Tensor, *maps: Tensor, **changes: Any) -> tuple[str, Result]:
    """The notes in one line, and the result."""
    settings = texture(**{"size": "32", "iterations": 2} | changes)
    *events, result = settings.run({"sample": [sample], "with": list(maps)}, runtime)
    assert isinstance(result, Result)
    return " ".join(one.sentence for one in events if isinstance(one, Note)), result


def names(result: Result) -> list[str]:
    assert result.files is not None
    return [name for name, _ in result.files.files("bark")]


def test_without_a_wish_there_is_the_picture_alone(runtime: Runtime, sample: Tensor) -> None:
    _, result = ran(runtime, sample)
    assert [*result.pictures] == ["picture"]
    assert result.files is None
    assert not result.measured


def test_height_and_normal_are_estimates_from_the_colours(runtime: Runtime, sample: Tensor) -> None:
    said, result = ran(runtime, sample, derive=True, tileable=True)
    assert "Height and normal are estimates" in said
    assert result.data == {"height": 16, "normal": 8}
    height, normal = result.pictures["height"], result.pictures["normal"]
    assert (height.shape, normal.shape) == ((1, 1, 32, 32), (1, 3, 32, 32))
    assert green_agreement(normal) > 0.9
    torch.testing.assert_close(normals_from_heights(height, wraps=True), normal)


def test_light_joints_are_deep_where_that_is_said(runtime: Runtime, sample: Tensor) -> None:
    (_, dark), (said, light) = (
        ran(runtime, sample, derive=True, deep=deep) for deep in ("dark", "light")
    )
    assert "what is light is taken for deep" in said
    assert light.pictures["picture"].equal(dark.pictures["picture"])
    turned = 1 - dark.pictures["height"]
    torch.testing.assert_close(light.pictures["height"], turned, atol=2e-2, rtol=0)


@pytest.mark.parametrize(
    ("file", "other", "bits"), [("h_height.png", "normal", 8), ("h_normal.png", "height", 16)]
)
def test_what_a_map_says_is_not_estimated(
    file: str, other: str, bits: int, runtime: Runtime, sample: Tensor, heights: Tensor
) -> None:
    normals = normals_from_heights(heights, wraps=False)
    given = heights.expand(1, 3, 64, 64) if other == "normal" else normals
    said, result = ran(runtime, sample, given, derive=True, with_=(file,))
    assert f"The {other} is computed from the {file[2:-4]} given." in said
    assert {*result.pictures} == {"picture", file[:-4], other}
    assert result.data[other] == bits


def test_a_set_takes_the_maps_by_their_names(
    runtime: Runtime, sample: Tensor, heights: Tensor
) -> None:
    normals = flipped(normals_from_heights(heights, wraps=False))
    maps = (normals, heights.expand(1, 3, 64, 64), sample)
    with_ = ("wall_normal.png", "wall_gloss.png", "moss.png")
    said, result = ran(runtime, sample, *maps, pack="unity", with_=with_)
    assert "points down (DirectX), told by its slopes" in said
    assert "The set is for Unity: normals are OpenGL (green up)." in said
    assert "What moss.png is, its name does not tell" in said
    assert "Without --tileable" in said
    assert names(result) == [
        *("bark_BaseMap.png", "bark_Normal.png", "bark_MaskMap.png"),
        *("bark_moss.png", "bark.glb"),
    ]
    # The map itself is written as it was given, green down; the set's points up.
    assert result.files is not None
    data = dict(result.files.files("bark"))["bark_Normal.png"]
    made = images.load_any(data, "normal", reads="data").picture
    expected = flipped(unit(result.pictures["wall_normal"]))
    torch.testing.assert_close(made[:, :3], expected, atol=0.5 / 255 + 1e-6, rtol=0)


def test_three_maps_in_one_are_taken_apart(runtime: Runtime, sample: Tensor) -> None:
    settings = texture(size="32", pack="unreal", with_=("wall_orm.png",))
    finish = Finish(settings, {"sample": [sample], "with": [sample]})
    packed = smooth(32, 32, seed=7)
    material = finish._material(smooth(32, 32, seed=8), {"wall_orm": packed})
    assert [*material.maps] == ["occlusion", "roughness", "metallic"]
    torch.testing.assert_close(torch.cat([*material.maps.values()], 1), packed)


def test_derived_maps_are_in_the_set(runtime: Runtime, sample: Tensor) -> None:
    _, result = ran(runtime, sample, pack="unreal", derive=True, tileable=True)
    assert names(result) == ["T_bark_BC.png", "T_bark_N.png", "T_bark_H.png", "bark.glb"]


def test_the_proof_is_measured(runtime: Runtime, sample: Tensor) -> None:
    said, result = ran(runtime, sample, proof=3, tileable=True)
    assert result.pictures["proof"].shape == (1, 3, 96, 96)
    assert result.pictures["distance"].shape == (1, 3, 32, 32)
    tile = result.pictures["distance"][..., :10, :10]
    assert (tile - result.pictures["distance"][..., 11:21, 11:21]).abs().mean() < 0.05
    strength = result.measured["repetition"]
    assert 0 <= strength < 1
    assert ("The strongest repetition is" in said) == (strength >= 0.005)


def test_a_repetition_is_told_with_its_shift_and_none_without() -> None:
    assert _said(Repetition(0.128, (48, -16))) == (
        "The strongest repetition is 0.13 beyond the sample's own, at a shift of -16 px across and "
        "48 px down."
    )
    assert "no more than the sample" in _said(Repetition(0.004, (48, -16)))


def test_a_proof_of_alpha_keeps_it(runtime: Runtime, sample: Tensor, heights: Tensor) -> None:
    _, result = ran(runtime, torch.cat([sample, heights], 1), proof=2, pack="gltf", size="32")
    assert result.pictures["distance"].shape == (1, 4, 32, 32)
    assert "bark_baseColor.png" in names(result)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": "32x40", "pack": "gltf"}, "powers of two, and 32 x 40 px has not"),
        ({"pack_as": "dds"}, "--pack-as goes with --pack"),
        ({"deep": "light"}, "--deep goes with --derive"),
        ({"derive": True, "with_": ("a_normal.png", "b_nor.png")}, "both a_normal and b_nor"),
    ],
)
def test_settings_that_make_no_set_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        texture(**changes)


def test_sizes_and_maps_are_refused_before_any_step(runtime: Runtime, sample: Tensor) -> None:
    mended = {"inpaint": [smooth(40, 40, seed=1)], "mask": [torch.zeros(1, 3, 40, 40)]}
    settings = texture(size="", pack="gltf", inpaint="a.png", mask="b.png")
    with pytest.raises(UsageError, match="40 x 40 px has not"):
        next(settings.run(mended, runtime))
    grey = torch.full((1, 3, 64, 64), 0.5)
    with pytest.raises(UsageError, match=r"wall_normal.png is a map of normals by its name"):
        ran(runtime, sample, grey, pack="gltf", with_=("some/wall_normal.png",))
