"""The benchmarks that are run on machines which are seldom at hand, and those that start others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from artgen import runtime

FOLDER = Path(__file__).parents[1] / "benchmarks"
KILLED = """
import os, signal
from bench_busy import busy
with busy(1) as running:
    print(running[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return import_module("gpu")


@pytest.fixture
def bench_busy(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return import_module("bench_busy")


def test_without_a_gpu_it_says_so(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runtime, "devices", lambda: ["cpu"])
    assert gpu.main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"There is no GPU here[^.]*\.\n", shown.err)
    assert gpu.main(["--device", "cuda"]) == 2
    assert "no device 'cuda'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ("iteration slim", r"ours \S+ s, plain \S+ s: ratio"),
        ("memory slim", r"\S+, \S+, \S+ GB"),
        ("film", r"\S+ frames a second"),
        ("passes", r"\S+ ms: \S+ a second"),
        ("training", r"\S+ steps a second"),
        ("style", r"\S+ s, 2 iterations"),
        ("dream", r"\S+ s, 2 iterations"),
        ("texture", r"\S+ s, 2 iterations"),
    ],
)
def test_every_part_comes_to_an_end(
    gpu: ModuleType, capsys: pytest.CaptureFixture[str], part: str, seen: str
) -> None:
    assert gpu.main(["--device", "cpu", "--quick", "--only", part]) == 0
    head, rule, row, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("| what | ")
    assert rule == "|---|---|"
    assert re.fullmatch(rf"\| [^|]+ \| {seen}.* \|", row)


def test_what_no_longer_fits_is_left_out(
    gpu: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpu.main(["--device", "cpu", "--quick", "--minutes", "-1"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:-2]
    assert len(rows) == len(gpu.PARTS)
    assert all("| left out: " in row for row in rows)


def test_a_part_that_fails_leaves_the_others(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no kernel")

    parts = [gpu.Part("broken", 1, broken), gpu.Part("sound", 1, lambda *_: [("what", "seen")])]
    monkeypatch.setattr(gpu, "PARTS", parts)
    assert gpu.main(["--device", "cpu", "--quick"]) == 1
    shown = capsys.readouterr()
    assert "| broken | failed: RuntimeError |\n| what | seen |\n" in shown.out
    assert "no kernel" in shown.err


def test_busy_processes_are_ended(bench_busy: ModuleType) -> None:
    seen = []

    def interrupted() -> None:
        with bench_busy.busy(2) as running:
            seen.extend(running)
            assert [process.poll() for process in seen] == [None, None]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert None not in [process.poll() for process in seen]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_busy_processes_end_with_whoever_started_them() -> None:
    path = os.pathsep.join([str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    told = subprocess.run(
        [sys.executable, "-c", KILLED], env=os.environ | {"PYTHONPATH": path}, capture_output=True
    )
    left = int(told.stdout)
    for _ in range(600):
        if not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    psutil.Process(left).kill()
    pytest.fail("it still counts")
