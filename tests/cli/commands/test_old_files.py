"""What an older artgen wrote is still read: recipes, alone or in a picture, and OUT.part.

Bits are not promised from one version of artgen, or of torch, to another.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images

from ..said import Said

Artgen = Callable[..., Said]
OLD = Path(__file__).parent / "old"
NEAR = 0.002  # mean difference of what should be the same picture; 0.26 from photo to style.png


@pytest.fixture(autouse=True)
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the old files, and the current folder."""
    here = shutil.copytree(OLD, tmp_path / "old")
    monkeypatch.chdir(here)
    return here


def apart(one: str, other: str) -> float:
    """The mean difference of two pictures of one size."""
    a, b = (images.load(name).picture for name in (one, other))
    assert a.shape == b.shape
    return float((a - b).abs().mean())


@pytest.mark.parametrize("name", ["style", "texture", "dream", "fast", "explore"])
def test_a_picture_is_made_again(name: str, artgen: Artgen) -> None:
    said = artgen("again", f"{name}.png", "-o", "new.png")
    assert (said.code, said.out.strip()) == (0, "new.png"), said.err
    assert apart("new.png", f"{name}.png") < NEAR


def test_a_cell_of_a_sheet_is_painted_in_full(artgen: Artgen) -> None:
    said = artgen("again", "explore.png", "--cell", 2, "--size", 20, "-o", "cell.png")
    assert said.code == 0, said.err
    assert images.load("cell.png").picture.shape == (1, 3, 16, 20)


def test_a_recipe_is_a_preset(artgen: Artgen) -> None:
    words = ("--seed", 3, "--device", "cpu", "--precision", "float32", "-o", "new.png")
    said = artgen("style", "photo.png", "paint.png", "--preset", "style.toml", *words)
    assert said.code == 0, said.err
    assert apart("new.png", "style.png") < NEAR


def test_an_unfinished_picture_is_finished(artgen: Artgen) -> None:
    said = artgen("again", "stopped.png.part")
    assert (said.code, said.out.strip()) == (0, "stopped.png"), said.err
    assert apart("stopped.png", "style.png") < NEAR  # 0.008 when it was interrupted
    assert not Path("stopped.png.part").exists()
