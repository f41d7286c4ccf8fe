"""`artgen explore`: a sheet, of which one cell is painted in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from artgen import images
from artgen.recipes import Recipe

from .said import QUICK, Said


def test_a_sheet_and_one_of_its_cells(folder: Path, artgen: Callable[..., Said]) -> None:
    said = artgen("explore", "photo.png", "paint.png", "--vary", "strength=20,80", *QUICK)
    assert said.out.strip() == "photo-paint.png"
    assert "artgen again SHEET --cell NUMBER" in said.err
    again = artgen("again", "photo-paint.png", "--cell", 2, "--size", 50)
    assert again.out.strip() == "photo-paint-2.png"
    assert images.load("photo-paint-2.png").picture.shape[-1] == 50
    recipe = Recipe.loads(images.read_recipe("photo-paint-2.png") or "")
    assert (recipe.technique, recipe.settings["strength"]) == ("style", 80)
    refused = artgen("again", "photo-paint.png", "--cell", 3)
    assert refused.code == 2
    assert "has no cell 3" in refused.err
