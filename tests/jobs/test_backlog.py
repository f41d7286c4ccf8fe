"""Who gets which job: what waits for others, and what fails with them."""

from __future__ import annotations

from artgen.jobs.backlog import Backlog
from artgen.jobs.messages import Job, JobFailed, JobRetried


def chain(film: str, count: int) -> list[Job]:
    """A film's chunks, each after the last one, and the film of them all."""
    chunks: list[Job] = []
    for number in range(count):
        after = (chunks[-1].output,) if chunks else ()
        chunks.append(Job(f"{film}/{number}", film, {}, (number, number + 1), after, film))
    return [*chunks, Job(film, film, {}, after=tuple(one.output for one in chunks))]


def test_a_job_waits_until_all_is_done_that_it_needs() -> None:
    backlog = Backlog([*chain("a", 2), Job("photo", "", {})])
    first, photo = backlog.take(idle=True), backlog.take(idle=True)
    assert first
    assert photo
    assert (first.output, photo.output) == ("a/0", "photo")
    assert backlog.take(idle=True) is None
    assert len(backlog) == 2
    taken = []
    while job := first:
        backlog.done(job)
        first = backlog.take(idle=True)
        taken.append(first.output if first else "")
    assert taken == ["a/1", "a", ""]
    assert not backlog


def test_who_goes_on_with_a_film_comes_before_other_films() -> None:
    backlog = Backlog([*chain("a", 2), *chain("b", 2)])
    first = backlog.take(idle=True)
    assert first
    backlog.done(first)
    second = backlog.take(idle=True)
    assert second
    assert second.output == "a/1"


def test_what_is_needed_and_no_matter_of_this_batch_is_there() -> None:
    backlog = Backlog(chain("a", 3)[1:])
    job = backlog.take(idle=True)
    assert job
    assert job.output == "a/1"


def test_what_waits_for_a_lost_job_is_lost_and_only_the_film_is_named() -> None:
    backlog = Backlog([*chain("a", 3), Job("photo", "", {})])
    first = backlog.take(idle=True)
    assert first
    assert [type(one) for one in backlog.wrong(first, "broken")] == [JobRetried]
    backlog.take(idle=True)
    assert backlog.take(idle=True) == first
    failed = list(backlog.wrong(first, "broken"))
    assert all(isinstance(one, JobFailed) and one.error == "broken" for one in failed)
    assert [one.job.output for one in failed] == ["a/0", "a"]
    assert not backlog
