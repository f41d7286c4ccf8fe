"""Where a picture goes, what it carries, and what it takes over from the photo."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from artgen import images
from artgen.runs.recipes import Recipe

from .said import QUICK, Said

Artgen = Callable[..., Said]


def test_names_the_picture_after_its_inputs_and_numbers_it(folder: Path, artgen: Artgen) -> None:
    first = artgen("style", "photo.png", "paint.png", *QUICK)
    second = artgen("style", "photo.png", "paint.png", *QUICK)
    assert (first.code, first.out.strip()) == (0, "photo-paint.png")
    assert second.out.strip() == "photo-paint-2.png"
    assert images.load("photo-paint.png").picture.shape == (1, 3, 35, 48)
    assert "48 x 35 px" in first.err


def test_an_explicit_output_is_replaced(folder: Path, artgen: Artgen) -> None:
    Path("out.jpg").write_text("old")
    assert artgen("style", "photo.png", "paint.png", "-o", "out.jpg", *QUICK).code == 0
    assert images.load("out.jpg").picture.shape == (1, 3, 35, 48)
    assert not list(folder.glob("*.tmp*"))


def test_a_dash_writes_png_to_stdout_and_nothing_else(
    folder: Path, process: Callable[..., subprocess.Popen[bytes]]
) -> None:
    out, err = process("style", "photo.png", "paint.png", "-o", "-", *QUICK).communicate()
    with Image.open(io.BytesIO(out)) as picture:
        assert (picture.format, picture.size) == ("PNG", (48, 35))
    assert b"stdout: 48 x 35 px" in err


def test_the_picture_carries_its_recipe(folder: Path, artgen: Artgen) -> None:
    artgen("style", "photo.png", "paint.png", "-o", "a.png", "--seed", 5, *QUICK)
    recipe = Recipe.loads(images.read_recipe("a.png") or "")
    assert (recipe.technique, recipe.seed) == ("style", 5)
    assert recipe.settings["net"] == "tiny"
    assert recipe.settings["iterations"] == 4
    assert [(x.role, x.name) for x in recipe.inputs] == [
        ("content", "photo.png"),
        ("style", "paint.png"),
    ]
    assert recipe.machine["device"] == "cpu"
    assert not recipe.interrupted


def test_transparency_comes_back(folder: Path, artgen: Artgen, photo: torch.Tensor) -> None:
    alpha = torch.ones(1, 1, *photo.shape[-2:])
    alpha[..., :30] = 0
    images.save(photo, "clear.png", alpha=alpha)
    assert artgen("style", "clear.png", "paint.png", "-o", "a.png", *QUICK).code == 0
    back = images.load("a.png").alpha
    assert back is not None
    assert float(back[..., :15].max()) < 0.1
    assert float(back[..., -10:].min()) > 0.9


def test_a_sky_in_16_bits_has_no_bands(folder: Path, artgen: Artgen) -> None:
    """Of a sky that fades over 300 px each step is its own level, and none is much larger."""
    fade = torch.linspace(0.35, 0.65, 300).view(1, 1, 1, -1)
    images.save(fade.expand(1, 3, 40, 300), "sky.png", bits=16)
    words = ["sky.png", "paint.png", "--net", "tiny", "--size", 300, "-n", 3, "--strength", 1]
    for bits in (8, 16):
        assert artgen("style", *words, "--bits", bits, "-o", f"{bits}.png").code == 0
    shallow, deep = (images.load(f"{bits}.png") for bits in (8, 16))
    assert deep.deep
    row = deep.picture[0, 0, 20]
    assert row.unique().numel() > 256 > shallow.picture[0, 0, 20].unique().numel()
    # In 8 bits, of the same picture, neighbours are equal or a whole level apart.
    assert (row.diff().diff().abs()[5:-5] < 0.5 / 255).all()
    assert (row - shallow.picture[0, 0, 20]).abs().max() < 1 / 255


def test_a_name_that_another_run_takes_meanwhile_is_left_to_it(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = Recipe.dumps

    def meanwhile(recipe: Recipe) -> str:
        Path("photo-paint.png").write_text("theirs")
        return encode(recipe)

    monkeypatch.setattr(Recipe, "dumps", meanwhile)
    assert artgen("style", "photo.png", "paint.png", *QUICK).out == "photo-paint-2.png\n"
    assert Path("photo-paint.png").read_text() == "theirs"


def test_exif_is_kept_on_stdout_too(
    folder: Path, process: Callable[..., subprocess.Popen[bytes]]
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    Image.new("RGB", (60, 40), (9, 99, 200)).save("exif.jpg", exif=exif)
    out, _ = process(
        "style", "exif.jpg", "paint.png", "-o", "-", "--keep-exif", *QUICK
    ).communicate()
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.getexif()[0x010F] == "Maker"
