"""What is said: a traceback only where it is asked for, and no stream is a must."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .said import QUICK, Said

Artgen = Callable[..., Said]


def test_a_traceback_only_with_debug(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTGEN_DEBUG", "")  # restored afterwards: the option sets it
    said = artgen("style", "no.png", "paint.png", "--debug")
    assert said.code == 1
    assert "Traceback" in said.err


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
