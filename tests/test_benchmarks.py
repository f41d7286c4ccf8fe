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
import torch

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


@pytest.fixture
def strokes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.syspath_prepend(FOLDER.parent / "training" / "slim")
    return import_module("strokes")


def test_strokes_are_judged_position_by_position(strokes: ModuleType) -> None:
    generator = torch.Generator().manual_seed(1)
    table = torch.randn((300, 8), generator=generator)
    assert strokes.nearest_distance(2 * table, table) == pytest.approx(0, abs=1e-6)
    far = torch.randn((50, 8), generator=generator)
    assert 0.05 < strokes.nearest_distance(far, table) < 0.5
    features = torch.randn((1, 8, 40, 30), generator=generator)
    one, other = map(strokes.self_similarity, (features, 2 * features + 3))
    assert one.shape == (256, 256)
    assert strokes.correlation(one, other) == pytest.approx(1, abs=1e-5)
    turned = strokes.self_similarity(features.flip(2))
    assert strokes.correlation(one, turned) < 0.5


def test_an_edge_is_more_saturated_than_what_lies_inside(strokes: ModuleType) -> None:
    picture = torch.full((1, 3, 60, 80), 0.5)
    assert strokes.edge(picture) == 0
    picture[:, 0, :6] = 0.9
    picture[:, 0, 30, 40] = 1.0  # deep inside nothing counts
    assert strokes.edge(picture) == pytest.approx(0.4 * 6 * 80 / (60 * 80 - 48 * 68), rel=1e-5)


def test_a_lattice_is_told_from_grain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    lattice = import_module("lattice").lattice
    photo = torch.full((1, 3, 160, 192), 0.5)
    grain = 0.05 * torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))
    assert 0.8 < lattice(photo + grain, photo) < 1.25
    for period in (2, 4, 8):
        bars = (torch.arange(192) % period == 0).float()
        assert lattice(photo + grain + 0.05 * bars, photo) > 3, period
    assert lattice(photo, torch.rand(photo.shape)) is None, "nothing is flat"


def test_at_equal_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    one_pass = import_module("one_pass")
    points = [one_pass.Seen(0.9, 0.6, 1.0, None), one_pass.Seen(0.7, 0.4, 0.8, 1.0)]
    assert one_pass.at_shape(0.8, points, "style") == pytest.approx(0.5)
    assert one_pass.at_shape(0.6, points, "strokes") == 0.8, "it never has as little of it"
    assert one_pass.at_shape(0.95, points, "style") == 0.6
    assert one_pass.middle(points, "lattice") == 1.0
