"""`artgen dream` from photo to file, as the README writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images

from .said import Said

Artgen = Callable[..., Said]
FROG = Path(__file__).parents[2] / "examples" / "frog.jpg"


def test_the_frog_dreams_as_written(folder: Path, artgen: Artgen) -> None:
    Path("frog.jpg").write_bytes(FROG.read_bytes())
    said = artgen("dream", "frog.jpg", "--layer", "block4", "--size", "64", "--iterations", "2")
    assert (said.code, said.out.strip()) == (0, "frog-dream.png")
    assert max(images.load("frog-dream.png").picture.shape) == 64


def test_again_makes_the_same_dream(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "48", "-n", "2"]
    artgen("dream", "photo.png", "--layer", "block2=1,block3=0.5", "-o", "a.png", *quick)
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)


def test_a_guide_is_a_file_and_part_of_the_recipe(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "48", "-n", "2"]
    assert artgen("dream", "photo.png", "--guide", "paint.png", "-o", "a.png", *quick).code == 0
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    missing = artgen("dream", "photo.png", "--guide", "nowhere.png", *quick)
    assert missing.code == 1
    assert "nowhere.png" in missing.err


def test_it_dreams_in_the_manner_of_a_shipped_style(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "48", "-n", "2"]
    said = artgen("dream", "photo.png", "--style", "starry", "-o", "a.png", *quick)
    assert said.code == 0, said.err
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    said = artgen("dream", "photo.png", "--style", "stary", *quick)
    assert said.code == 1
    assert "Did you mean 'starry'" in said.err


def test_a_sheet_is_a_picture_of_its_own_size(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "32", "-n", "1"]
    said = artgen("dream", "--sheet", "photo.png", "-o", "a.png", *quick)
    assert said.code == 0, said.err
    assert min(images.load("a.png").picture.shape[-2:]) > 64


def test_a_class_is_part_of_the_recipe(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "48", "-n", "2"]
    said = artgen("dream", "photo.png", "--class", "tree frog", "-o", "a.png", *quick)
    assert said.code == 0, said.err
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--layer", "bloc4"], "has no layer 'bloc4'"),
        (["--octaves", "-1"], "--octaves is -1"),
        (["--objective", "l1"], "Known: l2, mean, neuron"),
        (["--channel", "99"], "They are numbered 0 to 11"),
        (["--class", "tree froc"], "Did you mean 'tree frog'"),
        (["--class", "toucan", "--net", "slim"], "'slim' has no head"),
        (["--class", "toucan", "--layer", "block4"], "--class and --layer"),
        (["--size", "4"], "too small"),
    ],
)
def test_wrong_words_are_refused_in_a_sentence(
    folder: Path, artgen: Artgen, words: list[str], expected: str
) -> None:
    said = artgen("dream", "photo.png", "--net", "tiny", "--size", "48", *words)
    assert said.code == 2
    assert expected in said.err
    assert not list(folder.glob("*dream*"))
