"""What a map is by its name, as libraries of materials name theirs, and which way green points."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen.errors import UsageError
from artgen.materials.kinds import green_of, kind_of, kinds_of
from artgen.ops.relief import flipped, normals_from_heights


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("normal", "normal"),
        ("Bricks066_1K-PNG_NormalGL", "normal"),
        ("Bricks066_1K-PNG_NormalDX", "normal"),
        ("Bricks066_1K-PNG_Displacement", "height"),
        ("Bricks066_1K-PNG_AmbientOcclusion", "occlusion"),
        ("Metal007_1K-PNG_Metalness", "metallic"),
        ("rough_wood_nor_gl_2k", "normal"),
        ("rough_wood_disp_2k", "height"),
        ("metal_plate_rough_2k", "roughness"),
        ("rough_wood_arm_2k", "packed"),
        ("T_Bark_ORM", "packed"),
        ("gloss", "smoothness"),
        ("bark_N", "normal"),
        ("bark_h", "height"),
        ("n", None),
        ("mask-of-moss", None),
        ("001", None),
        ("bark", None),
    ],
)
def test_a_name_tells(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["normal", "bark_N"], "both normal and bark_N are the normal of the material"),
        (["rough", "T_ORM"], "both rough and T_ORM are the roughness of the material"),
        (["rough", "gloss"], "both rough and gloss are the roughness of the material"),
    ],
)
def test_two_that_say_the_same_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        kinds_of(names)


def test_unknown_maps_do_not_clash() -> None:
    assert kinds_of(["one", "two", "ao", "rough"]) == [None, None, "occlusion", "roughness"]


def test_the_name_tells_the_direction_of_green_and_else_the_slopes() -> None:
    normals = normals_from_heights(smooth(48, 48, seed=1)[:, :1], wraps=True)
    assert green_of("bark_normal", normals) == (True, "its slopes")
    assert green_of("bark_normal", flipped(normals)) == (False, "its slopes")
    assert green_of("bark_normal_dx", normals) == (False, "its name")
    assert green_of("bark_NormalGL", flipped(normals)) == (True, "its name")
    flat = torch.tensor([0.5, 0.5, 1.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    up, told = green_of("normal", flat)
    assert up
    assert told.startswith("nothing")
