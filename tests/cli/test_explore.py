"""`artgen explore`: a sheet, of which one cell is painted in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images, video
from artgen.runs.recipes import Recipe

from .said import QUICK, Said


def test_a_sheet_and_one_of_its_cells(folder: Path, artgen: Callable[..., Said]) -> None:
    said = artgen("explore", "photo.png", "paint.png", "--vary", "strength=20,80", *QUICK)
    assert said.out.strip() == "photo-explore.png"
    assert "artgen again photo-explore.png --cell 1 --size 1024" in said.err
    again = artgen("again", "photo-explore.png", "--cell", 2, "--size", 50)
    assert again.out.strip() == "photo-explore-2.png"
    assert images.load("photo-explore-2.png").picture.shape[-1] == 50
    recipe = Recipe.loads(images.read_recipe("photo-explore-2.png") or "")
    assert (recipe.technique, recipe.settings["strength"]) == ("style", 80)
    refused = artgen("again", "photo-explore.png", "--cell", 3)
    assert refused.code == 2
    assert "has no cell 3" in refused.err


@pytest.mark.parametrize("name", ["sweep.gif", "sweep.mp4"])
def test_a_sweep_is_a_film(folder: Path, artgen: Callable[..., Said], name: str) -> None:
    pair = ("photo.png", "paint.png", "starry")
    bold = ("--fixed", "strength=100")  # four steps of a tiny network else hardly differ
    said = artgen("explore", *pair, "--sweep", 3, "--fps", 5, *bold, "-o", name, *QUICK)
    assert (said.code, said.out.strip()) == (0, name), said.err
    clip = video.probe(name)
    odd = name.endswith(".gif")  # H.264 knows no odd sizes
    assert (clip.size, clip.rate) == ((35 if odd else 36, 48), 5)
    first, middle, last = video.frames(clip)
    assert (first - last).abs().mean() > (first - middle).abs().mean() > 0
    if name.endswith(".mp4"):
        assert artgen("again", name, "--cell", 2).out.strip() == "sweep-2.png"
        recipe = Recipe.loads(images.read_recipe("sweep-2.png") or "")
        assert recipe.settings["style_weights"] == [0.5, 0.5]


def test_a_film_is_of_a_sweep(folder: Path, artgen: Callable[..., Said]) -> None:
    said = artgen("explore", "photo.png", "paint.png", "-o", "a.gif", *QUICK)
    assert said.code == 2
    assert "A film goes from one style to another" in said.err
    assert not list(Path().glob("a.*"))
