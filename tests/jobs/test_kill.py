"""kill -9 at any moment, and files cut short: nothing is lost, and nothing is made twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import simulated
from simulated import batch, jobs_of, whole

from artgen.jobs.ledger import NAME, Ledger, where

KILLS = 30


def contents(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"content {number}")
    return folder


def finished(photos: Path, out: Path) -> dict[str, tuple[int, int]]:
    """Output -> inode and time of each picture that is there; each has to be whole."""
    found = {}
    for job in jobs_of(photos):
        path = out / job.output
        if path.exists():
            assert whole(path, Path(job.inputs["content"][0])), f"{job.output} is half a picture"
            stat = path.stat()
            found[job.output] = (stat.st_ino, stat.st_mtime_ns)
    return found


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


def test_pictures_cut_short_are_made_again_and_no_others(photos: Path, out: Path) -> None:
    """As after a power cut, with a disk that said "written" before it was."""
    batch(photos, out)
    before = finished(photos, out)
    for name, length in (("1.out", 0), ("3.out", 20_000)):
        os.truncate(out / name, length)
    (out / "4.out").unlink()
    plan, _ = batch(photos, out)
    assert [job.output for job in plan.todo] == ["1.out", "3.out", "4.out"]
    after = finished(photos, out)
    assert {name for name in before if before[name] == after[name]} == {"0.out", "2.out", "5.out"}


@pytest.mark.parametrize("length", [0, 1000, 5000])
def test_a_ledger_cut_short_costs_no_picture(photos: Path, out: Path, length: int) -> None:
    batch(photos, out)
    before = finished(photos, out)
    os.truncate(out / NAME, length)
    plan, events = batch(photos, out)
    assert (len(plan.done), len(plan.todo), list(events)) == (6, 0, [])
    assert finished(photos, out) == before
    with Ledger(where(str(out))) as ledger:
        assert {entry.state for entry in ledger.entries().values()} == {"done"}


def test_a_ledger_of_noise_is_put_aside(photos: Path, out: Path) -> None:
    batch(photos, out)
    (out / NAME).write_bytes(os.urandom(5000))
    plan, _ = batch(photos, out)
    assert len(plan.done) == 6
    assert (out / ".artgen.broken").exists()


def test_the_ledger_names_no_folder_of_this_machine(photos: Path, out: Path) -> None:
    (photos / "2.txt").write_text("broken")
    batch(photos, out)
    with sqlite3.connect(out / NAME) as base:
        rows = base.execute("SELECT * FROM jobs").fetchall()
    base.close()
    assert len(rows) == 6
    said = [str(value) for row in rows for value in row]
    assert any("2.txt is broken" in one for one in said)
    assert not [one for one in said if str(photos.parent) in one or "/" in one]
