"""Workers on this machine: what goes wrong with one picture costs that picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulated import batch, closed, jobs_of

from artgen.errors import ArtgenError
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.local import Local, shares
from artgen.jobs.messages import JobDone, JobStarted, Share
from artgen.jobs.todo import run


def test_what_is_loaded_by_then_is_made_in_one_go(photos: Path, out: Path, tmp_path: Path) -> None:
    """While the first is made two more are read, and both are begun before either is done."""
    _, events = batch(photos, out, workers=1, seconds=0.3, together=2)
    order = [type(event) for event in events if isinstance(event, JobStarted | JobDone)]
    assert any(order[i : i + 2] == [JobStarted, JobStarted] for i in range(len(order)))
    assert order.count(JobDone) == 6


def test_what_failed_waits_until_it_is_asked_for_again(photos: Path, out: Path) -> None:
    (photos / "2.txt").write_text("broken")
    batch(photos, out)
    plan, events = batch(photos, out)
    assert [job.name for job, _ in plan.failed] == ["2.txt"]
    assert not events
    plan, _ = batch(photos, out, redo="failed")
    assert [job.name for job in plan.todo] == ["2.txt"]
    (photos / "2.txt").write_text("mended")
    plan, _ = batch(photos, out)
    assert ([job.name for job in plan.todo], plan.failed) == (["2.txt"], [])
    plan, _ = batch(photos, out, redo="all")
    assert len(plan.todo) == 6


def test_a_second_run_on_the_same_folder_says_so(photos: Path, out: Path) -> None:
    with Ledger(where(str(out))), pytest.raises(ArtgenError, match="Another artgen is at work"):
        batch(photos, out)
    assert len(batch(photos, out)[0].todo) == 6


def test_a_worker_that_cannot_start_stops_the_batch(photos: Path, out: Path) -> None:
    with (
        Ledger(where(str(out))) as ledger,
        Local(closed, [Share()]) as pool,
        pytest.raises(ArtgenError, match=r"There are no weights\. Fetch them\."),
    ):
        list(run(jobs_of(photos), ledger, pool))


@pytest.mark.parametrize(
    ("workers", "devices", "threads", "expected"),
    [
        (0, ["cpu"], 2, [("cpu", 2)]),
        (0, ["cpu"], 16, [("cpu", 4)] * 4),
        (3, ["cpu"], 8, [("cpu", 2)] * 3),
        (0, ["cuda:0", "cuda:1", "cpu"], 8, [("cuda:0", 4), ("cuda:1", 4)]),
        (3, ["cuda:0", "cuda:1", "cpu"], 2, [("cuda:0", 1), ("cuda:1", 1), ("cuda:0", 1)]),
    ],
)
def test_the_machine_is_shared_out(
    workers: int, devices: list[str], threads: int, expected: list[tuple[str, int]]
) -> None:
    assert [(one.device, one.threads) for one in shares(workers, devices, threads)] == expected
