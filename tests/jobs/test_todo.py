"""The plan: what is missing or changed, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from simulated import jobs_of, known

from artgen.errors import UsageError
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Made
from artgen.jobs.storage import Folder
from artgen.jobs.todo import FileState, Plan, job_digest, make_plan, stamps


@pytest.fixture
def there(photos: Path, out: Path) -> dict[str, Entry]:
    """A ledger in which all is done, and files of the lengths that it names."""
    out.mkdir()
    entries = {}
    for job in jobs_of(photos):
        (out / job.output).write_bytes(b"12345")
        made = Made(1.0, 5, job_digest(job), 4)
        entry = Entry(job.output, job.name, "recipe", stamps(job))
        entries[job.output] = entry.finished(made)
    return entries


def plan(photos: Path, out: Path, entries: dict[str, Entry], recipe: str = "recipe") -> Plan:
    return make_plan(jobs_of(photos), recipe, entries, Folder(str(out)), known(str(out)))


def test_what_is_done_is_not_done_again(photos: Path, out: Path, there: dict[str, Entry]) -> None:
    made = plan(photos, out, there)
    assert (len(made.done), made.todo, made.news) == (6, [], [])


def test_other_settings_make_all_anew(photos: Path, out: Path, there: dict[str, Entry]) -> None:
    assert len(plan(photos, out, there, "other").todo) == 6


def test_a_changed_input_is_made_anew_and_a_touched_one_is_not(
    photos: Path, out: Path, there: dict[str, Entry]
) -> None:
    (photos / "1.txt").write_text("changed")
    os.utime(photos / "2.txt", ns=(5, 5))
    made = plan(photos, out, there)
    assert [job.name for job in made.todo] == ["1.txt"]
    assert {entry.name: entry.state for entry in made.news} == {"1.txt": "waiting", "2.txt": "done"}


def test_a_picture_of_somebody_else_is_left_alone(photos: Path, out: Path) -> None:
    out.mkdir()
    (out / "1.out").write_text("mine")

    def foreign(job: Job) -> FileState:
        return FileState(foreign=True)

    made = make_plan(jobs_of(photos), "recipe", {}, Folder(str(out)), foreign)
    assert [job.output for job, _ in made.failed] == ["1.out"]
    assert "is there already" in made.failed[0][1]
    made = make_plan(jobs_of(photos), "recipe", {}, Folder(str(out)), foreign, redo="all")
    assert len(made.todo) == 6


def test_an_input_is_never_written_over(photos: Path) -> None:
    jobs = [Job("0.txt", "0.txt", {"content": (str(photos / "1.txt"),)})]
    jobs.append(Job("x", "0.txt", {"content": (str(photos / "0.txt"),)}))
    with pytest.raises(UsageError, match="overwritten"):
        make_plan(jobs, "recipe", {}, Folder(str(photos)), known(str(photos)))
