"""A batch from start to end: what is made, what is there already, and who has to wait."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from artgen import images

from .said import QUICK, Said, made

Artgen = Callable[..., Said]
Process = Callable[..., "subprocess.Popen[bytes]"]


def test_status_and_plan_make_nothing(photos: Path, artgen: Artgen) -> None:
    words = ("texture", "photos", "--each", "-o", "out", "--size", 40, "-n", 2, "--net", "tiny")
    said = artgen(*words, "--dry-run")
    assert said.code == 0, said.err
    assert not Path("out").exists()
    assert said.out.splitlines()[0] == f"a.png -> {Path('out', 'a-texture.png')}, 40 x 40 px"
    assert "3 to make, 0 there already; about" in said.err
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
    assert b"unfinished pictures are dropped" in err
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


def test_a_folder_that_is_not_there_is_not_watched(photos: Path, artgen: Artgen) -> None:
    for folder in ("nofolder/", "photo.png"):
        said = artgen("watch", folder, "-o", "out", "--preset", "starry")
        assert said.code == 2
        assert said.err.startswith(f"artgen: There is no folder {folder}.")
