"""Workers on this machine: what goes wrong with one picture costs that picture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import psutil
import pytest
from simulated import Simulated, batch, closed, jobs_of, whole

from artgen.errors import ArtgenError
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.local import Local, shares
from artgen.jobs.messages import Again, Begun, Done, Event, Failed, Share
from artgen.jobs.todo import run


def outcome(events: list[Event] | tuple[Event, ...]) -> dict[str, list[str]]:
    """Picture -> what became of it."""
    found: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, Done | Again | Failed):
            found.setdefault(event.job.name, []).append(type(event).__name__)
    return found


@pytest.mark.parametrize("workers", [1, 2])
def test_every_fault_costs_its_own_picture_and_no_other(
    photos: Path, out: Path, tmp_path: Path, workers: int
) -> None:
    (photos / "1.txt").write_text("killed")
    (photos / "2.txt").write_text("broken")
    (photos / "3.txt").write_text("memory")
    (photos / "4.txt").write_text("killed once")
    tries = tmp_path / "tries"
    tries.mkdir()
    _, events = batch(photos, out, workers=workers, tries=str(tries))
    said = outcome(list(events))
    assert said["1.txt"] == said["2.txt"] == ["Again", "Failed"]
    assert said["3.txt"] == said["4.txt"] == ["Again", "Done"]
    assert said["0.txt"][-1] == said["5.txt"][-1] == "Done"
    errors = {event.job.name: event.error for event in events if isinstance(event, Failed)}
    assert "killed by signal 9" in errors["1.txt"]
    assert "2.txt is broken" in errors["2.txt"]
    again = [event.error for event in events if isinstance(event, Again)]
    assert any("not enough memory" in error for error in again)
    for job in jobs_of(photos):
        content = Path(job.inputs["content"][0])
        assert whole(out / job.output, content) == (job.name not in ("1.txt", "2.txt"))
    with Ledger(where(str(out))) as ledger:
        states = Counter(entry.state for entry in ledger.entries().values())
    assert states == {"done": 4, "failed": 2}
    assert len(list(tries.glob("1.out.*"))) == 2


def test_a_fault_among_several_made_in_one_go_costs_its_own_picture(
    photos: Path, out: Path, tmp_path: Path
) -> None:
    (photos / "1.txt").write_text("killed")
    (photos / "3.txt").write_text("memory")
    (tmp_path / "tries").mkdir()
    _, events = batch(photos, out, workers=1, tries=str(tmp_path / "tries"), together=3)
    said = outcome(list(events))
    assert said["1.txt"][-1] == "Failed"
    for job in jobs_of(photos):
        content = Path(job.inputs["content"][0])
        assert whole(out / job.output, content) == (job.name != "1.txt")


def test_what_is_loaded_by_then_is_made_in_one_go(photos: Path, out: Path, tmp_path: Path) -> None:
    """While the first is made two more are read, and both are begun before either is done."""
    _, events = batch(photos, out, workers=1, seconds=0.3, together=2)
    order = [type(event) for event in events if isinstance(event, Begun | Done)]
    assert any(order[i : i + 2] == [Begun, Begun] for i in range(len(order)))
    assert order.count(Done) == 6


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


def test_a_full_disk_stops_the_batch_and_loses_nothing(photos: Path, out: Path) -> None:
    (photos / "3.txt").write_text("full")
    with pytest.raises(ArtgenError, match="no room"):
        batch(photos, out, workers=1)
    assert not list(out.glob("*.part"))
    there = [job for job in jobs_of(photos) if (out / job.output).exists()]
    assert there
    assert all(whole(out / job.output, Path(job.inputs["content"][0])) for job in there)
    (photos / "3.txt").write_text("room again")
    plan, _ = batch(photos, out)
    assert len(plan.done) == len(there)
    assert all(whole(out / j.output, Path(j.inputs["content"][0])) for j in jobs_of(photos))


def test_a_second_run_on_the_same_folder_says_so(photos: Path, out: Path) -> None:
    with Ledger(where(str(out))), pytest.raises(ArtgenError, match="Another artgen is at work"):
        batch(photos, out)
    assert len(batch(photos, out)[0].todo) == 6


def test_a_worker_that_cannot_start_stops_the_batch(photos: Path, out: Path) -> None:
    with (
        Ledger(where(str(out))) as ledger,
        Local(closed, [Share()]) as crew,
        pytest.raises(ArtgenError, match=r"There are no weights\. Fetch them\."),
    ):
        list(run(jobs_of(photos), ledger, crew))


def test_a_crew_that_is_left_leaves_no_process(photos: Path, out: Path) -> None:
    with Local(Simulated(str(out), seconds=30), [Share()] * 2) as crew:
        begun = next(event for event in crew.make(jobs_of(photos)) if isinstance(event, Begun))
        processes = [psutil.Process(hand.pid) for hand in crew._hands]
    assert begun.job.name in ("0.txt", "3.txt")  # whoever is ready first
    assert len(processes) == 2
    assert not any(process.is_running() for process in processes)
    assert not list(out.glob("*.out"))


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
