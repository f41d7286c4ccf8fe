"""How engines want a material's maps: file names, packed channels, direction of green."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from artgen.errors import UsageError

__all__ = ["ENGINES", "FORMATS", "NEUTRAL", "Channel", "Engine", "check_size", "is_power_of_two"]

FORMATS = ("png", "exr", "dds")  # of textures

Channel: TypeAlias = Literal["occlusion", "roughness", "smoothness", "metallic", "nothing"]

# What a channel is where no map says it: in the open, rather rough, no metal.
NEUTRAL: dict[str, float] = {"occlusion": 1.0, "roughness": 0.8, "metallic": 0.0, "nothing": 0.0}


@dataclass(frozen=True)
class Engine:
    """The conventions of one engine; in names, `{}` is the material's.

    Attributes:
        title: its name in a sentence.
        colour, normal, height, packed, other: names of the files, without suffix; of `other`, `{1}`
            is the map's own name.
        channels: of the packed map, from red on.
        green_up: whether the green of normals points up, as in OpenGL, or down, as in DirectX.
        plain: whether the material's name may hold letters, digits and underscores only.
    """

    title: str
    colour: str
    normal: str
    height: str
    packed: str
    other: str
    channels: tuple[Channel, ...]
    green_up: bool
    plain: bool = False

    @property
    def green(self) -> str:
        """The direction of green in a sentence."""
        return "OpenGL (green up)" if self.green_up else "DirectX (green down)"

    def material(self, name: str) -> str:
        """A picture's name as that of a material."""
        return (re.sub(r"\W+", "_", name).strip("_") or "texture") if self.plain else name


ENGINES = {
    # Khronos, glTF 2.0 Specification, section 3.9.
    "gltf": Engine(
        "glTF",
        *("{}_baseColor", "{}_normal", "{}_height", "{}_occlusionRoughnessMetallic", "{}_{}"),
        channels=("occlusion", "roughness", "metallic"),
        green_up=True,
    ),
    # T_ is in Epic's recommended asset naming conventions, the endings are those in common use.
    "unreal": Engine(
        "Unreal Engine",
        *("T_{}_BC", "T_{}_N", "T_{}_H", "T_{}_ORM", "T_{}_{}"),
        channels=("occlusion", "roughness", "metallic"),
        green_up=False,
        plain=True,
    ),
    # The mask map of HDRP; URP's Lit takes the same file for metallic and for occlusion.
    "unity": Engine(
        "Unity",
        *("{}_BaseMap", "{}_Normal", "{}_Height", "{}_MaskMap", "{}_{}"),
        channels=("metallic", "occlusion", "nothing", "smoothness"),
        green_up=True,
    ),
}


def is_power_of_two(side: int) -> bool:
    """Whether a side is 1, 2, 4, 8 …"""
    return side > 0 and side & (side - 1) == 0


def check_size(size: tuple[int, int]) -> None:
    """Raises UsageError for a size (H, W) that engines have no mipmaps for."""
    if all(map(is_power_of_two, size)):
        return
    width, height = (max(1 << (side - 1).bit_length(), 16) for side in reversed(size))
    raise UsageError(
        f"A set for an engine has sides that are powers of two, and {size[1]} x {size[0]} px has "
        "not.",
        f"Take --size {width}x{height}.",
    )
