"""Pictures through pipes."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images

from .said import Said

Artgen = Callable[..., Said]
QUICK = ["--net", "tiny", "--size", "32", "--iterations", "2"]


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes, *, terminal: bool = False) -> None:
    stream = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", stream)


def test_a_dash_is_stdin(folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, Path("photo.png").read_bytes())
    said = artgen("style", "-", "paint.png", *QUICK)
    assert (said.code, said.out.strip()) == (0, "stdin-paint.png")
    feed(monkeypatch, Path("photo.png").read_bytes())
    assert artgen("dream", "-", "-o", "out.png", "--net", "tiny", "--iterations", 1).code == 0
    assert 'name = "stdin.png"' in (images.read_recipe("out.png") or "")


@pytest.mark.parametrize(
    ("data", "terminal", "words", "expected"),
    [
        (b"", False, ["-", "paint.png"], "Nothing came through -"),
        (b"", True, ["-", "paint.png"], "stdin, which is a terminal here"),
        (b"hello", False, ["-", "paint.png"], "is not a picture"),
        (b"hello", False, ["-", "-"], "- is given twice"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(
    folder: Path,
    artgen: Artgen,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    terminal: bool,
    words: list[str],
    expected: str,
) -> None:
    feed(monkeypatch, data, terminal=terminal)
    said = artgen("style", *words, *QUICK)
    assert said.code in (1, 2)
    assert expected in said.err
    assert said.err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
def test_pipes_of_the_shell(folder: Path) -> None:
    command = f"{sys.executable} -m artgen style"
    rest = " ".join(["paint.png", *QUICK])
    for number, line in enumerate(
        (f"cat photo.png | {command} /dev/stdin {rest}", f"{command} <(cat photo.png) {rest}")
    ):
        subprocess.run(["bash", "-c", f"{line} -o {number}.png"], check=True, capture_output=True)
        assert images.size_of(f"{number}.png") == images.size_of("0.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX only")
def test_a_pipe_with_a_name_is_refused_with_what_to_do(folder: Path, artgen: Artgen) -> None:
    os.mkfifo("pipe.png")
    said = artgen("style", "pipe.png", "paint.png", *QUICK)
    assert said.code == 1
    assert "send it through stdin: -" in said.err


@pytest.mark.parametrize("encoding", ["latin-1", "cp437", "cp850", "ascii"])
def test_terminals_that_are_not_unicode(folder: Path, encoding: str) -> None:
    shutil.copy("photo.png", "фото.png")
    for words in (["style", "--help"], ["dream", "фото.png", "--net", "tiny", "--iterations", "1"]):
        done = subprocess.run(
            [sys.executable, "-m", "artgen", *words],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
    printed = done.stdout.decode(encoding).strip()
    assert printed.encode().decode("unicode_escape") == "фото-dream.png"
