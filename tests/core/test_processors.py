"""What others take of the processors, from counts that are known."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from artgen.core import processors
from artgen.core.processors import Load, allowance, allowed, may_have_gpu


def looks(monkeypatch: pytest.MonkeyPatch, *counts: tuple[float, float, float]) -> Load:
    """A Load that sees (moment, busy, own) one after the other."""
    told: Iterator[processors._CpuTimes] = iter([processors._CpuTimes(*one) for one in counts])
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    return Load(lambda: next(told))


def test_what_others_take_is_what_is_busy_without_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    load = looks(monkeypatch, (0.0, 5.0, 1.0), (2.0, 8.5, 2.5))
    assert load.others == 0
    assert load.fresh()
    assert load.others == pytest.approx((3.5 - 1.5) / 2)


def test_what_gives_way_is_not_pressing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(
        [processors._CpuTimes(0.0, 5.0, 1.0, 2.0), processors._CpuTimes(2.0, 8.5, 2.0, 3.0)]
    )
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    load = Load(lambda: next(told))
    assert load.fresh()
    assert (load.others, load.pressing) == (pytest.approx(1.25), pytest.approx(0.75))


def test_it_does_not_look_again_at_once() -> None:
    load = Load()
    assert not load.fresh()


def test_rounding_makes_no_negative_load(monkeypatch: pytest.MonkeyPatch) -> None:
    load = looks(monkeypatch, (0.0, 0.0, 0.0), (1.0, 0.98, 1.0))
    assert load.fresh()
    assert load.others == 0


def test_it_is_counted_on_this_machine() -> None:
    first = processors._count()
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    second = processors._count()
    assert second.moment > first.moment
    assert second.own - first.own >= 0.2
    # Counted in hundredths of a second, each by itself.
    assert second.busy - first.busy > 0.1


def test_a_busy_process_is_seen() -> None:
    load = Load()
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        seen = 0.0
        for _ in range(100):
            time.sleep(0.1)
            load.fresh()
            seen = max(seen, load.others)
            if seen > 0.2:
                break
    finally:
        busy.kill()
        busy.wait()
    assert seen > 0.2


def test_the_allowance_is_the_affinitys_and_the_quotas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "allowed", lambda: list(range(8)))
    for quota, count, why in (
        (None, 8, "8 processors"),
        (16.0, 8, "8 processors"),
        (2.5, 2, "a quota of 2.5 processors"),
        (0.5, 1, "a quota of 0.5 processors"),
    ):
        monkeypatch.setattr(processors, "processor_quota", lambda quota=quota: (quota, ""))
        found = allowance()
        assert (found.count, found.why, found.trouble) == (count, why, "")
    monkeypatch.setattr(processors, "processor_quota", lambda: (None, "It cannot be read."))
    assert allowance().trouble == "It cannot be read."


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_affinity_counts() -> None:
    code = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]);"
        "from artgen.core.processors import allowance; print(allowance().why)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert said.stdout.strip() in ("1 processor", "a quota of 0.5 processors"), said.stderr
    assert len(allowed()) >= 1


def test_a_gpu_is_looked_for_by_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(Path, "exists", lambda path: path.name in there)
    assert not may_have_gpu()
    there.add("nvidiactl")
    assert may_have_gpu()
    there.clear()
    monkeypatch.setattr(platform, "system", lambda: "Darwin")  # where only torch can tell
    assert may_have_gpu()
