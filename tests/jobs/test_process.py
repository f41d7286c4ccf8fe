"""The process of a worker: it ends with who started it."""

from __future__ import annotations

from pathlib import Path

import psutil
from simulated import Simulated, jobs_of

from artgen.jobs.local import Local
from artgen.jobs.messages import JobStarted, Share


def test_a_crew_that_is_left_leaves_no_process(photos: Path, out: Path) -> None:
    with Local(Simulated(str(out), seconds=30), [Share()] * 2) as pool:
        begun = next(event for event in pool.make(jobs_of(photos)) if isinstance(event, JobStarted))
        processes = [psutil.Process(worker.pid) for worker in pool._workers]
    assert begun.job.name in ("0.txt", "3.txt")  # whoever is ready first
    assert len(processes) == 2
    assert not any(process.is_running() for process in processes)
    assert not list(out.glob("*.out"))
