"""`artgen texture` from sample to file: its proof beside it, and made again at another size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from images.samples import SWAPPED
from pictures import smooth
from PIL import Image

from artgen import images

from .said import Said

Artgen = Callable[..., Said]
QUICK = ["--net", "tiny", "--size", "48x33", "--iterations", "3"]


def test_it_is_named_after_its_sample(folder: Path, artgen: Artgen) -> None:
    said = artgen("texture", "photo.png", *QUICK)
    assert (said.code, said.out.strip()) == (0, "photo-texture.png")
    assert images.load("photo-texture.png").picture.shape == (1, 3, 33, 48)


def test_several_samples_with_weights(folder: Path, artgen: Artgen) -> None:
    said = artgen("texture", "photo.png", "paint.png", "--sample-weights", "2,1", *QUICK)
    assert said.code == 0, said.err


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_the_proof_lies_beside_the_picture(folder: Path, artgen: Artgen, suffix: str) -> None:
    said = artgen("texture", "photo.png", "--tileable", "--proof", 2, "-o", f"a{suffix}", *QUICK)
    assert (said.code, said.out.strip()) == (0, f"a{suffix}")
    assert f"a-proof{suffix}: 96 x 66 px" in said.err
    assert images.load(f"a-proof{suffix}").picture.shape == (1, 3, 66, 96)


def test_no_proof_takes_anothers_place(folder: Path, artgen: Artgen) -> None:
    Path("photo-texture-proof.png").write_text("mine")
    assert artgen("texture", "photo.png", "--proof", 3, *QUICK).code == 0
    assert Path("photo-texture-proof.png").read_text() == "mine"
    assert images.load("photo-texture-proof-2.png").picture.shape == (1, 3, 99, 144)


def test_again_makes_it_at_another_size(folder: Path, artgen: Artgen) -> None:
    artgen("texture", "photo.png", "-o", "a.png", "--tileable", *QUICK)
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    assert artgen("again", "a.png", "--size", "64x40", "-o", "c.png").code == 0
    assert images.load("c.png").picture.shape == (1, 3, 40, 64)
    assert artgen("again", "a.png", "--size", 40, "-o", "d.png").code == 0
    assert images.load("d.png").picture.shape == (1, 3, 40, 40)


@pytest.mark.parametrize("size", ["64x40", "big", "-1"])
def test_a_style_is_made_again_at_a_number_of_pixels(
    folder: Path, artgen: Artgen, size: str
) -> None:
    artgen("style", "photo.png", "paint.png", "-o", "a.png", "--net", "tiny", "-s", 48, "-n", 2)
    said = artgen("again", "a.png", "--size", size)
    assert said.code == 2
    assert "--size is" in said.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--size", "0"], "--size cannot be '0'"),
        (["--size", "40x"], "--size cannot be '40x'"),
        (["--size", "8x8"], "too small"),
        (["--depth", "6"], "--depth is 6"),
        (["--proof", "1"], "--proof is 1"),
        (["--pack", "unrael"], "Did you mean 'unreal'"),
        (["--pack", "gltf"], "powers of two, and 48 x 33 px has not"),
        (["--pack-as", "dds"], "--pack-as goes with --pack"),
        (["--derive", "--with", "a_nor.png", "--with", "n_nrm.png"], "both a_nor and n_nrm"),
        (["--loss", "grams"], "Did you mean 'gram'"),
        (["--inpaint", "photo.png"], "--inpaint goes with --mask"),
        (["--with", "tall.png"], "--with is 33 x 48 px and the sample 67 x 49"),
        (["--sample-mask", "black.png"], "'black.png' of --sample-mask is empty"),
    ],
)
def test_wrong_words_are_refused_in_a_sentence(
    folder: Path, artgen: Artgen, words: list[str], expected: str
) -> None:
    images.save(torch.ones(1, 3, 48, 33), "tall.png")
    images.save(torch.zeros(1, 3, 49, 67), "black.png")
    said = artgen("texture", "photo.png", *QUICK, *words)
    assert said.code == 2
    assert expected in said.err
    assert not list(folder.glob("*texture*"))


def test_a_hole_is_mended_without_another_sample(folder: Path, artgen: Artgen) -> None:
    hole = torch.zeros(1, 3, 49, 67)
    hole[..., 20:30, 20:40] = 1
    images.save(hole, "hole.png")
    words = ["--inpaint", "photo.png", "--mask", "hole.png", "--net", "tiny", "-n", 2]
    said = artgen("texture", *words)
    assert (said.code, said.out.strip()) == (0, "photo-texture.png"), said.err
    made, photo = (images.load(name).picture for name in ("photo-texture.png", "photo.png"))
    assert torch.equal(made[hole == 0], photo[hole == 0])
    assert artgen("again", "photo-texture.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("b.png").picture, made)


def test_maps_lie_beside_the_picture(folder: Path, artgen: Artgen) -> None:
    maps = ["--with", "paint.png", "--with", "photo.png"]
    assert artgen("texture", "photo.png", *maps, "-o", "a.png", *QUICK).code == 0
    for name in ("a.png", "a-paint.png", "a-photo.png"):
        assert images.load(name).picture.shape == (1, 3, 33, 48)
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    one, two = (images.load(name).picture for name in ("a-paint.png", "b-paint.png"))
    assert torch.equal(one, two)


def test_nothing_to_make_it_of_is_refused(folder: Path, artgen: Artgen) -> None:
    said = artgen("texture", *QUICK)
    assert said.code == 2
    assert "There is no sample" in said.err


def test_a_small_texture_of_a_large_sample(folder: Path, artgen: Artgen) -> None:
    """Its coarsest scales are too small for slim's last layer, and are skipped."""
    images.save(smooth(400, 400, seed=3), "large.png")
    said = artgen("texture", "large.png", "--size", 20, "--iterations", 4)
    assert said.code == 0, said.err
    assert said.err.startswith("20 x 20 px.")  # the size of the result, not of its canvas
    assert images.load("large-texture.png").picture.shape == (1, 3, 20, 20)


