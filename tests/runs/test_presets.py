"""Presets: those that ship are sound, one's own are found, and what is wrong is said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from artgen import images
from artgen.errors import ArtgenError, RecipeError
from artgen.runs import gallery, presets
from artgen.runs.presets import Preset, find_preset
from artgen.runs.recipes import Recipe, settings_from
from artgen.runtime import Runtime
from artgen.techniques.style import Style

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "styles").glob("*.toml"))
PLAIN = """
technique = "style"
about = "Just so"
[settings]
strength = 70
style_scale = 0.5
[[inputs]]
role = "style"
name = "wave.jpg"
"""


@pytest.fixture
def own(home: Path) -> Path:
    """The user's own folder."""
    folder = home / "styles"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_those_that_ship_are_sound(path: Path) -> None:
    preset = Preset.read(path)
    assert preset.about
    assert not preset.about.endswith(".")
    assert preset.settings
    settings_from(preset.technique, preset.settings)
    assert all(Path(one).is_file() for many in preset.pictures.values() for one in many)
    if preset.technique == "style":
        assert preset.pictures["style"]


def test_a_dozen_ship_and_no_two_are_alike() -> None:
    found = [Preset.read(path) for path in SHIPPED]
    assert len(found) >= 12
    assert len({one.about for one in found}) == len(found)
    told = [(p.technique, str(p.settings), str(p.pictures)) for p in found]
    assert len(set(told)) == len(found)


def test_ones_own_come_first_and_pictures_beside_them(own: Path) -> None:
    (own / "etching.toml").write_text(PLAIN)
    assert find_preset("etching", "style").about == "Just so"
    shipped = gallery.shipped_styles()["wave"]
    assert find_preset("etching", "style").pictures == {"style": [str(shipped)]}
    images.save(torch.rand(1, 3, 9, 9), own / "wave.jpg")
    assert find_preset("etching", "style").pictures == {"style": [str(own / "wave.jpg")]}
    assert gallery.find_style("wave") == own / "wave.jpg"


def test_a_file_anywhere_and_masks_beside_it(tmp_path: Path) -> None:
    images.save(torch.rand(1, 3, 9, 9), tmp_path / "sky.png")
    masked = PLAIN.replace("[settings]", '[settings]\nmask = ["sky.png=ink", "far.png=ink"]')
    (tmp_path / "mine.toml").write_text(masked)
    preset = find_preset(str(tmp_path / "mine.toml"), "style")
    assert preset.settings["mask"] == (f"{tmp_path / 'sky.png'}=ink", "far.png=ink")


def test_the_recipe_of_a_picture_is_a_preset(tmp_path: Path, runtime: Runtime) -> None:
    loaded = {
        role: [
            images.Loaded(
                np.zeros((1, 3, 4, 4), np.float32), None, Path(name), "ab" * 32, None, False
            )
        ]
        for role, name in (("content", "cat.jpg"), ("style", "a/ink.jpg"))
    }
    runtime.seed = 7
    text = Recipe.of("style", Style(strength=33.0), runtime, loaded).dumps()
    (tmp_path / "mine.toml").write_text(text)
    preset = find_preset(str(tmp_path / "mine.toml"), "style")
    assert settings_from("style", preset.settings) == Style(strength=33.0, net="slim@2")
    assert preset.seed == 7
    assert preset.pictures == {"style": [str(gallery.shipped_styles()["ink"])]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strength = ", "is no TOML"),
        (PLAIN + 'flavour = "x"', "input has no 'flavour'"),
        ("flavour = 1" + PLAIN, "A preset has no 'flavour'"),
        (PLAIN.replace("strength", "strenght"), "Did you mean 'strength'"),
        (PLAIN.replace("70", "700"), "--strength is 700"),
        (PLAIN.replace('"style"', '"stile"'), "no technique called 'stile'"),
        (PLAIN.replace("technique", "about2"), "no 'about2'"),
        (PLAIN.replace('technique = "style"', ""), "has no technique"),
        (PLAIN.replace("wave.jpg", "wafe.jpg"), "Did you mean 'wave'"),
        (PLAIN.replace('"wave.jpg"', "3"), "no list of tables"),
        (PLAIN.replace("wave.jpg", "../wave.jpg"), "no name of a file"),
        (PLAIN.replace("wave.jpg", ".."), "no name of a file"),
        (PLAIN.replace("strength = 70", 'mask = ["/dev/zero=ink"]'), "no name of a file"),
        (PLAIN.replace("strength = 70", 'init = "/dev/zero"'), "no name of a file"),
        (PLAIN.replace("strength = 70", 'protect = "/dev/zero"'), "no name of a file"),
        (PLAIN.replace("strength = 70", 'weights = "/dev/zero"'), "no name of a file"),
        (PLAIN + '[[inputs]]\nrole = "style"\n' * 1000, "1000 are the most"),
        ('seed = "x"' + PLAIN, "seed is no number"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ArtgenError) as caught:
        Preset.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_unknown_ones_and_those_of_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no preset called 'fewer'") as caught:
        find_preset("fewer", "dream")
    assert "Did you mean 'fever'?" in caught.value.hint
    with pytest.raises(RecipeError, match="'fever' is a preset of artgen dream"):
        find_preset("fever", "style")
    with pytest.raises(RecipeError, match="There is no file"):
        find_preset(str(tmp_path / "none.toml"), "style")
    assert set(presets.presets()) == {path.stem for path in SHIPPED}
