"""A material as a set of files that an engine takes as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from artgen import images
from artgen.materials import gltf
from artgen.materials.engines import ENGINES, NEUTRAL, Engine
from artgen.materials.gltf import Plane, Slot
from artgen.materials.kinds import Role
from artgen.ops.mipmaps import Held, bled, halved, mipmaps
from artgen.ops.relief import flipped

__all__ = ["Material", "packed"]

DEEP = 16  # bits of a height
PREVIEW = 1024  # longest side of a texture inside a .glb file, in pixels
HARD = 0.9  # share of pixels that are wholly clear or opaque, from which alpha is a mask


@dataclass(frozen=True)
class Material:
    """A material's maps, all of one size, with sides that are powers of two.

    Attributes:
        colours: (1, 3, H, W) in sRGB, or with alpha (1, 4, H, W).
        tileable: whether opposite edges fit.
        normal: (1, 3, H, W), green up; None without one.
        maps: (1, 1, H, W) by what they are.
        others: (1, 1 to 4, H, W) by their own names: maps of no known kind.
    """

    colours: Tensor
    tileable: bool
    normal: Tensor | None = None
    maps: Mapping[Role, Tensor] = field(default_factory=dict)
    others: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def packs(self) -> bool:
        """Whether there is anything for the packed map."""
        return any(role in self.maps for role in ("occlusion", "roughness", "metallic"))


def packed(material: Material, engine: str, form: str, name: str) -> Iterator[tuple[str, bytes]]:
    """The files of a set: (name, bytes), each encoded as it is asked for.

    Args:
        material: the maps.
        engine: one of ENGINES.
        form: of the textures, one of engines.FORMATS. DDS holds 8 bits: heights are PNG then.
        name: of the material.

    Colours under alpha 0 are continued from around it. Engines other than glTF's readers get a
    .glb file with textures of its own, since theirs are packed in another way.
    """
    rules = ENGINES[engine]
    name = rules.material(name)
    if material.colours.shape[1] == 4:
        material = replace(material, colours=bled(material.colours))
    yield _file(rules.colour.format(name), material.colours, "colours", form)
    if material.normal is not None:
        normal = material.normal if rules.green_up else flipped(material.normal)
        yield _file(rules.normal.format(name), normal, "normals", form)
    if material.packs:
        yield _file(rules.packed.format(name), _channels(material, rules), "data", form)
    if "height" in material.maps:
        yield _file(rules.height.format(name), material.maps["height"], "data", form, DEEP)
    for word, other in material.others.items():
        yield _file(rules.other.format(name, word), other, "data", form, DEEP)
    yield _scene(material, rules, name, form)


def _channels(material: Material, rules: Engine) -> Tensor:
    """The packed map (1, 3 or 4, H, W)."""
    like = material.colours[:, :1]
    known: dict[str, Tensor] = {key: torch.full_like(like, value) for key, value in NEUTRAL.items()}
    known |= {role: one.to(like) for role, one in material.maps.items()}
    known["smoothness"] = 1 - known["roughness"]
    return torch.cat([known[channel] for channel in rules.channels], 1)


def _file(name: str, texture: Tensor, held: Held, form: str, bits: int = 8) -> tuple[str, bytes]:
    """A file's name and bytes."""
    if form == "dds" and bits == 8:
        levels = mipmaps(texture, held)
        return f"{name}.dds", images.encode_dds(levels, srgb=held == "colours")
    path = Path(f"{name}.exr" if form == "exr" else f"{name}.png")
    if held != "colours":
        return path.name, images.encode_data(texture, path, bits=bits)
    alpha = texture[:, 3:] if texture.shape[1] == 4 else None
    return path.name, images.encode(texture[:, :3], path, alpha=alpha, bits=bits)


def _scene(material: Material, rules: Engine, name: str, form: str) -> tuple[str, bytes]:
    """The plane that shows the material: it names the textures if glTF can hold them."""
    height, width = material.colours.shape[-2:]
    plane = Plane(
        name,
        width / height,
        material.tileable,
        _alpha_mode(material.colours),
        occluded="occlusion" in material.maps,
        metallic=1.0 if material.packs else NEUTRAL["metallic"],
        roughness=1.0 if material.packs else NEUTRAL["roughness"],
    )
    own = ENGINES["gltf"]
    shown: dict[Slot, tuple[Tensor, Held]] = {"colour": (material.colours, "colours")}
    if material.normal is not None:
        shown["normal"] = (material.normal, "normals")
    if material.packs:
        shown["packed"] = (_channels(material, own), "data")
    if rules is own and form == "png":
        names: dict[Slot, str] = {
            "colour": own.colour,
            "normal": own.normal,
            "packed": own.packed,
        }
        files = {slot: f"{names[slot].format(name)}.png" for slot in shown}
        return f"{name}.gltf", gltf.text(plane, files)
    inside: dict[Slot, bytes] = {}
    for slot, (texture, held) in shown.items():
        while max(texture.shape[-2:]) > PREVIEW:
            texture = halved(texture, held)
        inside[slot] = _file(name, texture, held, "png")[1]
    return f"{name}.glb", gltf.binary(plane, inside)


def _alpha_mode(colours: Tensor) -> Literal["OPAQUE", "MASK", "BLEND"]:
    """Whether alpha is none, a mask, or something between."""
    if colours.shape[1] == 3:
        return "OPAQUE"
    alpha = colours[:, 3:]
    hard = ((alpha < 0.05) | (alpha > 0.95)).float().mean()
    return "MASK" if float(hard) > HARD else "BLEND"
