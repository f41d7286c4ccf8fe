"""What a map of a material is, told by its file's name, and by its numbers where those tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from artgen.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["KINDS", "Kind", "Role", "green_of", "kind_of", "kinds_of"]

Role: TypeAlias = Literal["height", "occlusion", "roughness", "metallic"]
Kind: TypeAlias = Literal[
    "normal", "height", "occlusion", "roughness", "smoothness", "metallic", "packed"
]

# Words that libraries of materials end their files' names with.
KINDS: dict[Kind, tuple[str, ...]] = {
    "normal": ("normal", "normals", "nor", "nrm", "norm"),
    "height": ("height", "heights", "displacement", "disp", "bump", "depth"),
    "occlusion": ("occlusion", "ao", "occ"),
    "roughness": ("roughness", "rough", "rgh"),
    "smoothness": ("smoothness", "smooth", "gloss", "glossiness"),
    "metallic": ("metallic", "metalness", "metal"),
    "packed": ("orm", "arm"),  # occlusion, roughness, metallic in red, green, blue
}
SAYS: dict[Kind, tuple[Kind, ...]] = {
    "smoothness": ("roughness",),
    "packed": ("occlusion", "roughness", "metallic"),
}
LETTERS: dict[str, Kind] = {"n": "normal", "h": "height", "r": "roughness", "m": "metallic"}
UP, DOWN = ("gl", "opengl", "ogl"), ("dx", "directx", "d3d")  # directions of green
SURE = 0.1  # agreement from which a map's own slopes tell the direction of its green


def kind_of(name: str) -> Kind | None:
    """What a map is by its file's name without the suffix: by the last of its words that tells.

    `Bricks_NormalGL`, `wall-rough`, `T_Bark_ORM`, `bark_N`; None if no word tells.
    """
    words = _words(name)
    for word in reversed(words):
        for kind, known in KINDS.items():
            if word in known:
                return kind
    return LETTERS.get(words[-1]) if len(words) > 1 else None


def kinds_of(names: Sequence[str]) -> list[Kind | None]:
    """What each of several maps is.

    Raises:
        UsageError: if two say the same of a material.
    """
    found = [kind_of(name) for name in names]
    said: dict[str, str] = {}
    for name, kind in zip(names, found, strict=True):
        for what in SAYS.get(kind, (kind,)) if kind else ():
            if what in said:
                raise UsageError(
                    f"By their names, both {said[what]} and {name} are the {what} of the material.",
                    "Leave one out, or rename one.",
                )
            said[what] = name
    return found


def green_of(name: str, normals: Tensor) -> tuple[bool, str]:
    """Whether the green of normals (1, 3, H, W) points up, as in OpenGL, and what tells it."""
    words = _words(name)
    if any(word in DOWN for word in words):
        return False, "its name"
    if any(word in UP for word in words):
        return True, "its name"
    from artgen.ops.relief import green_agreement  # imports torch

    agreement = green_agreement(normals)
    if abs(agreement) < SURE:
        return True, "nothing: it is taken for that"
    return agreement > 0, "its slopes"


def _words(name: str) -> list[str]:
    """`Bricks_NormalGL2` as bricks, normal, gl."""
    return [one.lower() for one in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
