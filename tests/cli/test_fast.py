"""`artgen fast`: train, apply, and go on, as a user does it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from pictures import smooth

from artgen import images, video
from artgen.fast import model_files

from .said import Said

Artgen = Callable[..., Said]
Process = Callable[..., "subprocess.Popen[bytes]"]
QUICK = ["--photos", "photos", "--crop", 64, "--style-size", 64, "--net", "tiny", "-n", 4]


@pytest.fixture
def trained(folder: Path, artgen: Artgen) -> Path:
    """A folder of photos, and a network trained on it for a moment."""
    (folder / "photos").mkdir()
    for seed in range(3):
        images.save(smooth(80, 90, seed=seed), folder / "photos" / f"{seed}.png")
    said = artgen("fast", "train", "paint.png", "starry", *QUICK, "-o", "mine.safetensors")
    assert said.code == 0, said.err
    assert said.out == "mine.safetensors\n"
    return folder


def test_training_leaves_the_network_and_a_sheet(trained: Path) -> None:
    found = model_files.load(trained / "mine.safetensors")
    assert found.painter.styles == ("photo", "paint", "starry")
    settings = json.loads(found.said["training"])
    assert settings["iterations"] == 4
    assert set(settings["styles"]) == {"paint", "starry"}
    assert images.load(trained / "mine.png").picture.shape[-1] == 3 * 320
    assert not (trained / "mine.safetensors.part").exists()


def test_a_trained_style_paints_a_photo(trained: Path, artgen: Artgen) -> None:
    words = ("photo.png", "--painter", "mine.safetensors", "-o", "out.png")
    said = artgen("fast", "apply", "paint=0.6,starry=0.4", *words)
    assert said.code == 0, said.err
    assert images.load("out.png").picture.shape == (1, 3, 49, 67)
    again = artgen("again", "out.png", "-o", "again.png")
    assert again.code == 0, again.err
    assert Path("out.png").read_bytes() == Path("again.png").read_bytes()


def test_the_picture_is_named_after_photo_and_style(trained: Path, artgen: Artgen) -> None:
    words = ("photo.png", "--painter", "mine.safetensors", "-q")
    said = artgen("fast", "apply", "paint", *words)
    assert said.out == "photo-paint.png\n"
    said = artgen("fast", "apply", "paint=0.5,starry=1", *words)
    assert said.out == "photo-paint-0-5-starry-1.png\n"


def test_no_strength_and_kept_colours(trained: Path, artgen: Artgen) -> None:
    words = ("fast", "apply", "photo.png", "paint", "--painter", "mine.safetensors")
    assert artgen(*words, "--strength", 60, "--color", "keep", "-o", "kept.png").code == 0
    kept, photo = images.load("kept.png").picture, images.load("photo.png").picture
    for one, other in ((0, 1), (1, 2)):  # chroma, where it is not at the edge of the gamut
        difference = (kept[:, one] - kept[:, other]) - (photo[:, one] - photo[:, other])
        assert difference.abs().median() < 0.02


@pytest.mark.parametrize("scale", [1, 2])
def test_at_strength_0_the_photo_is_left(trained: Path, artgen: Artgen, scale: int) -> None:
    words = ("fast", "apply", "paint", "photo.png", "--painter", "mine.safetensors")
    said = artgen(*words, "--strength", 0, "--style-scale", scale, "-o", "same.png")
    assert said.code == 0, said.err
    same, photo = images.load("same.png").picture, images.load("photo.png").picture
    assert (same - photo).abs().max() <= 0.5 / 255


def test_tiles_say_so_and_are_in_the_recipe(trained: Path, artgen: Artgen) -> None:
    words = ("--painter", "mine.safetensors", "--size", 300, "--tile", 128, "-o", "out.png")
    said = artgen("fast", "apply", "photo.png", "paint", *words)
    assert said.code == 0, said.err
    assert "300 x 219 px, in tiles of 128 px." in said.err
    assert 'tile = "128"' in artgen("info", "out.png").out


def test_any_picture_is_a_style(folder: Path, artgen: Artgen) -> None:
    said = artgen("fast", "apply", "photo.png", "paint.png")
    assert said.code == 0, said.err
    assert said.out == "photo-paint.png\n"
    made = Path("photo-paint.png")
    assert images.load(made).picture.shape == (1, 3, 49, 67)
    shown = artgen("info", made).out
    assert 'style = "paint.png"' in shown
    assert 'name = "decoder"' in shown
    again = artgen("again", made, "-o", "again.png")
    assert again.code == 0, again.err
    assert made.read_bytes() == Path("again.png").read_bytes()
    tiles = artgen(
        "fast", "apply", "photo.png", "paint.png", "--tile", 32, "--exact", "-o", "t.png"
    )
    assert "in tiles of 32 px" in tiles.err
    difference = images.load("t.png").picture - images.load(made).picture
    assert difference.abs().max() < 2 / 255


def test_pictures_and_shipped_styles_mix(folder: Path, artgen: Artgen) -> None:
    words = ("fast", "apply", "paint.png=0.7,wave=0.3", "photo.png", "--color", "keep")
    said = artgen(*words, "--strength", 50, "-q")
    assert said.code == 0, said.err
    made = Path("photo-paint-0-7-wave-0-3.png")
    assert said.out == f"{made}\n"
    again = artgen("again", made, "-o", "again.png")
    assert again.code == 0, again.err
    assert images.load(made).picture.equal(images.load("again.png").picture)
    said = artgen("fast", "apply", "photo.png", "paint.png", "--painter", "my.safetensors")
    assert said.code == 2
    assert "STYLE is a picture" in said.err


def test_a_folder_in_the_style_of_a_picture(folder: Path, artgen: Artgen) -> None:
    (folder / "some").mkdir()
    for seed in range(2):
        images.save(smooth(40, 50, seed=seed), folder / "some" / f"{seed}.png")
    said = artgen("fast", "apply", "paint.png", "some", "-o", "out", "-q")
    assert said.code == 0, said.err
    assert sorted(path.name for path in Path("out").glob("*.png")) == ["0-paint.png", "1-paint.png"]
    alone = artgen("fast", "apply", "some/1.png", "paint.png", "-o", "alone.png", "-q")
    assert alone.code == 0, alone.err
    assert Path("alone.png").read_bytes() == Path("out/1-paint.png").read_bytes()


def test_a_film_in_the_style_of_a_picture(folder: Path, artgen: Artgen) -> None:
    film_file(Path("clip.mp4"), drifting(3, 49, 67))
    said = artgen("fast", "apply", "paint.png", "clip.mp4", "-q")
    assert said.code == 0, said.err
    assert said.out == "clip-paint.mp4\n"
    assert len(list(video.frames(video.probe("clip-paint.mp4")))) == 3
    said = artgen("again", "clip-paint.mp4", "-o", "again.mp4")
    assert said.code == 0, said.err


def test_a_film_is_painted_frame_by_frame(trained: Path, artgen: Artgen) -> None:
    film_file(Path("clip.mp4"), drifting(6, 49, 67), sound=True)
    words = ("fast", "apply", "paint", "clip.mp4", "--painter", "mine.safetensors")
    said = artgen(*words, "-q")
    assert said.code == 0, said.err
    assert said.out == "clip-paint.mp4\n"
    found = video.probe("clip-paint.mp4")
    assert (found.size, found.rate, found.sound) == ((50, 68), 12, True)
    assert len(list(video.frames(found))) == 6
    said = artgen("again", "clip-paint.mp4", "-o", "again.mp4")
    assert said.code == 0, said.err
    for one, other in zip(video.frames(found), video.frames(video.probe("again.mp4")), strict=True):
        assert torch.equal(one, other)


def test_an_interrupted_film_goes_on(trained: Path, artgen: Artgen, process: Process) -> None:
    film_file(Path("clip.mp4"), drifting(40, 49, 67))
    words = ["fast", "apply", "paint", "clip.mp4", "--painter", "mine.safetensors", "-o", "out.mp4"]
    running = process(*words, "--json")
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line).get("index") == 2:
            break
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Interrupted after frame" in told
    assert not Path("out.mp4").exists()
    said = artgen(*words, "--strength", 10)
    assert said.code == 2
    assert "made another way" in said.err
    said = artgen(*words)
    assert said.code == 0, said.err
    assert "Going on after frame" in said.err
    assert len(list(video.frames(video.probe("out.mp4")))) == 40
    assert not Path("out.mp4.part").exists()


def test_an_interrupted_training_goes_on_where_it_was(
    trained: Path, artgen: Artgen, process: Process
) -> None:
    words = ["fast", "train", "paint.png", *QUICK[:-1], 60, "-o", "long.safetensors", "--json"]
    running = process(*words)
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line).get("index") == 3:
            break
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert Path("long.safetensors.part").exists()
    assert not Path("long.safetensors").exists()

    said = artgen("again", "long.safetensors.part")
    assert said.code == 1
    assert "unfinished training" in said.err
    said = artgen(*words[:-1], "--crop", 72)
    assert said.code == 2
    assert "other settings or pictures: crop 64." in " ".join(said.err.split())
    said = artgen(*words[:-1])
    assert said.code == 0, said.err
    assert "Going on after iteration" in said.err
    assert not Path("long.safetensors.part").exists()

    whole = artgen(*[word if word != "long.safetensors" else "whole.safetensors" for word in words])
    assert whole.code == 0, whole.err
    one, two = (
        model_files.load(Path(f"{name}.safetensors")).painter.state_dict()
        for name in ("long", "whole")
    )
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_style_is_added_to_a_network(trained: Path, artgen: Artgen) -> None:
    words = (*QUICK, "--onto", "mine.safetensors", "-o", "more.safetensors")
    said = artgen("fast", "train", "wave", *words)
    assert said.code == 0, said.err
    grown = model_files.load(Path("more.safetensors")).painter
    assert grown.styles == ("photo", "paint", "starry", "wave")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fast", "train", "paint.png", "--photos", "none", "-o", "x.safetensors"], "is no folder"),
        (["fast", "train", "paint.png", *QUICK, "-o", "x.pth"], "ends in .safetensors"),
        (["fast", "train", "paint.png", *QUICK, "-o", "no/x.safetensors"], "There is no folder"),
        (["fast", "train", "paint.png", "paint.png", *QUICK, "-o", "x.safetensors"], "same name"),
        (["fast", "train", "stary", *QUICK, "-o", "x.safetensors"], "Did you mean 'starry'"),
        (["fast", "train", "paint.png", *QUICK, "--net", "tinny", "-o", "x.safetensors"], "tiny"),
        (["fast", "apply", "stary", "photo.png"], "Did you mean 'starry'"),
        (["fast", "apply", "starry=0", "photo.png"], "all zero"),
        (["fast", "apply", "none.jpg", "photo.png"], "none.jpg"),
        (["fast", "apply", "paint.png,stary", "photo.png"], "Did you mean 'starry'"),
        (["fast", "apply", "paint.png=0", "photo.png"], "all zero"),
        (["fast", "apply", "starry=x", "photo.png"], "cannot be read"),
        (["fast", "apply", "starry", "none.png"], "none.png"),
        (["fast", "apply", "starry", "none.mp4"], "none.mp4"),
        (["fast", "apply", "starry", "broken.mp4"], "no film that can be read"),
        (["style", "broken.mp4", "starry"], "a picture belongs here"),
        (["fast", "apply", "starry", "photo.png", "--painter", "photo.png"], "photo.png"),
        (["fast", "aply", "starry", "photo.png"], "Did you mean 'apply'"),
    ],
)
def test_wrong_words_are_one_sentence(
    trained: Path, artgen: Artgen, words: list[object], sentence: str
) -> None:
    Path("broken.mp4").write_bytes(b"cut short")
    said = artgen(*words)
    assert said.code in (1, 2)
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not list(trained.glob("x.*"))
