"""`artgen style` from photo to file: what it writes, what it prints, and where."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.ops.resize import resize
from artgen.runs.recipes import Recipe

from .said import QUICK, Said, check

Artgen = Callable[..., Said]
ROOT = Path(__file__).parents[2]


def test_save_every_leaves_a_whole_picture_on_the_way(folder: Path, artgen: Artgen) -> None:
    said = artgen(
        *("style", "photo.png", "paint.png", "-o", "a.png", "--save-every", 3, "--json"), *QUICK
    )
    saved = [e for e in map(json.loads, said.out.splitlines()) if e["event"] == "saved"]
    assert [event["finished"] for event in saved] == [False, True]


def test_several_styles_and_a_start_from_a_file(folder: Path, artgen: Artgen) -> None:
    said = artgen(
        *("style", "photo.png", "paint.png", "photo.png", "--style-weights", "2,1"),
        *("--init", "paint.png", "-o", "a.png", *QUICK),
    )
    assert said.code == 0
    recipe = Recipe.loads(images.read_recipe("a.png") or "")
    assert recipe.settings["style_weights"] == [2.0, 1.0]
    assert [x.role for x in recipe.inputs] == ["content", "style", "style", "init"]


@pytest.mark.slow
def test_the_command_in_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, artgen: Artgen
) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    line = next(x for x in lines if x.startswith("artgen style examples/frog.jpg"))
    words = shlex.split(line.partition("#")[0])[1:]
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "styles").symlink_to(ROOT / "styles")
    monkeypatch.chdir(tmp_path)
    said = artgen(*words)
    assert (said.code, said.out.strip()) == (0, "frog-starry.png")
    made, photo = images.load("frog-starry.png"), images.load("examples/frog.jpg")
    assert max(made.picture.shape) == 512
    before = resize(photo.picture, tuple(made.picture.shape[-2:]))
    assert float((made.picture - before).abs().mean()) > 0.03  # painted over, not copied


def test_masks_and_what_is_protected(folder: Path, artgen: Artgen) -> None:
    left = torch.zeros(1, 3, 20, 30)
    left[..., :15] = 1
    images.save(left, "left.png")
    images.save(0 * left, "black.png")
    words = ("style", "photo.png", "starry", "--content-weight", 0.01, *QUICK)
    assert artgen(*words, "--mask", "left.png=ink", "--mask", "left.png=paint.png").code == 0
    kept = artgen(*words, "--protect", "left.png", "--mask", "left.png=ink", "-o", "kept.png")
    assert kept.code == 0
    plain = resize(images.load("photo.png").picture, (35, 48))
    off = (images.load("kept.png").picture - plain).abs()
    assert off[..., :20].max() < 1 / 255
    assert off[..., -20:].max() > 2 / 255
    recipe = Recipe.loads(images.read_recipe("kept.png") or "")
    assert recipe.settings["mask"] == ["left.png=ink"]
    assert [one.role for one in recipe.inputs] == ["content", "style", "mask", "masked", "protect"]
    assert artgen("again", "kept.png", "-o", "again.png").code == 0
    assert images.load("kept.png").picture.equal(images.load("again.png").picture)
    for bad, said in {
        "black.png=ink": "'black.png' of --mask is empty",
        "left.png": "Write it as in --mask MASK.png=STYLE",
        "left.png=inkk": "Did you mean 'ink'?",
        "right.png=ink": "There is no file right.png",
    }.items():
        refused = artgen(*words, "--mask", bad)
        assert refused.code in (1, 2)
        assert said in refused.err


def test_a_folder_of_styles_is_all_of_them(folder: Path, artgen: Artgen) -> None:
    Path("mine").mkdir()
    Path("paint.png").rename("mine/a.png")
    images.save(torch.rand(1, 3, 30, 30), "mine/b.png")
    said = artgen("style", "photo.png", "mine", "--style-weights", "2,1", *QUICK)
    assert said.out.strip() == "photo-mine.png"
    recipe = Recipe.loads(images.read_recipe("photo-mine.png") or "")
    assert [one.name for one in recipe.inputs] == ["photo.png", "a.png", "b.png"]
    assert "2 weights" not in said.err
    three = artgen("style", "photo.png", "mine", "starry", "--style-weights", "2,1", *QUICK)
    assert "There are 3 styles and 2 weights" in three.err


def test_values_of_another_programs_scale_are_remarked_upon(folder: Path, artgen: Artgen) -> None:
    words = ("--strength", 0.7, "--style-weight", "1e6", *QUICK)
    said = artgen("style", "photo.png", "paint.png", *words)
    assert said.code == 0
    assert "--strength 0.7 is next to nothing: it goes from 0 to 100." in said.err
    assert "--style-weight 1e+06 is 1e+06 times the default, 1." in said.err


def test_an_address_is_refused_as_it_was_given(folder: Path, artgen: Artgen) -> None:
    address = "https://example.org/some/photo.jpg"
    for words in ((address, "paint.png"), ("photo.png", address)):
        check(artgen("style", *words), 1, f"{address} is an address, and a file is needed.")
