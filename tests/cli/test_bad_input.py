"""Bad input: one clear sentence on stderr, the right exit code, nothing half-written."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.cli import interrupts

from .said import QUICK, Said

Artgen = Callable[..., Said]
Process = Callable[..., subprocess.Popen[bytes]]


def check(said: Said, code: int, *words: str) -> None:
    assert said.code == code, said.err
    for word in words:
        assert word in said.err
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""
    made = {path.name for path in Path().iterdir()} - {"photo.png", "paint.png", "bad.png"}
    assert not made


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
    ("words", "code", "expected"),
    [
        (["--size", "0"], 2, "--size"),
        (["--size", "-5"], 2, "--size"),
        (["--content-weight", "nan"], 2, "--content-weight"),
        (["--style-weight", "inf"], 2, "--style-weight"),
        (["--tv-weight", "-1"], 2, "--tv-weight"),
        (["--strength", "101"], 2, "--strength"),
        (["--style-weights", "1,2,3"], 2, "3 weights"),
        (["--style-weights", "nan"], 2, "--style-weights"),
        (["--style-weights", "a,b"], 2, "--style-weights"),
        (["--style-weights", "-1"], 2, "--style-weights is -1.0"),
        (["--style-weights", "0"], 2, "all zero"),
        (["--style-scale", "1,2,3"], 2, "--style-scale takes 1 number"),
        (["--mask", "bad.png"], 2, "--mask MASK.png=STYLE"),
        (["--mask", "bad.png=stary"], 1, "Did you mean 'starry'"),
        (["--mask", "nowhere.png=starry"], 1, "nowhere.png"),
        (["--protect", "nowhere.png"], 1, "nowhere.png"),
        (["--style-layers", "relu1_1=x"], 2, "--style-layers"),
        (["--style-layers", "relu9_1"], 2, "Did you mean"),
        (["--optimizer", "lbgfs"], 2, "lbfgs"),
        (["--net", "slym"], 2, "slim"),
        (["--init", "nowhere.png"], 1, "nowhere.png"),
        (["--device", "cuda:99"], 1, "cpu"),
        (["--precision", "float12"], 1, "float32"),
        (["--weights", "nowhere.safetensors"], 1, "nowhere.safetensors"),
        (["-o", "out.xyz"], 2, ".png"),
        (["-o", "out.gif"], 2, ".png"),
        (["-o", "photo.png"], 2, "photo.png"),
        (["-o", "./../work/paint.png"], 2, "paint.png"),
        (["-o", "nowhere/out.png"], 1, "nowhere"),
        (["-o", "photo.png/out.png"], 1, "photo.png"),
        (["--bits", "12"], 2, "--bits"),
        (["-o", "out.jpg", "--bits", "16"], 2, "16"),
    ],
)
def test_options_that_make_no_sense(
    folder: Path, artgen: Artgen, words: list[str], code: int, expected: str
) -> None:
    quick = list(QUICK)
    if words[0] in ("--net", "--size"):
        at = quick.index(words[0])
        del quick[at : at + 2]
    check(artgen("style", "photo.png", "paint.png", *quick, *words), code, expected)


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["style"], "CONTENT"),
        (["style", "photo.png"], "STYLE"),
        (["style", "photo.png", "paint.png", "--siz", "3"], "--siz"),
        (["style", "photo.png", "paint.png", "--size", "big"], "--size"),
        (["style", "photo.png", "paint.png", "--size"], "--size"),
        (["style", "photo.png", "paint.png", "-o", "-", "--json"], "stdout"),
        (["style", "photo.png", "paint.png", "--style-weights", ","], "--style-weights"),
        (["style", "photo.png", "paint.png", "--init", "noize"], "Did you mean 'noise'"),
        (["style", "photo.png", "paint.png", "--quality", "0"], "--quality"),
        (["style", "photo.png", "paint.png", "--save-every", "-1"], "--save-every"),
        (["style", "photo.png", "paint.png", "--max-pixels", "0"], "--max-pixels"),
        (["style", "photo.png", "paint.png", "--size", "2000000"], "Write a TIFF"),
        (["nets", "frob"], "frob"),
        (["nets", "fetch"], "artgen nets fetch --help"),
        (["--frob"], "--frob"),
    ],
)
def test_wrong_usage_is_one_sentence(
    folder: Path, artgen: Artgen, words: list[str], expected: str
) -> None:
    check(artgen(*words), 2, expected)


@pytest.mark.parametrize("words", [[], ["nets"]])
def test_a_command_without_its_verb_explains_itself(artgen: Artgen, words: list[str]) -> None:
    said = artgen(*words)
    assert said.code == 2
    assert "Usage" in said.out + said.err


@pytest.mark.parametrize("word", ["stile", "againn", "nets-list"])
def test_an_unknown_command_is_told_the_nearest(folder: Path, artgen: Artgen, word: str) -> None:
    check(artgen(word), 2, word, "Did you mean")


def test_an_unknown_style_name_is_told_the_nearest(folder: Path, artgen: Artgen) -> None:
    check(artgen("style", "photo.png", "starri", *QUICK), 1, "starry")


def test_a_traceback_only_with_debug(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTGEN_DEBUG", "")  # restored afterwards: the option sets it
    said = artgen("style", "no.png", "paint.png", "--debug")
    assert said.code == 1
    assert "Traceback" in said.err


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


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_the_picture_so_far(
    folder: Path, process: Process, number: signal.Signals, code: int
) -> None:
    quick = ["--net", "tiny", "--size", "64", "--iterations", "100000"]
    running = process("style", "photo.png", "paint.png", "-o", "a.png", "--json", *quick)
    assert running.stdout is not None
    while b'"step"' not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == code
    assert b"Interrupted at iteration" in err
    assert b"interrupted = " in (images.read_recipe("a.png") or "").encode()
    assert max(images.load("a.png").picture.shape) == 64


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_signal_before_the_first_step_makes_nothing(folder: Path, process: Process) -> None:
    os.mkfifo("pipe.png")  # reading the style blocks until somebody writes
    running = process("style", "photo.png", "pipe.png", "-o", "a.png", *QUICK)
    deadline = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
    _, err = running.communicate()
    assert running.returncode in (130, 1, -signal.SIGINT)
    assert b"Traceback" not in err
    assert not Path("a.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_torch_is_imported_is_heard(
    folder: Path, process: Process, number: signal.Signals
) -> None:
    running = process("style", "photo.png", "paint.png", "-o", "a.png", *QUICK, "-n", 100000)
    time.sleep(0.7)  # wherever in its start this is, the outcome is the same
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number
    assert b"Interrupted" in err
    assert b"Traceback" not in err
    assert Path("a.png").exists() == bool(out)


def test_a_signal_that_an_import_swallows_is_heard_at_the_start_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interrupts, "_unheard", [143])
    with pytest.raises(interrupts.Interrupted) as stop, interrupts.Interrupts():
        pytest.fail("the run has begun")
    assert stop.value.code == 143


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("options", [["-o", "-"], ["-o", "a.png"], ["--json"]])
def test_a_full_stdout_is_one_sentence(folder: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "artgen", "style", "photo.png", "paint.png", *QUICK, *options]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left on device: stdout cannot be written." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shells")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_not_stop_a_run(folder: Path, closed: str) -> None:
    words = [sys.executable, "-m", "artgen", "style", "photo.png", "paint.png", "-o", "a.png"]
    done = subprocess.run(
        f"{shlex.join([*words, *QUICK])} {closed}", shell=True, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert Path("a.png").exists()
    assert b"Traceback" not in done.stderr
    assert done.stdout in (b"", b"a.png\n")


def test_every_command_explains_itself(artgen: Artgen) -> None:
    for word in ("style", "styles", "again", "info", "nets", "doctor"):
        said = artgen(word, "--help")
        assert said.code == 0
        assert "Usage" in said.out
