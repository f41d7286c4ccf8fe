"""`--preset` and `artgen presets`: settings by name, of which those that are given come first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images
from artgen.runs.recipes import Recipe

from ..said import QUICK, Said

Artgen = Callable[..., Said]


def recipe(path: str) -> Recipe:
    return Recipe.loads(images.read_recipe(path) or "")


def test_a_preset_brings_settings_and_style(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "--preset", "etching", *QUICK)
    assert said.out.strip() == "photo-etching.png"
    made = recipe("photo-etching.png")
    assert made.settings["strength"] == 55
    assert made.settings["size"] == 48
    assert [one.name for one in made.inputs] == ["photo.png", "engraving.jpg"]
    assert artgen("again", "photo-etching.png", "-o", "b.png").code == 0


def test_what_is_given_comes_first(folder: Path, artgen: Artgen) -> None:
    words = ("--preset", "etching", "--strength", 50, *QUICK, "-o", "a.png")
    assert artgen("style", "photo.png", "paint.png", *words).code == 0
    made = recipe("a.png")
    assert made.settings["strength"] == 50  # the default, but it was asked for
    assert made.settings["slant"] == -0.3
    assert made.inputs[1].name == "paint.png"


def test_a_recipe_as_a_preset_keeps_its_seed(folder: Path, artgen: Artgen) -> None:
    words = ("--init", "noise", *QUICK)
    artgen("style", "photo.png", "paint.png", *words, "--seed", 5, "-o", "a.png")
    Path("mine.toml").write_text(artgen("info", "a.png").out)
    artgen("style", "photo.png", "--preset", "mine.toml", "-o", "b.png")
    assert images.load("a.png").picture.equal(images.load("b.png").picture)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("style", "photo.png"), "There is no STYLE"),
        (("style", "photo.png", "--preset", "fever"), "is a preset of artgen dream"),
        (("dream", "photo.png", "--preset", "feber"), "Did you mean 'fever'?"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, artgen: Artgen, words: tuple[str, ...], said: str
) -> None:
    refused = artgen(*words)
    assert refused.code in (1, 2)
    assert said in refused.err
    assert len(refused.err.splitlines()) == 1


def test_they_are_listed_and_a_broken_one_is_told_of(
    folder: Path, artgen: Artgen, home: Path
) -> None:
    own = home / "styles"
    own.mkdir(parents=True)
    (own / "broken.toml").write_text("flavour = 1")
    said = artgen("presets")
    assert said.code == 0
    assert "etching         style    Fine black lines" in said.out
    assert "no 'flavour'" in said.err
    assert str(own) in said.err
    assert str(own / "broken.toml") in artgen("presets", "--paths").out


def test_a_picture_is_saved_as_a_preset(folder: Path, artgen: Artgen, home: Path) -> None:
    words = ("--strength", 30, "--seed", 5, *QUICK)
    artgen("style", "photo.png", "paint.png", "wave", *words, "-o", "a.png")
    said = artgen("presets", "save", "dusk", "a.png", "--about", "As at dusk")
    assert said.out.strip() == str(home / "styles" / "dusk.toml")
    assert "artgen style PHOTO --preset dusk" in said.err
    assert "As at dusk" in artgen("presets").out
    Path("paint.png").unlink()  # the preset has a copy
    assert artgen("style", "photo.png", "--preset", "dusk").out.strip() == "photo-dusk.png"
    made = recipe("photo-dusk.png")
    assert made.settings["strength"] == 30
    assert [one.name for one in made.inputs] == ["photo.png", "paint.png", "wave.jpg"]
    assert not (home / "styles" / "photo.png").exists()
    for name, message in (("dusk", "already"), ("../x", "cannot be"), ("", "cannot be")):
        refused = artgen("presets", "save", name, "a.png")
        assert refused.code == 2
        assert message in refused.err
