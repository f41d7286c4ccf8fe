"""A glTF 2.0 scene of one upright plane that shows a material (Khronos, glTF 2.0 Specification)."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from artgen._version import __version__

__all__ = ["Plane", "Slot", "binary", "text"]

Slot: TypeAlias = Literal["colour", "normal", "packed"]

_FLOAT, _SHORT = 5126, 5123  # component types
_VERTICES, _INDICES = 34962, 34963  # targets of buffer views
_LINEAR, _MIPMAPPED, _REPEAT, _CLAMP = 9729, 9987, 10497, 33071  # of samplers
_TRIANGLES = (0, 1, 2, 0, 2, 3)
_WHOLE = 4  # bytes, to a multiple of which everything is padded
REPEATS = 2  # of a tileable texture, along each side of the plane


@dataclass(frozen=True)
class Plane:
    """A plane and its material.

    Attributes:
        name: of the material.
        aspect: width over height of the texture.
        repeats: whether the texture is tileable: the plane shows it twice each way.
        alpha: glTF's alphaMode.
        occluded: whether the packed map's red is occlusion.
        metallic, roughness: the factors, which the packed map's channels are multiplied with.
    """

    name: str
    aspect: float
    repeats: bool
    alpha: Literal["OPAQUE", "MASK", "BLEND"] = "OPAQUE"
    occluded: bool = False
    metallic: float = 0.0
    roughness: float = 1.0


@dataclass
class _Buffer:
    """Bytes, and the views of them."""

    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)

    def add(self, data: bytes, target: int | None = None) -> int:
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.views.append(view | ({"target": target} if target else {}))
        self.data += data + bytes(-len(data) % _WHOLE)
        return len(self.views) - 1


def text(plane: Plane, files: Mapping[Slot, str]) -> bytes:
    """A .gltf file, which names the files of its textures, in the same folder."""
    buffer = _Buffer()
    made = _scene(plane, {slot: {"uri": quote(name)} for slot, name in files.items()}, buffer)
    uri = "data:application/octet-stream;base64," + base64.b64encode(buffer.data).decode()
    made["buffers"][0]["uri"] = uri
    return json.dumps(made, indent=2).encode() + b"\n"


def binary(plane: Plane, pictures: Mapping[Slot, bytes]) -> bytes:
    """A .glb file, which holds its textures: PNG files."""
    buffer = _Buffer()
    images: dict[Slot, dict[str, Any]] = {
        slot: {"bufferView": buffer.add(data), "mimeType": "image/png"}
        for slot, data in pictures.items()
    }
    said = json.dumps(_scene(plane, images, buffer)).encode()
    chunks = b"".join(
        struct.pack("<I4s", len(padded), kind) + padded
        for kind, padded in (
            (b"JSON", said + b" " * (-len(said) % _WHOLE)),
            (b"BIN\0", bytes(buffer.data)),
        )
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _scene(plane: Plane, images: Mapping[Slot, dict[str, Any]], buffer: _Buffer) -> dict[str, Any]:
    """The scene as JSON has it, its geometry added to the buffer."""
    attributes, accessors = _geometry(plane, buffer, leaning="normal" in images)
    wrap = _REPEAT if plane.repeats else _CLAMP
    return {
        "asset": {"version": "2.0", "generator": f"artgen {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": plane.name, "mesh": 0}],
        "meshes": [
            {
                "name": plane.name,
                "primitives": [
                    {"attributes": attributes, "indices": len(attributes), "material": 0}
                ],
            }
        ],
        "materials": [_material(plane, [*images])],
        "textures": [{"source": index, "sampler": 0} for index in range(len(images))],
        "images": [*images.values()],
        "samplers": [
            {"magFilter": _LINEAR, "minFilter": _MIPMAPPED, "wrapS": wrap, "wrapT": wrap},
        ],
        "accessors": accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }


def _material(plane: Plane, slots: list[Slot]) -> dict[str, Any]:
    shown = {slot: {"index": index} for index, slot in enumerate(slots)}
    rough = {"metallicFactor": plane.metallic, "roughnessFactor": plane.roughness}
    surface = {"baseColorTexture": shown["colour"], **rough}
    found: dict[str, Any] = {"name": plane.name, "pbrMetallicRoughness": surface}
    if "packed" in shown:
        surface["metallicRoughnessTexture"] = shown["packed"]
        if plane.occluded:
            found["occlusionTexture"] = shown["packed"]
    if "normal" in shown:
        found["normalTexture"] = shown["normal"]
    if plane.alpha != "OPAQUE":
        found["alphaMode"] = plane.alpha
    return found | {"doubleSided": True}


def _geometry(
    plane: Plane, buffer: _Buffer, *, leaning: bool
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The attributes of four corners, a metre to a repeat at its shorter side, and accessors.

    `leaning` is whether there are normals, for which the directions of the texture are needed.
    """
    repeats = REPEATS if plane.repeats else 1
    right, up = repeats * max(plane.aspect, 1) / 2, repeats * max(1 / plane.aspect, 1) / 2
    corners = [(-right, -up, 0.0), (right, -up, 0.0), (right, up, 0.0), (-right, up, 0.0)]
    rows: list[tuple[str, str, list[tuple[float, ...]]]] = [
        ("POSITION", "VEC3", [*corners]),
        ("NORMAL", "VEC3", [(0.0, 0.0, 1.0)] * 4),
        ("TEXCOORD_0", "VEC2", [(0.0, repeats), (repeats, repeats), (repeats, 0.0), (0.0, 0.0)]),
    ]
    if leaning:  # u to the right; green upwards
        rows.append(("TANGENT", "VEC4", [(1.0, 0.0, 0.0, 1.0)] * 4))
    accessors: list[dict[str, Any]] = []
    for name, kind, values in rows:
        data = b"".join(struct.pack(f"<{len(one)}f", *one) for one in values)
        view = buffer.add(data, _VERTICES)
        accessors.append(
            {"bufferView": view, "componentType": _FLOAT, "count": len(values), "type": kind}
        )
        if name == "POSITION":
            ends = [[limit(axis) for axis in zip(*values, strict=True)] for limit in (min, max)]
            accessors[-1] |= {"min": ends[0], "max": ends[1]}
    view = buffer.add(struct.pack("<6H", *_TRIANGLES), _INDICES)
    accessors.append({"bufferView": view, "componentType": _SHORT, "count": 6, "type": "SCALAR"})
    return {name: index for index, (name, _, _) in enumerate(rows)}, accessors
