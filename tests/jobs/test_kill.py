"""kill -9 at any moment, and files cut short: nothing is lost, and nothing is made twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import simulated
from simulated import batch, finished

KILLS = 30


def contents(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"content {number}")
    return folder


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9 on Windows")
def test_killed_at_thirty_moments_it_loses_nothing(tmp_path: Path) -> None:
    """Now the whole group of processes, now only the first, whose workers have to follow it."""
    photos, out = contents(tmp_path / "photos", 150), tmp_path / "out"
    moments = random.Random(10)
    there: dict[str, tuple[int, int]] = {}
    killed = 0
    while killed < KILLS:
        running = subprocess.Popen(
            [sys.executable, simulated.__file__, str(photos), str(out)],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert running.stdout is not None
        for _ in range(moments.choice([1, 1, 2, 3, 4, 6])):  # the first line says that it began
            assert running.stdout.readline(), "it ended before it could be killed"
        time.sleep(moments.uniform(0, 0.03))
        assert running.poll() is None
        if moments.random() < 0.5:
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
        running.wait()
        running.stdout.read()  # until the workers are gone too: they hold its other end
        running.stdout.close()
        killed += 1
        now = finished(photos, out)
        assert there.items() <= now.items(), "a finished picture was lost, or made again"
        there = now
    assert 10 < len(there) < 150, "the moments were not in the middle of the work"
    plan, _ = batch(photos, out)
    assert len(plan.done) == len(there)
    end = finished(photos, out)
    assert len(end) == 150
    assert there.items() <= end.items()
    assert not list(out.glob("*.part"))
