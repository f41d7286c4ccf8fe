"""`artgen info` and `artgen again`: a picture is made anew from what it carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.runs.recipes import Recipe

from ..said import QUICK, Said

Artgen = Callable[..., Said]


@pytest.fixture
def made(folder: Path, artgen: Artgen) -> Path:
    words = ("--init", "noise", "--seed", 3, "--precision", "float32", *QUICK)
    artgen("style", "photo.png", "paint.png", "-o", "a.png", *words)
    return folder / "a.png"


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp", ".tif", ".avif"])
def test_info_prints_the_recipe_of_every_format(folder: Path, artgen: Artgen, kind: str) -> None:
    artgen("style", "photo.png", "paint.png", "-o", f"a{kind}", *QUICK)
    said = artgen("info", f"a{kind}")
    assert said.code == 0
    assert Recipe.loads(said.out).settings["net"] == "tiny"
    assert json.loads(artgen("info", "--json", f"a{kind}").out)["technique"] == "style"


def test_info_of_a_picture_without_a_recipe(folder: Path, artgen: Artgen) -> None:
    said = artgen("info", "photo.png")
    assert said.code == 1
    assert "carries no recipe" in said.err


def test_again_is_bit_equal(made: Path, artgen: Artgen) -> None:
    said = artgen("again", "a.png", "-o", "b.png")
    assert (said.code, said.out.strip()) == (0, "b.png")
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    assert "may differ" not in said.err


def test_the_threads_of_an_older_recipe_are_no_matter(made: Path, artgen: Artgen) -> None:
    text = images.read_recipe("a.png") or ""
    old = text.replace("[machine]", "[machine]\nthreads = 16")
    images.save(images.load("a.png").picture, "old.png", recipe=old)
    said = artgen("again", "old.png", "-o", "b.png")
    assert (said.code, said.out.strip()) == (0, "b.png")
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    assert "may differ" not in said.err


def test_again_at_another_size(made: Path, artgen: Artgen) -> None:
    assert artgen("again", "a.png", "--size", 64).out.strip() == "a-again.png"
    assert images.load("a-again.png").picture.shape[-1] == 64


def test_again_warns_of_another_machine(made: Path, artgen: Artgen) -> None:
    text = images.read_recipe("a.png") or ""
    images.save(
        images.load("a.png").picture, "c.png", recipe=text.replace('torch = "', 'torch = "x')
    )
    assert "torch" in artgen("again", "c.png", "-o", "d.png").err


def test_again_keeps_16_bits(folder: Path, artgen: Artgen) -> None:
    artgen("style", "photo.png", "paint.png", "-o", "a.png", "--bits", 16, *QUICK)
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert artgen("again", "a.png", "-o", "b.jpg").code == 0


def test_again_says_that_the_first_was_interrupted(made: Path, artgen: Artgen) -> None:
    text = f"interrupted = 3\n{images.read_recipe('a.png')}"
    images.save(images.load("a.png").picture, "c.png", recipe=text)
    said = artgen("again", "c.png", "-o", "d.png")
    assert "interrupted at iteration 3" in said.err
    assert torch.equal(images.load("a.png").picture, images.load("d.png").picture)


def test_weights_files_are_named_without_their_folder_and_found_again(
    folder: Path, artgen: Artgen
) -> None:
    from safetensors.torch import save_file

    from artgen.networks.weights import load
    from artgen.networks.zoo import all_networks

    spec = all_networks().get("tiny")
    chain = spec.build()
    load(spec.name, spec.source, chain)
    (folder / "nets").mkdir()
    file = folder / "nets" / "mine.safetensors"
    save_file(chain.state_dict(), file)
    assert (
        artgen("style", "photo.png", "paint.png", "-o", "a.png", "--weights", file, *QUICK).code
        == 0
    )
    text = images.read_recipe("a.png") or ""
    assert 'weights = "mine.safetensors"' in text
    assert str(folder) not in text
    assert artgen("again", "a.png", "-o", "b.png").code == 1
    assert artgen("again", "a.png", "-o", "b.png", "--inputs", folder / "nets").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)


def test_a_retrained_network_changes_no_picture_made_before(
    made: Path, artgen: Artgen, request: pytest.FixtureRequest
) -> None:
    first = made.with_name("first.png")
    words = ("style", "photo.png", "paint.png", "--init", "noise", "--seed", 3)
    words = (*words, "--precision", "float32", *QUICK)
    request.getfixturevalue("retrained")
    assert artgen(*words, "--net", "tiny@1", "-o", first).code == 0
    assert artgen(*words, "-o", "newest.png").code == 0
    old, new = (images.load(name).picture for name in ("a.png", "newest.png"))
    assert torch.equal(images.load(first).picture, old)
    assert not torch.equal(new, old)
    assert artgen("again", first, "-o", "b.png").code == 0
    assert torch.equal(images.load("b.png").picture, old)
    said = artgen(*words, "--net", "tiny@7", "-o", "c.png")
    assert (said.code, "Known: tiny@1, tiny@2." in said.err) == (2, True)
