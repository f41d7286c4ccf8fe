"""A recipe's inputs: found again, and refused where they have changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images

from .said import QUICK, Said

Artgen = Callable[..., Said]


@pytest.fixture
def made(folder: Path, artgen: Artgen) -> Path:
    words = ("--init", "noise", "--seed", 3, "--precision", "float32", *QUICK)
    artgen("style", "photo.png", "paint.png", "-o", "a.png", *words)
    return folder / "a.png"


def test_again_finds_inputs_in_another_folder(made: Path, artgen: Artgen) -> None:
    elsewhere = made.parent / "elsewhere"
    elsewhere.mkdir()
    Path("photo.png").rename(elsewhere / "photo.png")
    missing = artgen("again", "a.png")
    assert missing.code == 1
    assert "--inputs" in missing.err
    assert artgen("again", "a.png", "--inputs", elsewhere).code == 0


def test_again_refuses_an_input_that_has_changed(made: Path, artgen: Artgen) -> None:
    images.save(torch.rand(1, 3, 40, 50), "paint.png")
    said = artgen("again", "a.png", "-o", "b.png")
    assert said.code == 1
    assert "SHA-256" in said.err
    assert not Path("b.png").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names there are Unicode")
def test_again_finds_an_input_whose_name_is_not_unicode(folder: Path, artgen: Artgen) -> None:
    Path("photo.png").rename("caf\udce9.png")
    artgen("style", "caf\udce9.png", "paint.png", "-o", "a.png", *QUICK)
    assert artgen("again", "a.png", "-o", "b.png").code == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ('tile = "off"', "tile = 1.5", 1, "machine"),
        ('tile = "off"', "tile = 64", 1, "tile"),
        ('tile = "off"', 'tile = "many"', 2, "tile"),
        ('device = "cpu"', "device = 1", 1, "device"),
        ('device = "cpu"', 'device = "abacus"', 1, "--device auto"),
        ('precision = "float32"', 'precision = "float3"', 1, "float3"),
        ("seed = 3", "seed = -3", 2, "seed"),
        ("size = 48", "size = 0", 2, "--size"),
        ("size = 48", f"size = {10**500}", 2, "--size"),
        ('role = "content"', 'role = "style"', 1, "'content'"),
        ('name = "photo.png"', 'name = "../work/photo.png"', 1, "folder"),
        ('name = "photo.png"', 'name = "\\u0000"', 1, "is not here"),
        ('name = "photo.png"', 'name = ".."', 1, "no name of a file"),
        ('name = "photo.png"', 'name = ""', 1, "no name of a file"),
        ('weights = ""', 'weights = "/dev/null"', 1, "no name of a file"),
        ('weights = ""', 'weights = ".."', 1, "no name of a file"),
        ('init = "noise"', 'init = "/dev/null"', 1, "no name of a file"),
        ("mask = []", 'mask = ["../sky.png=ink"]', 1, "no name of a file"),
        ("mask = []", 'mask = ["sky.png=ink"]', 1, "'mask'"),
        ("protect = ", 'protect = "/dev/zero" #', 1, "no name of a file"),
        ('technique = "style"', 'technique = "../style"', 2, "../style"),
        ('net = "tiny"', 'net = "../tiny"', 2, "../tiny"),
    ],
)
def test_a_recipe_that_cannot_be_ours_is_refused_in_one_sentence(
    made: Path, artgen: Artgen, old: str, new: str, code: int, word: str
) -> None:
    text = images.read_recipe("a.png") or ""
    assert text.count(old) == 1
    images.save(images.load("a.png").picture, "c.png", recipe=text.replace(old, new))
    said = artgen("again", "c.png", "-o", "d.png")
    assert said.code == code
    assert word in said.err
    assert "should not" not in said.err
    assert len([line for line in said.err.splitlines() if "may differ" not in line]) == 1
    assert not Path("d.png").exists()
