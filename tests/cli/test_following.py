"""`artgen fast follow`: from a film and a key to a film, resumed wherever it was stopped."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file

from artgen import images, video
from artgen.fast import model_files

from .said import Said

Artgen = Callable[..., Said]
Process = Callable[..., subprocess.Popen[bytes]]
QUICK = ("--net", "tiny", "--crop", "32", "-n", "4")


@pytest.fixture
def clip(folder: Path) -> str:
    """A film with sound, and key.png, its first frame painted."""
    return filmed(60)


def filmed(count: int) -> str:
    film_file(Path("clip.mp4"), drifting(count, 48, 66), sound=True)
    first = next(video.frames(video.probe("clip.mp4")))
    images.save(1 - first, "key.png")
    return "clip.mp4"


def frames(path: str) -> list[torch.Tensor]:
    return list(video.frames(video.probe(path)))


def test_a_film_follows_its_key(clip: str, artgen: Artgen) -> None:
    words = ("fast", "follow", clip, "--key", "0=key.png", *QUICK, "--keep", "net.safetensors")
    said = artgen(*words, "-q")
    assert said.code == 0, said.err
    assert said.out == "clip-key.mp4\n"
    found = video.probe("clip-key.mp4")
    assert (found.size, found.count, found.sound) == ((48, 66), 60, True)
    assert images.load("clip-key.key.png").picture.shape == (1, 3, 48, 132)
    assert not list(Path().glob("*.part*"))
    assert model_files.load(Path("net.safetensors")).painter.styles == ("photo", "key")

    key, (back, *_) = 1 - frames(clip)[0], frames("clip-key.mp4")
    assert (back - key).abs().mean() < 8 / 255


def test_its_network_alone_paints_the_film_as_fast_apply_does(clip: str, artgen: Artgen) -> None:
    words = ("fast", "follow", clip, "--key", "0=key.png", *QUICK, "--no-propagate")
    assert artgen(*words, "--keep", "net.safetensors").code == 0
    again = ("fast", "apply", clip, "key", "--painter", "net.safetensors", "-o", "other.mp4")
    said = artgen(*again)
    assert said.code == 0, said.err
    for one, other in zip(frames("clip-key.mp4"), frames("other.mp4"), strict=True):
        assert torch.equal(one, other)


def test_the_film_is_made_again_from_its_recipe(clip: str, artgen: Artgen) -> None:
    images.save(torch.ones(1, 3, 48, 66), "mask.png")
    words = ("fast", "follow", clip, "--key", "0.5s=key.png", "--mask", "mask.png", *QUICK)
    assert artgen(*words, "--steady", 20, "--seed", 3).code == 0
    said = artgen("again", "clip-key.mp4", "-o", "other.mp4")
    assert said.code == 0, said.err
    for one, other in zip(frames("clip-key.mp4"), frames("other.mp4"), strict=True):
        assert torch.equal(one, other)
    assert video.read_recipe("other.mp4") == video.read_recipe("clip-key.mp4")

    refused = artgen("again", "clip-key.mp4", "--size", 40)
    assert (refused.code, "fast follow has no --size" in refused.err) == (2, True)
    images.save(torch.zeros(1, 3, 48, 66), "key.png")
    changed = artgen("again", "clip-key.mp4")
    assert changed.code == 1
    assert "key.png is not what was used" in changed.err


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('name = "key.png"', 'name = "../key.png"', "no name of a file"),
        ('name = "key.png"', 'nome = "key.png"', "no recipe of a film that follows"),
        ("frame = 0", 'frame = "first"', "no recipe of a film that follows"),
        ("crop = 32", "crop = 3", "--crop"),
        ("crop = 32", "crap = 32", "no setting 'crap'"),
    ],
)
def test_a_recipe_that_names_no_such_film_is_refused(
    clip: str, artgen: Artgen, was: str, now: str, sentence: str
) -> None:
    assert artgen("fast", "follow", clip, "--key", "0=key.png", *QUICK, "-n", 1).code == 0
    recipe = video.read_recipe("clip-key.mp4")
    assert recipe is not None
    assert was in recipe
    Path("other.toml").write_text(recipe.replace(was, now), encoding="utf-8")
    said = artgen("again", "other.toml", "-o", "other.mp4")
    assert said.code in (1, 2)
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_a_folder_of_clips_of_the_scene_is_a_batch(clip: str, artgen: Artgen) -> None:
    words = ("fast", "follow", clip, "--key", "0=key.png", *QUICK, "--keep", "net.safetensors")
    assert artgen(*words).code == 0
    Path("clips").mkdir()
    for name in ("a.mp4", "b.mp4"):
        film_file(Path("clips", name), drifting(4, 48, 66))
    again = ("fast", "apply", "clips", "key", "--painter", "net.safetensors", "-o", "out")
    said = artgen(*again)
    assert said.code == 0, said.err
    made = sorted(path for path in Path("out").iterdir() if path.suffix == ".mp4")
    assert [video.probe(path).count for path in made] == [4, 4]
    before = [path.stat().st_mtime_ns for path in made]
    assert artgen(*again).code == 0
    assert [path.stat().st_mtime_ns for path in made] == before  # the ledger has them


def test_it_goes_on_where_it_was_stopped(folder: Path, artgen: Artgen, process: Process) -> None:
    words = [
        "fast",
        "follow",
        filmed(108),
        "--key",
        "0=key.png",
        *QUICK[:-1],
        "40",
        "-o",
        "out.mp4",
    ]
    running = process(*words, "--json")
    assert running.stdout is not None
    for line in running.stdout:  # while it learns
        if json.loads(line).get("index") == 3:
            break
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"the same command goes on there" in told
    assert Path("out.mp4.part", "painter.safetensors.part").exists()

    said = artgen(*words, "--crop", "40")
    assert said.code == 2
    assert "other settings or pictures: crop 32." in " ".join(said.err.split())

    running = process(*words, "--json")
    assert running.stdout is not None
    painting = False
    for line in running.stdout:  # while it paints
        event = json.loads(line)
        painting = painting or event.get("total") == 108
        if painting and event.get("index") == 98:  # a chunk is written once the next one is full
            break
    running.kill()
    running.communicate(timeout=60)
    assert Path("out.mp4.part", "painter.safetensors").exists()
    assert not Path("out.mp4").exists()

    said = artgen(*words)
    assert said.code == 0, said.err
    assert "Going on after frame 48" in said.err or "Going on after frame 96" in said.err
    assert not Path("out.mp4.part").exists()
    words[-1] = "whole.mp4"
    assert artgen(*words).code == 0
    for one, other in zip(frames("out.mp4"), frames("whole.mp4"), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["clip.mp4", "--key", "9s=key.png"], "is said to be at 9 s, and clip.mp4 ends before"),
        (["clip.mp4", "--key", "none.png"], "none.png"),
        (["clip.mp4", "--key", "key.png", "--mask", "a", "--mask", "b"], "1 keys and 2 masks"),
        (["clip.mp4", "--key", "key.png", "-o", "out.png"], "out.png is no name of a film"),
        (["clip.mp4", "--key", "key.png", "-o", "clip.mp4"], "is an input too"),
        (["clip.mp4", "--key", "key.png", "-o", "no/out.mp4"], "There is no folder no"),
        (["clip.mp4", "--key", "key.png", "--keep", "net.pth"], "--keep is net.pth"),
        (["none.mp4", "--key", "key.png"], "none.mp4 is not there"),
        (["empty.mp4", "--key", "key.png"], "empty.mp4 is no film that can be read"),
        (["key.png", "--key", "key.png"], "key.png is no film"),
        (["clip.mp4", "--key", "key.png", "--quality", "0"], "--quality"),
        (["clip.mp4", "--key", "key.png", "--checkpoint", "0"], "--checkpoint"),
        (["clip.mp4"], "--key"),
    ],
)
def test_what_cannot_be_followed_is_said(
    clip: str, artgen: Artgen, words: list[str], sentence: str
) -> None:
    Path("empty.mp4").touch()
    said = artgen("fast", "follow", *words, *QUICK)
    assert said.code in (1, 2)
    assert sentence in " ".join(said.err.split())
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) <= 2
    assert not list(Path().glob("*.part*"))
