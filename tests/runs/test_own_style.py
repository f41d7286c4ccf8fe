"""A picture's own style: found by its recipe, or missed in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import smooth

from artgen import images
from artgen.errors import UsageError
from artgen.runs.gallery import shipped_styles
from artgen.runs.own_style import own_style, with_own_style
from artgen.runs.recipes import Origin, Recipe
from artgen.techniques.enlarge import Enlarge
from artgen.techniques.style import Style


def painted(path: Path, *styles: str, **settings: Any) -> Path:
    """A picture whose recipe names styles."""
    inputs = [Origin("content", "photo.jpg"), *(Origin("style", name) for name in styles)]
    recipe = Recipe("style", settings, inputs=inputs).dumps()
    images.save(smooth(8, 9, seed=1), path, recipe=recipe)
    return path


def test_a_shipped_style_is_found_by_name(tmp_path: Path) -> None:
    assert own_style(painted(tmp_path / "a.png", "starry.jpg"), "--style") == "starry"
    assert "starry" in shipped_styles()


def test_a_painting_is_found_beside_the_picture(tmp_path: Path) -> None:
    images.save(smooth(8, 9, seed=2), tmp_path / "mine.png")
    found = own_style(painted(tmp_path / "a.png", "mine.png"), "--style")
    assert found == str(tmp_path / "mine.png")


def test_a_trained_style_is_one_of_the_same_name(tmp_path: Path) -> None:
    assert own_style(painted(tmp_path / "a.png", style="wave"), "--style") == "wave"


@pytest.mark.parametrize(
    ("styles", "said"),
    [
        ((), "names no style"),
        (("starry.jpg", "wave.jpg"), "names 2 styles"),
        (("gone.png",), r"'gone\.png' \(for style\) is not here"),
    ],
)
def test_what_is_no_style_is_said(tmp_path: Path, styles: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        own_style(painted(tmp_path / "a.png", *styles), "--style")
    assert caught.value.hint == "Name it: --style starry, or --style painting.jpg."


def test_a_picture_without_a_recipe_is_refused(tmp_path: Path) -> None:
    images.save(smooth(8, 9, seed=1), tmp_path / "a.png")
    with pytest.raises(UsageError, match=r"--style own: .*a\.png carries no recipe"):
        own_style(tmp_path / "a.png", "--style")


def test_settings_get_the_style_in_the_place_of_the_word(tmp_path: Path) -> None:
    path = painted(tmp_path / "a.png", "starry.jpg")
    settings = {"style": "own", "times": 2.0}
    found = with_own_style(Enlarge, settings, {"content": [str(path)]})
    assert found == {"style": "starry", "times": 2.0}
    assert settings["style"] == "own"
    assert with_own_style(Enlarge, {"style": "none"}, {"content": ["a"]}) == {"style": "none"}
    assert with_own_style(Style, {"init": "own"}, {"content": ["a"]}) == {"init": "own"}


@pytest.mark.parametrize("given", [[], ["a.png", "b.png"], ["folder"], [smooth(8, 9, seed=1)]])
def test_several_pictures_have_no_style_of_their_own(given: list[Any]) -> None:
    with pytest.raises(UsageError, match="--style own is for one picture"):
        with_own_style(Enlarge, {"style": "own"}, {"content": given})
