"""A worker's process: a fault costs its own picture, a full disk the batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from simulated import batch, jobs_of, whole

from artgen.errors import ArtgenError
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.messages import Event, JobDone, JobFailed, JobRetried


def outcome(events: list[Event] | tuple[Event, ...]) -> dict[str, list[str]]:
    """Picture -> what became of it."""
    found: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, JobDone | JobRetried | JobFailed):
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
    assert said["1.txt"] == said["2.txt"] == ["JobRetried", "JobFailed"]
    assert said["3.txt"] == said["4.txt"] == ["JobRetried", "JobDone"]
    assert said["0.txt"][-1] == said["5.txt"][-1] == "JobDone"
    errors = {event.job.name: event.error for event in events if isinstance(event, JobFailed)}
    assert "killed by signal 9" in errors["1.txt"]
    assert "2.txt is broken" in errors["2.txt"]
    again = [event.error for event in events if isinstance(event, JobRetried)]
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
    assert said["1.txt"][-1] == "JobFailed"
    for job in jobs_of(photos):
        content = Path(job.inputs["content"][0])
        assert whole(out / job.output, content) == (job.name != "1.txt")


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
