"""Sets for engines: their files, channels, sizes, and what a reader of glTF sees."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pygltflib
import pytest
import torch
from numpy.typing import NDArray
from pictures import smooth
from PIL import Image

from artgen import images
from artgen.materials.pack import Material, packed
from artgen.ops.relief import normals_from_heights


@pytest.fixture
def material() -> Material:
    height = smooth(16, 32, seed=2)[:, :1]
    maps = {
        "height": height,
        "roughness": torch.full((1, 1, 16, 32), 0.75),
        "occlusion": torch.full((1, 1, 16, 32), 0.5),
    }
    normal = normals_from_heights(height, wraps=True)
    other = {"moss": smooth(16, 32, seed=3)}
    return Material(smooth(16, 32, seed=1), True, normal, maps, other)  # type: ignore[arg-type]


def samples(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_gltf_opens_with_all_its_textures(material: Material, tmp_path: Path) -> None:
    for name, data in packed(material, "gltf", "png", "bark"):
        (tmp_path / name).write_bytes(data)
    scene = pygltflib.GLTF2().load(tmp_path / "bark.gltf")
    assert scene is not None
    (surface,) = scene.materials
    roles = {
        "colour": surface.pbrMetallicRoughness.baseColorTexture,
        "normal": surface.normalTexture,
        "packed": surface.pbrMetallicRoughness.metallicRoughnessTexture,
        "occlusion": surface.occlusionTexture,
    }
    files = {
        role: scene.images[scene.textures[one.index].source].uri for role, one in roles.items()
    }
    assert files == {
        "colour": "bark_baseColor.png",
        "normal": "bark_normal.png",
        "packed": "bark_occlusionRoughnessMetallic.png",
        "occlusion": "bark_occlusionRoughnessMetallic.png",
    }
    for file in files.values():
        assert samples((tmp_path / file).read_bytes()).shape == (16, 32, 3)
    height = imagecodecs.png_decode((tmp_path / "bark_height.png").read_bytes())
    assert (height.dtype, height.shape) == (np.uint16, (16, 32))
    assert (tmp_path / "bark_moss.png").exists()


def test_engines_differ_in_green_and_in_channels(material: Material) -> None:
    sets = {engine: dict(packed(material, engine, "png", "b")) for engine in ("unreal", "unity")}
    down, up = (
        samples(sets[e][n]) for e, n in (("unreal", "T_b_N.png"), ("unity", "b_Normal.png"))
    )
    assert np.abs(down[..., 1].astype(int) + up[..., 1] - 255).max() <= 1
    assert (down[..., ::2] == up[..., ::2]).all()
    assert samples(sets["unreal"]["T_b_ORM.png"])[0, 0].tolist() == [128, 191, 0]
    assert samples(sets["unity"]["b_MaskMap.png"])[0, 0].tolist() == [0, 128, 0, 64]


@pytest.mark.parametrize("engine", ["unreal", "unity"])
def test_other_engines_get_a_scene_with_gltf_textures_inside(
    engine: str, material: Material, tmp_path: Path
) -> None:
    path = tmp_path / "b.glb"
    path.write_bytes(dict(packed(material, engine, "png", "b"))["b.glb"])
    scene = pygltflib.GLTF2().load(path)
    assert scene is not None
    blob, found = scene.binary_blob(), []
    for one in scene.images:
        view = scene.bufferViews[one.bufferView]
        found.append(samples(blob[view.byteOffset : view.byteOffset + view.byteLength]))
    like = dict(packed(material, "gltf", "png", "b"))
    names = ("b_baseColor.png", "b_normal.png", "b_occlusionRoughnessMetallic.png")
    assert all((one == samples(like[name])).all() for one, name in zip(found, names, strict=True))


def test_without_maps_there_are_colours_and_no_packed_map() -> None:
    bare = Material(smooth(16, 16, seed=1), False)
    assert [name for name, _ in packed(bare, "unity", "png", "b")] == ["b_BaseMap.png", "b.glb"]


def test_dds_is_for_what_has_8_bits(material: Material) -> None:
    files = dict(packed(material, "unreal", "dds", "b"))
    assert {*files} == {
        *("T_b_BC.dds", "T_b_N.dds", "T_b_ORM.dds", "T_b_H.png", "T_b_moss.png", "b.glb")
    }
    kinds = {name: int.from_bytes(data[128:132], "little") for name, data in files.items()}
    assert (kinds["T_b_BC.dds"], kinds["T_b_N.dds"]) == (99, 98)  # sRGB, and numbers
    made = imagecodecs.dds_decode(files["T_b_BC.dds"])[..., :3] / 255
    given = material.colours[0].permute(1, 2, 0).numpy()
    assert np.abs(made - given).mean() < 0.06  # four colours a block that have nothing in common


def test_exr_has_floats_and_the_scene_its_own_png(material: Material, tmp_path: Path) -> None:
    files = dict(packed(material, "gltf", "exr", "b"))
    assert {"b_baseColor.exr", "b_normal.exr", "b_height.exr", "b.glb"} <= {*files}
    path = tmp_path / "b_height.exr"
    path.write_bytes(files[path.name])
    read = images.load(path, reads="data").picture[:, :1]
    torch.testing.assert_close(read, material.maps["height"], atol=1e-5, rtol=0)


def test_colours_go_on_under_what_is_clear(material: Material) -> None:
    leaf = torch.zeros(1, 4, 16, 32)
    leaf[:, 1], leaf[:, 3, :, :16] = 0, 1
    leaf[:, 1, :, :16] = 0.8
    cut = replace(material, colours=leaf)
    made = samples(dict(packed(cut, "unreal", "png", "b"))["T_b_BC.png"])
    assert made.shape == (16, 32, 4)
    assert (made[..., 1] == 204).all()
    assert (made[:, 16:, 3] == 0).all()


def test_a_large_texture_is_smaller_inside_the_scene() -> None:
    large = Material(smooth(8, 2048, seed=1), True)
    scene = pygltflib.GLTF2().load_from_bytes(dict(packed(large, "unity", "png", "b"))["b.glb"])
    view = scene.bufferViews[scene.images[0].bufferView]
    assert samples(scene.binary_blob()[: view.byteLength]).shape == (4, 1024, 3)
