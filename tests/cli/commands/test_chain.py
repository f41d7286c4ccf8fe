"""`artgen chain`: what one preset makes, the next one takes, and every picture knows its recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images

from ..said import Said

Artgen = Callable[..., Said]
DREAM = 'technique = "dream"\n[settings]\nnet = "tiny"\niterations = 2\n'
STYLE = """
technique = "style"
seed = 4
[settings]
net = "tiny"
iterations = 2
[[inputs]]
role = "style"
name = "paint.png"
"""


@pytest.fixture
def presets(folder: Path) -> list[str]:
    """Two files beside the pictures."""
    (folder / "dream.toml").write_text(DREAM)
    (folder / "paint.toml").write_text(STYLE)
    return ["dream.toml", "paint.toml"]


def test_a_dream_is_painted(folder: Path, artgen: Artgen, presets: list[str]) -> None:
    said = artgen("chain", "photo.png", *presets, "--size", 48)
    assert said.code == 0, said.err
    assert said.out.split() == ["photo-dream.png", "photo-dream-style.png"]
    first = artgen("dream", "photo.png", "--net", "tiny", "-n", 2, "-s", 48, "-o", "d.png")
    assert first.code == 0
    made = images.load("photo-dream.png").picture
    assert torch.equal(made, images.load("d.png").picture)
    assert artgen("again", "photo-dream-style.png", "-o", "b.png").code == 0
    again, before = (images.load(name).picture for name in ("b.png", "photo-dream-style.png"))
    assert torch.equal(again, before)


def test_the_last_picture_goes_where_it_is_told(
    folder: Path, artgen: Artgen, presets: list[str]
) -> None:
    Path("sub").mkdir()
    said = artgen("chain", "photo.png", *presets, "--size", 48, "-o", "sub/a.jpg")
    assert said.out.split() == [str(Path("sub/a-dream.jpg")), "sub/a.jpg"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["dreem"], "no preset called 'dreem'"),
        (["style"], "does not say which style it takes"),
        (["dream.toml", "texture"], "artgen texture takes no photo"),
        (["nowhere.toml"], "There is no file nowhere.toml"),
    ],
)
def test_a_broken_chain_is_refused_before_its_first_step(
    folder: Path, artgen: Artgen, presets: list[str], steps: list[str], words: str
) -> None:
    said = artgen("chain", "photo.png", *steps)
    assert said.code in (1, 2)
    assert words in said.err
    assert not list(folder.glob("*-dream*"))
