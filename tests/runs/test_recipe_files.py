"""Recipes' files: inputs found by name and hash; tests/cli/test_recipe.py has whole commands."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pictures import smooth

from artgen import images
from artgen.errors import RecipeError
from artgen.runs.gallery import shipped_styles
from artgen.runs.recipe_files import find_input, recipe_called, recipe_of
from artgen.runs.recipes import Origin


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    images.save(smooth(8, 9, seed=1), path)
    return path


def test_an_input_is_found_by_name_and_hash(file: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert find_input(Origin("content", file.name, digest), [tmp_path]) == file
    assert find_input(Origin("content", file.name), [tmp_path]) == file
    with pytest.raises(RecipeError, match="its SHA-256 differs"):
        find_input(Origin("content", file.name, "0" * 64), [tmp_path])
    with pytest.raises(RecipeError, match=r"'gone\.png' \(for content\) is not here"):
        find_input(Origin("content", "gone.png"), [tmp_path])


def test_a_shipped_style_is_found_anywhere(tmp_path: Path) -> None:
    starry = shipped_styles()["starry"]
    assert find_input(Origin("style", starry.name), [tmp_path]) == starry
    assert recipe_called("starry")[0].inputs == [Origin("style", "starry")]


def test_a_picture_without_a_recipe_is_refused(file: Path) -> None:
    with pytest.raises(RecipeError, match="carries no recipe"):
        recipe_of(file)
