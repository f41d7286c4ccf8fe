"""Folders as inputs: what a user types, what is made, what is said, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from clips import drifting, film_file
from pictures import smooth
from PIL import Image

from artgen import images
from artgen.runs.recipes import Recipe

from .said import QUICK, Said, made

Artgen = Callable[..., Said]
TREE = {"a.png", "b.png", "trip/c.png"}


def test_a_folder_is_made_as_one_picture_is(photos: Path, artgen: Artgen) -> None:
    """One of them is broken; then it is mended, and the others are not made again."""
    (photos / "bad.png").write_bytes(b"hello there")
    words = ("style", "photos/", "paint.png", "-o", "out", "--workers", 1, *QUICK)
    said = artgen(*words)
    assert said.code == 3, said.err
    assert made("out") == {"a-paint.png", "b-paint.png", "trip/c-paint.png"}
    assert sorted(said.out.split()) == sorted(str(Path("out", one)) for one in made("out"))
    assert said.err.splitlines()[-1] == "out: 3 made, 1 failed: bad.png."
    assert said.err.count("bad.png is not a picture") == 1
    quiet = artgen(*words, "--redo", "failed", "--quiet")
    assert quiet.err.count("bad.png is not a picture") == len(quiet.err.splitlines()) == 1

    assert artgen("style", "photos/a.png", "paint.png", "-o", "alone.png", *QUICK).code == 0
    assert Path("out/a-paint.png").read_bytes() == Path("alone.png").read_bytes()

    before = {name: Path("out", name).stat().st_mtime_ns for name in made("out")}
    images.save(smooth(30, 40, seed=9), photos / "bad.png")
    said = artgen(*words, "--json")
    assert said.code == 0, said.err
    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["event"] for event in events if event["event"] != "moved"] == [
        "begun",
        "done",
        "end",
    ]
    assert events[-1] == {"event": "end", "made": 1, "there": 3, "failed": 0}
    assert all(Path("out", name).stat().st_mtime_ns == time for name, time in before.items())


def test_what_was_left_out_of_pictures_is_said(photos: Path, artgen: Artgen) -> None:
    frames = [Image.new("RGB", (40, 30), (shade, 90, 30)) for shade in (0, 200)]
    for name in ("m.gif", "n.gif"):
        frames[0].save(photos / name, save_all=True, append_images=frames[1:])
    said = artgen("style", "photos", "paint.png", "-o", "out", "--workers", 1, *QUICK)
    assert said.code == 0, said.err
    sentence = "m.gif is animated: only its first frame is used. So it is with 1 more."
    assert said.err.count("animated") == said.err.count(sentence) == 1


def test_a_recipe_is_made_of_every_photo(photos: Path, artgen: Artgen) -> None:
    assert artgen("style", "photo.png", "paint.png", "-o", "one.png", "--seed", 3, *QUICK).code == 0
    said = artgen("batch", "one.png", "photos/*.png", "-o", "out", "--pattern", "{content}.jpg")
    assert said.code == 0, said.err
    assert made("out") == {"a.jpg", "b.jpg"}
    text = images.read_recipe("out/a.jpg")
    assert text is not None
    recipe = Recipe.loads(text)
    assert (recipe.seed, recipe.settings["net"]) == (3, "tiny")
    assert [origin.name for origin in recipe.inputs] == ["a.png", "paint.png"]

    Path("by-hand.toml").write_text(
        'technique = "dream"\n[settings]\nnet = "tiny"\niterations = 1\noctaves = 1\nsize = 48\n'
    )
    said = artgen("batch", "by-hand.toml", "photos", "-o", "out", "--dry-run")
    assert "3 to make" in said.err, said.err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["dream", "photo.png", "photos"], 2, "-o out/"),
        (["dream", "photos", "-o", "-"], 2, "-o out/"),
        (["dream", "photos", "-o", "out", "--preview"], 2, "--preview"),
        (["dream", "photos", "-o", "out", "--redo", "some"], 2, "--redo"),
        (["dream", "photos", "-o", "out", "--workers", "0"], 2, "--workers"),
        (["dream", "photos", "-o", "out", "--pattern", "../{content}.png"], 2, "leads out"),
        (["dream", "photos", "-o", "out", "--pattern", "x.png"], 2, "{content}"),
        (["dream", "photos", "-o", "photos", "--pattern", "{content}.png"], 2, "overwritten"),
        (["dream", "photos", "-o", "out", "--bits", "16", "--pattern", "{content}.jpg"], 2, "16"),
        (["dream", "no*.png", "-o", "out"], 1, "There is no picture in no*.png"),
        (["style", "photos", "stary", "-o", "out"], 1, "Did you mean 'starry'"),
        (["batch", "photo.png", "photos", "-o", "out"], 1, "carries no recipe"),
        (["batch", "none.toml", "photos", "-o", "out"], 1, "none.toml"),
        (["batch", "status", "nowhere"], 1, "no ledger"),
    ],
)
def test_wrong_words_are_one_sentence(
    photos: Path, artgen: Artgen, words: list[str], code: int, sentence: str
) -> None:
    said = artgen(*words)
    assert (said.code, sentence in said.err) == (code, True), said.err
    assert said.err.count("\n") == 1
    assert not Path("out").exists()


def test_samples_that_belong_together_are_one_picture(photos: Path, artgen: Artgen) -> None:
    words = ("texture", "photos", "-o", "out/", "--size", 40, "-n", 2, "--net", "tiny", "--report")
    said = artgen(*words)
    assert said.code == 0, said.err
    assert made("out") == {"a-texture.png", "report.html"}
    said = artgen(*words)
    assert "out/: 0 made, 1 there already." in said.err


def test_what_no_picture_can_do_without_stops_the_batch(photos: Path, artgen: Artgen) -> None:
    said = artgen("dream", "photos", "-o", "out", "--device", "cuda:99")
    assert (said.code, made("out")) == (1, set())
    assert "There is no device 'cuda:99' here" in said.err


def test_films_in_a_folder_become_films(photos: Path, artgen: Artgen) -> None:
    film_file(photos / "trip" / "clip.mov", drifting(3))
    (photos / "broken.mp4").write_bytes(b"nothing")
    words = ("dream", "photos/", "-o", "out", "--workers", 1, *QUICK)
    said = artgen(*words, "--dry-run")
    assert "trip/clip.mov -> out/trip/clip-dream.mp4, 48 x 36 px" in said.out
    assert "out: 5 to make" in said.err
    said = artgen(*words, "--report")
    assert said.code == 3, said.err
    assert made("out") == {
        *("a-dream.png", "b-dream.png", "trip/c-dream.png", "trip/clip-dream.mp4", "report.html")
    }
    assert "out/trip/clip-dream.mp4" in said.out.split()
    assert "frames 1 to 3" in said.err
    assert "out: 4 made, 1 failed: broken.mp4." in said.err
    assert said.err.count("broken.mp4 is no film") == 1
    said = artgen(*words)
    assert "out: 0 made, 4 there already, 1 failed: broken.mp4." in said.err
    assert said.err.count("broken.mp4 is no film") == 1


@pytest.mark.parametrize("name", ["out.png", "out.JPG", "out.mp4"])
def test_many_pictures_do_not_go_into_a_file(photos: Path, artgen: Artgen, name: str) -> None:
    said = artgen("style", "photos/", "paint.png", "-o", name, *QUICK)
    assert said.code == 2
    assert said.err.strip() == (
        f"artgen: Many pictures go into a folder, and {name} is a file's name. "
        "Name a folder, as in: -o out/"
    )
    assert not Path(name).exists()


def test_a_picture_of_the_same_name_does_not_take_its_place(photos: Path, artgen: Artgen) -> None:
    """What is made stays, also when its photo is gone; batch status lists it then."""
    words = ("style", "photos/", "paint.png", "-o", "out", "--workers", 1, *QUICK)
    assert artgen(*words, "--exclude", "trip", "--exclude", "b.*").code == 0
    assert made("out") == {"a-paint.png"}
    before = Path("out/a-paint.png").read_bytes()
    with Image.open(photos / "b.png") as image:
        image.save(photos / "a.bmp")
    said = artgen(*words)
    assert said.code == 0, said.err
    assert made("out") == {"a-paint.png", "a-paint-bmp.png", "b-paint.png", "trip/c-paint.png"}
    assert Path("out/a-paint.png").read_bytes() == before
    assert "1 there already" in said.err

    (photos / "a.png").unlink()
    assert artgen(*words).code == 0
    assert Path("out/a-paint.png").read_bytes() == before
    said = artgen("batch", "status", "out")
    assert "1 of inputs that the last run did not have" in said.out
    assert "  a-paint.png" in said.out
    images.save(smooth(40, 50, seed=0), photos / "a.png")
    assert artgen(*words).code == 0
    assert "did not have" not in artgen("batch", "status", "out").out
