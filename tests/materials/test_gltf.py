"""The plane in glTF, opened by a reader that is not ours."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
import pygltflib
import pytest
from PIL import Image

from artgen.materials import gltf
from artgen.materials.gltf import Plane


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (200, 100, 50)).save(buffer, "PNG")
    return buffer.getvalue()


def opened(data: bytes, path: Path) -> pygltflib.GLTF2:
    path.write_bytes(data)
    found = pygltflib.GLTF2().load(path)
    assert found is not None
    return found


def values(scene: pygltflib.GLTF2, index: int) -> np.ndarray:
    """The numbers of an accessor."""
    one = scene.accessors[index]
    view = scene.bufferViews[one.bufferView]
    data = scene.get_data_from_buffer_uri(scene.buffers[0].uri) if scene.buffers[0].uri else None
    data = scene.binary_blob() if data is None else data
    kind = {5126: "<f4", 5123: "<u2"}[one.componentType]
    width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[one.type]
    assert view.byteLength == one.count * width * np.dtype(kind).itemsize
    return np.frombuffer(data, kind, one.count * width, view.byteOffset).reshape(-1, width)


@pytest.mark.parametrize("suffix", ["gltf", "glb"])
def test_a_reader_sees_the_plane_and_its_material(suffix: str, tmp_path: Path) -> None:
    plane = Plane("red bricks", aspect=2.0, repeats=True, occluded=True, metallic=1.0)
    if suffix == "gltf":
        names = {"colour": "red bricks_c.png", "normal": "n.png", "packed": "p.png"}
        data = gltf.text(plane, names)  # type: ignore[arg-type]
    else:
        data = gltf.binary(plane, {"colour": png(), "normal": png(), "packed": png()})
    scene = opened(data, tmp_path / f"a.{suffix}")
    attributes = scene.meshes[0].primitives[0].attributes
    corners = values(scene, attributes.POSITION)
    assert np.ptp(corners, 0).tolist() == [4, 2, 0]  # two repeats of 2 m by 1 m
    places = values(scene, attributes.TEXCOORD_0)
    assert np.ptp(places, 0).tolist() == [2, 2]
    assert (places[corners[:, 1].argmax()][1], places[corners[:, 1].argmin()][1]) == (0, 2)
    assert (values(scene, attributes.NORMAL) == (0, 0, 1)).all()
    # The bitangent, which is the direction of green, points up.
    tangents = values(scene, attributes.TANGENT)
    up = np.cross((0, 0, 1), tangents[0, :3]) * tangents[0, 3]
    assert up.tolist() == [0, 1, 0]
    one, two, three = corners[values(scene, 4).flatten()[:3]]
    assert np.cross(two - one, three - two)[2] > 0  # it faces the viewer
    (material,) = scene.materials
    surface = material.pbrMetallicRoughness
    assert surface.baseColorTexture.index == 0
    assert material.normalTexture.index == 1
    assert surface.metallicRoughnessTexture.index == material.occlusionTexture.index == 2
    assert scene.samplers[0].wrapS == pygltflib.REPEAT


def test_the_text_names_files_as_uris_must_be_written() -> None:
    said = json.loads(gltf.text(Plane("a", 1.0, repeats=False), {"colour": "rot & weiß.png"}))
    assert said["images"] == [{"uri": "rot%20%26%20wei%C3%9F.png"}]
    assert said["samplers"][0]["wrapS"] == pygltflib.CLAMP_TO_EDGE
    assert "normalTexture" not in said["materials"][0]
    assert "TANGENT" not in said["meshes"][0]["primitives"][0]["attributes"]


def test_the_binary_holds_its_pictures(tmp_path: Path) -> None:
    data = gltf.binary(Plane("a", 1.0, repeats=False, alpha="MASK"), {"colour": png()})
    assert struct.unpack("<4sII", data[:12]) == (b"glTF", 2, len(data))
    scene = opened(data, tmp_path / "a.glb")
    view = scene.bufferViews[scene.images[0].bufferView]
    inside = scene.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    assert inside == png()
    assert scene.materials[0].alphaMode == "MASK"
