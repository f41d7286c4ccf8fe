"""`artgen see` from words to file, as the README writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.cli.interrupts import Interrupts

from .said import Said

Artgen = Callable[..., Said]


class Stopped(Interrupts):
    """Somebody presses Ctrl-C as soon as there is something to lose."""

    code = property(lambda self: 130 if self.running else 0, lambda self, code: None)  # type: ignore[assignment]


def test_kernels_need_no_picture(folder: Path, artgen: Artgen) -> None:
    said = artgen("see", "kernels")
    assert (said.code, said.out.strip()) == (0, "kernels-slim.png")
    assert artgen("see", "kernels", "--net", "tiny").out.strip() == "kernels-tiny.png"
    assert artgen("see", "kernels").out.strip() == "kernels-slim-2.png"


def test_again_needs_none_either(folder: Path, artgen: Artgen) -> None:
    artgen("see", "kernels", "-o", "a.png")
    assert 'technique = "see_kernels"' in artgen("info", "a.png").out
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)


def test_separate_writes_each_cell_beside_the_sheet(folder: Path, artgen: Artgen) -> None:
    words = ["--net", "tiny", "--separate", "--size", "9"]
    assert artgen("see", "kernels", *words, "-o", "k.png").code == 0
    assert {path.name for path in folder.glob("k*")} == {
        "k.png",
        *(f"k-conv1_1-{index}.png" for index in range(6)),
    }
    assert images.load("k-conv1_1-5.png").picture.shape == (1, 3, 9, 9)


def test_responses_are_named_after_the_photo(folder: Path, artgen: Artgen) -> None:
    words = ["--net", "tiny", "--size", "48", "--layer", "conv1_1", "--signed"]
    said = artgen("see", "responses", "photo.png", *words, "--channels", "3,5", "--separate")
    assert (said.code, said.out.strip()) == (0, "photo-responses.png")
    assert {path.name for path in folder.glob("photo-*")} == {
        "photo-responses.png",
        *(f"photo-responses-{name}.png" for name in ("photo", "conv1_1-3", "conv1_1-5")),
    }
    assert artgen("again", "photo-responses.png", "-o", "b.png").code == 0
    again, first = images.load("b.png"), images.load("photo-responses.png")
    assert torch.equal(again.picture, first.picture)


def test_channels_that_are_not_there_name_those_that_are(folder: Path, artgen: Artgen) -> None:
    said = artgen("see", "responses", "photo.png", "--net", "tiny", "--channels", "6")
    assert said.code == 2
    assert "numbered 0 to 5" in said.err
    assert not list(folder.glob("*responses*"))


def test_an_inversion_cut_short_keeps_the_sheet_so_far(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--net", "tiny", "--size", "48", "-n", "3", "--save-every", "4"]
    assert artgen("see", "invert", "photo.png", *words, "-o", "a.png").code == 0
    assert artgen("again", "a.png", "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    monkeypatch.setattr("artgen.cli.run.Interrupts", Stopped)
    said = artgen("see", "invert", "photo.png", *words, "-o", "c.png", "--checkpoint", "1e-9")
    assert said.code == 130
    assert "artgen again" not in said.err  # nothing can go on in the middle of a sheet
    assert images.load("c.png").picture.shape[-1] > 200
    assert not list(folder.glob("*.part"))


def test_a_shipped_style_is_seen_by_its_name(folder: Path, artgen: Artgen) -> None:
    words = ["--net", "tiny", "--size", "48", "-n", "2", "--background", "light"]
    said = artgen("see", "style", "starry", *words)
    assert (said.code, said.out.strip()) == (0, "starry-style.png")
    assert artgen("again", "starry-style.png", "-o", "b.png").code == 0
    again, first = images.load("b.png"), images.load("starry-style.png")
    assert torch.equal(again.picture, first.picture)


def test_filters_are_named_after_the_network(folder: Path, artgen: Artgen) -> None:
    words = ["--layer", "conv1_1", "--channels", "random:2", "--size", "24", "-n", "2"]
    said = artgen("see", "filters", "--net", "tiny", *words, "--seed", "5")
    assert (said.code, said.out.strip()) == (0, "filters-tiny.png")
    assert artgen("again", "filters-tiny.png", "-o", "b.png").code == 0
    again, first = images.load("b.png"), images.load("filters-tiny.png")
    assert torch.equal(again.picture, first.picture)


def test_a_folder_is_one_input_and_found_again(folder: Path, artgen: Artgen) -> None:
    many = folder / "many"
    many.mkdir()
    for number in range(4):
        images.save(torch.rand(1, 3, 40, 50), many / f"{number}.png")
    (many / "bad.png").write_text("nothing")
    words = ["--net", "tiny", "--layer", "conv1_1", "--channel", "2", "--size", "40"]
    said = artgen("see", "patches", "many/", *words)
    assert (said.code, said.out.strip()) == (0, "many-patches.png")
    assert "Left out of many, for no picture can be read: bad.png." in said.err
    assert 'role = "folder"' in artgen("info", "many-patches.png").out
    assert artgen("again", "many-patches.png", "-o", "b.png").code == 0
    again, first = images.load("b.png"), images.load("many-patches.png")
    assert torch.equal(again.picture, first.picture)
    images.save(torch.rand(1, 3, 40, 50), many / "0.png")
    said = artgen("again", "many-patches.png", "-o", "c.png")
    assert said.code == 1
    assert "is not what was used" in said.err


def test_noise_fools_without_a_photo(folder: Path, artgen: Artgen) -> None:
    words = ["--net", "tiny", "--size", "40", "-n", "2"]
    said = artgen("see", "fool", "--init", "noise", "--as", "tree frog", *words)
    assert (said.code, said.out.strip()) == (0, "fool-tiny.png")
    assert (folder / "fool-tiny-fooled.png").is_file()
    assert artgen("again", "fool-tiny.png", "-o", "b.png").code == 0
    assert "There is no photo to look at" in artgen("see", "fool", *words).err


def test_a_class_is_an_argument(folder: Path, artgen: Artgen) -> None:
    words = ["--net", "tiny", "--size", "40", "-n", "1", "--octaves", "1"]
    assert artgen("see", "class", "tree frog", *words).out.strip() == "tree-frog-class.png"
    said = artgen("see", "class", "tree frg", *words)
    assert said.code == 2
    assert "Did you mean 'tree frog'" in said.err


def test_guesses_are_said(folder: Path, artgen: Artgen) -> None:
    said = artgen("see", "guess", "photo.png", "--net", "tiny")
    assert (said.code, said.out.strip()) == (0, "photo-guess.png")
    assert "tiny takes it for: " in said.err
    assert "squeezenet" in artgen("see", "guess", "photo.png", "--net", "slim").err


def test_a_cutout_has_its_sheet_beside_it(folder: Path, artgen: Artgen) -> None:
    assert artgen("see", "cutout", "photo.png", "--net", "tiny", "-o", "m.png").code == 0
    assert images.load("m.png").picture.shape == images.load("photo.png").picture.shape
    assert (folder / "m-sheet.png").is_file()
