"""`artgen fast import`: an old checkpoint paints, as a user does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from checkpoints import checkpoint

from artgen import images

from ..said import Said

Artgen = Callable[..., Said]


@pytest.fixture
def old(folder: Path) -> Path:
    """The folder, with mosaic.pth in it, and other.pth, which is no such network."""
    torch.save(checkpoint(running=True), folder / "mosaic.pth")
    torch.save({"weight": torch.zeros(3)}, folder / "other.pth")
    return folder


def test_an_old_checkpoint_paints_a_photo(old: Path, artgen: Artgen) -> None:
    said = artgen("fast", "import", "mosaic.pth", "-o", "mine.safetensors", "--name", "tiles")
    assert said.code == 0, said.err
    assert said.out == "mine.safetensors\n"
    assert "artgen fast apply PHOTO tiles --painter mine.safetensors" in said.err
    words = ("photo.png", "--painter", "mine.safetensors", "-o", "out.png", "--strength", 70)
    said = artgen("fast", "apply", "tiles", *words)
    assert said.code == 0, said.err
    assert images.load("out.png").picture.shape == (1, 3, 49, 67)
    again = artgen("again", "out.png", "-o", "again.png")
    assert again.code == 0, again.err
    assert Path("out.png").read_bytes() == Path("again.png").read_bytes()
    said = artgen("fast", "apply", "mosaic", *words)
    assert said.code == 2
    assert "Known: tiles." in said.err


def test_it_learns_no_other_style(old: Path, artgen: Artgen) -> None:
    words = ("-q", "-o", "mine.safetensors")
    said = artgen("fast", "import", "mosaic.pth", *words)
    assert (said.code, said.out, said.err) == (0, "mine.safetensors\n", "")
    words = ("--photos", ".", "--onto", "mine.safetensors", "-o", "more.safetensors")
    said = artgen("fast", "train", "paint.png", *words, "--net", "tiny")
    assert said.code == 2
    assert "cannot learn another" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["other.pth", "-o", "x.safetensors"], "fast_neural_style"),
        (["none.pth", "-o", "x.safetensors"], "no file none.pth"),
        (["photo.png", "-o", "x.safetensors"], "photo.png"),
        (["mosaic.pth", "-o", "x.pth"], "ends in .safetensors"),
        (["mosaic.pth", "-o", "no/x.safetensors"], "There is no folder"),
        (["mosaic.pth", "-o", "x.safetensors", "--name", "photo"], "cannot be called 'photo'"),
        (["mosaic.pth"], "--out"),
    ],
)
def test_wrong_words_are_one_sentence(
    old: Path, artgen: Artgen, words: list[str], sentence: str
) -> None:
    said = artgen("fast", "import", *words)
    assert said.code in (1, 2)
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not list(old.glob("x.*"))
