"""Signals: the picture so far is kept, and none is lost on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images
from artgen.cli import interrupts

from .said import QUICK

Process = Callable[..., subprocess.Popen[bytes]]


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
