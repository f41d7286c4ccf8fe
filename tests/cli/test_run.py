"""Bad input: one clear sentence on stderr, the right exit code, nothing half-written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images

from .said import QUICK, Said, check

Artgen = Callable[..., Said]


def _write_bad(kind: str) -> None:
    bad = Path("bad.png")
    whole = Path("photo.png").read_bytes()
    if kind != "missing":
        content = {"empty": b"", "truncated": whole[: len(whole) // 2], "text": b"hello there"}
        bad.write_bytes(content[kind])


@pytest.mark.parametrize("kind", ["missing", "empty", "truncated", "text"])
@pytest.mark.parametrize("place", ["content", "style"])
def test_pictures_that_cannot_be_read(folder: Path, artgen: Artgen, kind: str, place: str) -> None:
    _write_bad(kind)
    pair = ["bad.png", "paint.png"] if place == "content" else ["photo.png", "bad.png"]
    check(artgen("style", *pair, *QUICK), 1, "bad.png")


def test_folders_ask_for_a_folder_and_for_pictures(folder: Path, artgen: Artgen) -> None:
    none = folder.parent / "none"
    none.mkdir()
    check(artgen("style", none, "paint.png", *QUICK), 2, "-o out/")
    check(artgen("style", none, "paint.png", "-o", "out", *QUICK), 1, "no picture in")
    check(artgen("style", "photo.png", none, *QUICK), 1, "no picture in")


@pytest.mark.parametrize(("height", "width"), [(1, 1), (10, 20000)])
def test_pictures_of_an_impossible_shape(
    folder: Path, artgen: Artgen, height: int, width: int
) -> None:
    images.save(torch.rand(1, 3, height, width), "bad.png")
    said = artgen("style", "bad.png", "paint.png", "--net", "tiny", "--size", 512, "-n", 2)
    if height == 1:  # a single pixel is enlarged as any other small picture is
        assert said.code == 0
    else:
        check(said, 2, "too small", "512 x 1 px")


def test_a_picture_too_large_by_its_header(folder: Path, artgen: Artgen) -> None:
    said = artgen("style", "photo.png", "paint.png", "--max-pixels", 1000, *QUICK)
    check(said, 1, "photo.png", "--max-pixels")


@pytest.mark.parametrize(
    ("words", "grey", "expected"),
    [
        (["--mask", "bad.png=starry"], 0.0, "The mask 'bad.png' of --mask is empty"),
        (["--protect", "bad.png"], 0.0, "The mask 'bad.png' of --protect is empty"),
        (["--protect", "bad.png"], 1.0, "nothing is left to paint"),
    ],
)
def test_masks_that_leave_nothing_to_do(
    folder: Path, artgen: Artgen, words: list[str], grey: float, expected: str
) -> None:
    images.save(torch.full((1, 3, 20, 30), grey), "bad.png")
    check(artgen("style", "photo.png", "paint.png", *words, *QUICK), 2, expected)


def test_sixteen_styles_want_sixteen_weights(folder: Path, artgen: Artgen) -> None:
    weights = ",".join("1" * 15)
    said = artgen("style", "photo.png", *["paint.png"] * 16, "--style-weights", weights, *QUICK)
    check(said, 2, "There are 16 styles and 15 weights.")


def test_a_format_too_small_for_the_picture_is_refused_at_once(
    folder: Path, artgen: Artgen
) -> None:
    said = artgen("style", "photo.png", "paint.png", "-o", "a.webp", "--size", 17000)
    check(said, 2, "16383")


def test_an_unknown_style_name_is_told_the_nearest(folder: Path, artgen: Artgen) -> None:
    check(artgen("style", "photo.png", "starri", *QUICK), 1, "starry")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_full_disk_leaves_nothing_behind(folder: Path) -> None:
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from artgen.cli.app import run\n"
        f"run(['style', 'photo.png', 'paint.png', '-o', 'out.png', *{QUICK!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    check(Said(done.returncode, done.stdout, done.stderr), 1, "out.png")


def test_exposure_is_in_the_recipe(folder: Path, artgen: Artgen) -> None:
    images.save(images.load("photo.png").picture / 2, "light.exr", bits=16)
    words = ("dream", "light.exr", "--net", "tiny", "--iterations", 1)
    assert artgen(*words, "-o", "brighter.png", "--exposure", 1.5).code == 0
    assert artgen(*words, "-o", "plain.png").code == 0
    assert "exposure = 1.5" in (images.read_recipe("brighter.png") or "")
    assert "exposure" not in (images.read_recipe("plain.png") or "")
    brighter, plain = (images.load(f"{one}.png").picture for one in ("brighter", "plain"))
    assert brighter.mean() > 1.3 * plain.mean()
    assert artgen("again", "brighter.png", "-o", "again.png").code == 0
    assert images.load("again.png").picture.equal(brighter)
    said = artgen(*words, "--exposure", 99)
    assert (said.code, "--exposure is 99." in said.err) == (2, True)