def test_maps_are_data_and_alpha_goes_along(folder: Path, artgen: Artgen) -> None:
    grown = np.random.default_rng(1).random((49, 67, 4))
    height = (grown[..., 0] * 65535).astype(np.uint16)
    Path("height.png").write_bytes(imagecodecs.png_encode(height))
    layer = (grown * 255).astype(np.uint8)
    layer[..., 3] = 100
    Image.fromarray(layer).save("layer.png", icc_profile=SWAPPED)
    words = ("--with", "height.png", "--with", "layer.png", "-o", "out.jpg")
    said = artgen("texture", "photo.png", *QUICK, *words)
    assert said.code == 0, said.err
    made = imagecodecs.png_decode(Path("out-height.png").read_bytes())
    assert made.dtype == np.uint16
    assert made.ndim == 2
    assert abs(made.mean() / height.mean() - 1) < 0.3
    with Image.open("out-layer.png") as image:
        assert image.mode == "RGBA"
        mean = np.asarray(image).reshape(-1, 4).mean(0)
    # The numbers of the file, whatever its profile says and whatever its alpha hides.
    assert mean == pytest.approx(layer.reshape(-1, 4).mean(0), abs=12)


def test_a_sample_with_alpha_gives_a_texture_with_alpha(folder: Path, artgen: Artgen) -> None:
    layer = Image.new("RGBA", (67, 49), (200, 100, 50, 255))
    layer.paste((0, 0, 0, 0), (0, 0, 34, 49))
    layer.save("leaves.png")
    assert artgen("texture", "leaves.png", *QUICK, "-o", "out.png").code == 0
    alpha = images.load("out.png").alpha
    assert alpha is not None
    assert 0.25 < alpha.mean() < 0.75


def test_a_map_beyond_0_to_1_is_refused(folder: Path, artgen: Artgen) -> None:
    tifffile.imwrite("height.tif", np.full((49, 67), 30, np.float32))
    said = artgen("texture", "photo.png", *QUICK, "--with", "height.tif")
    assert said.code == 1
    assert "has numbers from 30 to 30" in said.err


def test_a_set_for_an_engine_lies_in_a_folder_beside_it(folder: Path, artgen: Artgen) -> None:
    words = ["--tileable", "--derive", "--pack", "unreal", "--pack-as", "dds", "--size", 32]
    said = artgen("texture", "photo.png", *QUICK, *words, "-o", "my wall.png")
    assert (said.code, said.out.strip()) == (0, "my wall.png"), said.err
    assert "The set is for Unreal Engine: normals are DirectX (green down)." in said.err
    assert "Height and normal are estimates" in said.err
    assert "my wall-unreal: the set for Unreal Engine: T_my_wall_BC.dds" in said.err
    assert sorted(path.name for path in Path("my wall-unreal").iterdir()) == [
        *("T_my_wall_BC.dds", "T_my_wall_H.png", "T_my_wall_N.dds", "my_wall.glb")
    ]
    made, packed = (images.load(one) for one in ("my wall.png", "my wall-unreal/T_my_wall_BC.dds"))
    assert (made.picture - packed.picture).abs().mean() < 0.08  # noise, three channels of it
    assert artgen("again", "my wall.png", "-o", "b.png").code == 0
    assert Path("b-unreal/T_b_N.dds").exists()


def test_on_stdout_there_is_no_place_for_a_set(folder: Path, artgen: Artgen) -> None:
    said = artgen("texture", "photo.png", *QUICK, "--size", 32, "--pack", "unity", "-o", "-")
    assert said.code == 0
    assert "There is no place on stdout for the set for Unity, which is a folder." in said.err
    assert not list(folder.glob("*unity*"))


def test_a_file_in_the_place_of_the_folder_is_told_of(folder: Path, artgen: Artgen) -> None:
    Path("a-gltf").write_text("mine")
    said = artgen("texture", "photo.png", *QUICK, "--size", 32, "--pack", "gltf", "-o", "a.png")
    assert said.code == 1
    assert "a-gltf cannot be written: File exists." in said.err
    assert Path("a-gltf").read_text() == "mine"


def test_the_recipe_keeps_the_strongest_repetition(folder: Path, artgen: Artgen) -> None:
    said = artgen("texture", "photo.png", *QUICK, "--tileable", "--proof", 3, "-o", "a.png")
    assert "a-distance.png: 48 x 33 px" in said.err
    assert "[measured]\nrepetition = " in artgen("info", "a.png").out
    assert artgen("again", "a.png", "-o", "b.png").code == 0
