"""Folders as inputs: what a user types, what is made, what is said, and the exit code."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from clips import drifting, film_file
from pictures import smooth

from artgen import images
from artgen.runs.recipes import Recipe

from .said import QUICK, Said

Artgen = Callable[..., Said]
Process = Callable[..., "subprocess.Popen[bytes]"]
TREE = {"a.png", "b.png", "trip/c.png"}


@pytest.fixture
def photos(folder: Path) -> Path:
    """photos/ in the current folder, of three sizes, one of them in a folder below."""
    (folder / "photos" / "trip").mkdir(parents=True)
    for seed, (name, size) in enumerate(
        [("a.png", (40, 50)), ("b.png", (50, 40)), ("trip/c.png", (33, 49))]
    ):
        images.save(smooth(*size, seed=seed), folder / "photos" / name)
    return folder / "photos"


def made(folder: str) -> set[str]:
    """What lies in a folder, its ledger apart."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix() for p in found if not p.name.startswith(".artgen")}


def test_a_folder_is_made_as_one_picture_is(photos: Path, artgen: Artgen) -> None:
    """One of them is broken; then it is mended, and the others are not made again."""
    (photos / "bad.png").write_bytes(b"hello there")
    words = ("style", "photos/", "paint.png", "-o", "out", "--workers", 1, *QUICK)
    said = artgen(*words)
    assert said.code == 3, said.err
    assert made("out") == {"a-paint.png", "b-paint.png", "trip/c-paint.png"}
    assert sorted(said.out.split()) == sorted(str(Path("out", one)) for one in made("out"))
    assert "out: 3 made, 1 failed." in said.err
    assert said.err.splitlines()[-1].startswith("artgen: bad.png is not a picture")

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


def test_status_and_plan_make_nothing(photos: Path, artgen: Artgen) -> None:
    words = ("texture", "photos", "--each", "-o", "out", "--size", 40, "-n", 2, "--net", "tiny")
    said = artgen(*words, "--dry-run")
    assert said.code == 0, said.err
    assert not Path("out").exists()
    assert said.out.splitlines()[0] == f"a.png -> {Path('out', 'a-texture.png')}, 40 x 40 px"
    assert "3 to make, 0 there already; at most about" in said.err
    assert artgen("batch", "status", "out").code == 1
    said = artgen(*words)
    assert said.code == 0, said.err
    assert made("out") == {"a-texture.png", "b-texture.png", "trip/c-texture.png"}
    said = artgen("batch", "status", "out")
    assert said.out.startswith("3 done, 0 waiting, 0 failed\n")
    entries = [
        json.loads(line) for line in artgen("batch", "status", "out", "--json").out.split("\n")[:-1]
    ]
    assert {entry["state"] for entry in entries} == {"done"}
    said = artgen(*words, "--dry-run")
    assert "0 to make, 3 there already." in said.err


def test_pictures_that_are_there_count_without_a_ledger(photos: Path, artgen: Artgen) -> None:
    words = ("style", "photos", "paint.png", "-o", "out", *QUICK)
    assert artgen(*words).code == 0
    Path("out/.artgen.sqlite").unlink()
    assert "0 to make, 3 there already" in artgen(*words, "--dry-run").err
    assert "3 that failed" in artgen(*words, "--seed", 1, "--dry-run").err  # none of ours: kept
    assert "3 to make" in artgen(*words, "--seed", 1, "--redo", "all", "--dry-run").err
    picture = Path("out/a-paint.png")
    picture.write_bytes(picture.read_bytes()[:-100])
    assert "1 to make, 2 there already" in artgen(*words, "--dry-run").err


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


def test_control_c_drops_the_picture_in_hand_and_a_second_run_has_to_wait(
    photos: Path, artgen: Artgen, process: Process
) -> None:
    words = ("style", "photos", "paint.png", "-o", "out", "--net", "tiny", "--size", 48)
    running = process(*words, "--json", "-n", 100000)
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line)["event"] == "moved":
            break
    said = artgen(*words, "-n", 4)
    assert (said.code, "Another artgen is at work on out" in said.err) == (1, True)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"the pictures in hand are dropped" in err
    assert made("out") == set()
    assert artgen("batch", "status", "out").out.startswith("0 done, 3 waiting, 0 failed")


def test_what_appears_in_a_folder_is_made(photos: Path, artgen: Artgen, process: Process) -> None:
    assert artgen("style", "photo.png", "paint.png", "-o", "one.png", *QUICK).code == 0
    inbox = Path("inbox")
    inbox.mkdir()
    running = process("watch", inbox, "-o", "out", "--preset", "one.png", "--workers", 1)
    assert running.stdout is not None
    for name in ("a.png", "b.png"):
        (photos / name).rename(inbox / name)
        assert running.stdout.readline().decode().strip() == str(
            Path("out", name[0] + "-paint.png")
        )
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert made("out") == {"a-paint.png", "b-paint.png"}
    assert images.load("out/a-paint.png").picture.shape[-2:] == (38, 48)


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
    assert "out: 4 made, 1 failed." in said.err
    assert said.err.splitlines()[-1].startswith("artgen: broken.mp4 is no film")
    said = artgen(*words)
    assert "out: 0 made, 4 there already, 1 failed." in said.err
