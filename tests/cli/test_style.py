"""`artgen style` from photo to file: what it writes, what it prints, and where."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from artgen import images
from artgen.ops.resize import resize
from artgen.runs.recipes import Recipe

from .said import QUICK, Said

Artgen = Callable[..., Said]
ROOT = Path(__file__).parents[2]


def test_names_the_picture_after_its_inputs_and_numbers_it(folder: Path, artgen: Artgen) -> None:
    first = artgen("style", "photo.png", "paint.png", *QUICK)
    second = artgen("style", "photo.png", "paint.png", *QUICK)
    assert (first.code, first.out.strip()) == (0, "photo-paint.png")
    assert second.out.strip() == "photo-paint-2.png"
    assert images.load("photo-paint.png").picture.shape == (1, 3, 35, 48)
    assert "48 x 35 px" in first.err


def test_an_explicit_output_is_replaced(folder: Path, artgen: Artgen) -> None:
    Path("out.jpg").write_text("old")
    assert artgen("style", "photo.png", "paint.png", "-o", "out.jpg", *QUICK).code == 0
    assert images.load("out.jpg").picture.shape == (1, 3, 35, 48)
    assert not list(folder.glob("*.tmp*"))


def test_a_dash_writes_png_to_stdout_and_nothing_else(
    folder: Path, process: Callable[..., subprocess.Popen[bytes]]
) -> None:
    out, err = process("style", "photo.png", "paint.png", "-o", "-", *QUICK).communicate()
    with Image.open(io.BytesIO(out)) as picture:
        assert (picture.format, picture.size) == ("PNG", (48, 35))
    assert b"stdout: 48 x 35 px" in err


def test_json_is_one_event_a_line(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--json", *QUICK)
    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["event"] for event in events] == ["note"] + ["step"] * 4 + ["saved"]
    assert [event["index"] for event in events[1:-1]] == [1, 2, 3, 4]
    assert events[-1]["path"] == "photo-paint.png"
    assert set(events[1]["losses"]) == {"style", "content", "tv"}


def test_quiet_prints_only_the_path(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--quiet", *QUICK)
    assert (said.out, said.err) == ("photo-paint.png\n", "")


def test_no_bar_where_stderr_is_no_terminal(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--preview", *QUICK)
    plan, done = said.err.splitlines()
    assert plan == "48 x 35 px."
    assert done.startswith("photo-paint.png: 48 x 35 px, ")
    assert "\x1b" not in said.err


def test_the_picture_carries_its_recipe(folder: Path, artgen: Artgen) -> None:
    artgen("style", "photo.png", "paint.png", "-o", "a.png", "--seed", 5, *QUICK)
    recipe = Recipe.loads(images.read_recipe("a.png") or "")
    assert (recipe.technique, recipe.seed) == ("style", 5)
    assert recipe.settings["net"] == "tiny"
    assert recipe.settings["iterations"] == 4
    assert [(x.role, x.name) for x in recipe.inputs] == [
        ("content", "photo.png"),
        ("style", "paint.png"),
    ]
    assert recipe.machine["device"] == "cpu"
    assert not recipe.interrupted


def test_save_every_leaves_a_whole_picture_on_the_way(folder: Path, artgen: Artgen) -> None:
    said = artgen(
        *("style", "photo.png", "paint.png", "-o", "a.png", "--save-every", 3, "--json"), *QUICK
    )
    saved = [e for e in map(json.loads, said.out.splitlines()) if e["event"] == "saved"]
    assert [event["finished"] for event in saved] == [False, True]


def test_transparency_comes_back(folder: Path, artgen: Artgen, photo: torch.Tensor) -> None:
    alpha = torch.ones(1, 1, *photo.shape[-2:])
    alpha[..., :30] = 0
    images.save(photo, "clear.png", alpha=alpha)
    assert artgen("style", "clear.png", "paint.png", "-o", "a.png", *QUICK).code == 0
    back = images.load("a.png").alpha
    assert back is not None
    assert float(back[..., :15].max()) < 0.1
    assert float(back[..., -10:].min()) > 0.9


def test_a_sky_in_16_bits_has_no_bands(folder: Path, artgen: Artgen) -> None:
    """Of a sky that fades over 300 px each step is its own level, and none is much larger."""
    fade = torch.linspace(0.35, 0.65, 300).view(1, 1, 1, -1)
    images.save(fade.expand(1, 3, 40, 300), "sky.png", bits=16)
    words = ["sky.png", "paint.png", "--net", "tiny", "--size", 300, "-n", 3, "--strength", 1]
    for bits in (8, 16):
        assert artgen("style", *words, "--bits", bits, "-o", f"{bits}.png").code == 0
    shallow, deep = (images.load(f"{bits}.png") for bits in (8, 16))
    assert deep.deep
    row = deep.picture[0, 0, 20]
    assert row.unique().numel() > 256 > shallow.picture[0, 0, 20].unique().numel()
    # In 8 bits, of the same picture, neighbours are equal or a whole level apart.
    assert (row.diff().diff().abs()[5:-5] < 0.5 / 255).all()
    assert (row - shallow.picture[0, 0, 20]).abs().max() < 1 / 255


def test_several_styles_and_a_start_from_a_file(folder: Path, artgen: Artgen) -> None:
    said = artgen(
        *("style", "photo.png", "paint.png", "photo.png", "--style-weights", "2,1"),
        *("--init", "paint.png", "-o", "a.png", *QUICK),
    )
    assert said.code == 0
    recipe = Recipe.loads(images.read_recipe("a.png") or "")
    assert recipe.settings["style_weights"] == [2.0, 1.0]
    assert [x.role for x in recipe.inputs] == ["content", "style", "style", "init"]


def test_markup_in_a_file_name_is_only_a_name(folder: Path, artgen: Artgen) -> None:
    Path("photo.png").rename("[red]x[").with_suffix(".png")
    Path("[red]x[").rename("[red]x[.png")
    said = artgen("style", "[red]x[.png", "paint.png", *QUICK)
    assert said.code == 0
    assert "[red]x[-paint.png" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_control_characters_in_a_file_name_are_shown_and_not_done(
    folder: Path, artgen: Artgen
) -> None:
    Path("photo.png").rename("a\nb\x1b[31m.png")
    said = artgen("style", "a\nb\x1b[31m.png", "paint.png", *QUICK)
    assert said.code == 0
    assert "a\\nb\\x1b[31m-paint.png: 48 x 35 px" in said.err
    assert "\x1b" not in said.err


def test_a_name_that_another_run_takes_meanwhile_is_left_to_it(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = Recipe.dumps

    def meanwhile(recipe: Recipe) -> str:
        Path("photo-paint.png").write_text("theirs")
        return encode(recipe)

    monkeypatch.setattr(Recipe, "dumps", meanwhile)
    assert artgen("style", "photo.png", "paint.png", *QUICK).out == "photo-paint-2.png\n"
    assert Path("photo-paint.png").read_text() == "theirs"


def test_exif_is_kept_on_stdout_too(
    folder: Path, process: Callable[..., subprocess.Popen[bytes]]
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    Image.new("RGB", (60, 40), (9, 99, 200)).save("exif.jpg", exif=exif)
    out, _ = process(
        "style", "exif.jpg", "paint.png", "-o", "-", "--keep-exif", *QUICK
    ).communicate()
    with Image.open(io.BytesIO(out)) as picture:
        assert picture.getexif()[0x010F] == "Maker"


@pytest.mark.parametrize("setting", ["--optimizer=adam", "--style-loss=gram", "--pooling=average"])
def test_settings_reach_the_technique(folder: Path, artgen: Artgen, setting: str) -> None:
    bold = (*QUICK, "--content-weight", 0.01)  # so small a picture is all photo with the usual one
    artgen("style", "photo.png", "paint.png", "-o", "plain.png", *bold)
    artgen("style", "photo.png", "paint.png", "-o", "other.png", setting, *bold)
    plain, other = images.load("plain.png").picture, images.load("other.png").picture
    assert float((plain - other).abs().mean()) > 1e-4


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


def test_a_draft_is_small_and_says_how_it_is_made_in_full(folder: Path, artgen: Artgen) -> None:
    quick = ("--net", "tiny", "--iterations", 2)
    said = artgen("style", "photo.png", "starry", "--draft", "--size", 300, *quick)
    assert images.load("photo-starry.png").picture.shape[-1] == 256
    assert "artgen again PICTURE --size 300" in said.err
    assert artgen("again", "photo-starry.png", "--size", 300, "-o", "full.png").code == 0
    assert images.load("full.png").picture.shape[-1] == 300
    quiet = artgen("style", "photo.png", "starry", "--draft", "--quiet", *quick)
    assert quiet.err == ""


def test_a_folder_of_styles_is_all_of_them(folder: Path, artgen: Artgen) -> None:
    Path("mine").mkdir()
    Path("paint.png").rename("mine/a.png")
    images.save(torch.rand(1, 3, 30, 30), "mine/b.png")
    said = artgen("style", "photo.png", "mine", "--style-weights", "2,1", *QUICK)
    assert said.out.strip() == "photo-a.png"
    recipe = Recipe.loads(images.read_recipe("photo-a.png") or "")
    assert [one.name for one in recipe.inputs] == ["photo.png", "a.png", "b.png"]
    assert "2 weights" not in said.err
    three = artgen("style", "photo.png", "mine", "starry", "--style-weights", "2,1", *QUICK)
    assert "There are 3 styles and 2 weights" in three.err
