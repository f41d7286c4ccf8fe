"""Threads: how many there are as others come and go, and what is said of it."""

from __future__ import annotations

import pytest
import torch
from bits import threads as set_to

from artgen.core import processors
from artgen.core.processors import Allowance, Load
from artgen.errors import UsageError
from artgen.optim import threads
from artgen.optim.threads import Threads


class Told(Load):
    """A Load that a test tells of."""

    def __init__(self, others: float = 0.0, pressing: float | None = None) -> None:
        super().__init__()
        self.others = others
        self.pressing = others if pressing is None else pressing

    def fresh(self) -> bool:
        return True


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with eight processors, on which torch takes eight threads."""
    monkeypatch.setattr(threads, "allowed", lambda: list(range(8)))
    monkeypatch.setattr(threads, "allowance", lambda: Allowance(8, "8 processors"))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)


@pytest.mark.parametrize(
    ("others", "count"), [(0, 8), (0.3, 8), (0.4, 7), (1.0, 7), (3.2, 5), (7.0, 1), (20.0, 1)]
)
def test_there_are_as_many_as_processors_are_free(eight: None, others: float, count: int) -> None:
    assert Threads(load=Told(others)).count == count


def test_a_little_load_neither_takes_a_thread_nor_gives_it_back(
    eight: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    load = Told()
    found = Threads(load=load)
    for others, count in ((0.3, 8), (0.5, 7), (0.3, 7), (0.1, 8), (2.0, 6), (2.3, 6), (0.0, 8)):
        load.others = others
        found.adapt()
        assert found.count == count, others
    assert told == [7, 8, 6, 8]  # and nothing where nothing changed


def test_what_gives_way_counts_once_it_has_been_seen_not_to(eight: None) -> None:
    found = Threads(load=Told(3.0, pressing=0.0))
    assert found.count == 8
    found.adapt()
    assert found.count == 5


def test_events_come_through_and_torch_has_its_threads_back() -> None:
    with set_to(2):
        load = Told()
        found = Threads(load=load)
        seen = []
        for event in found.between(iter("abc")):
            seen.append((event, torch.get_num_threads()))
            load.others = 100.0
        assert [event for event, _ in seen] == ["a", "b", "c"]
        assert [count for _, count in seen[1:]] == [1, 1]
        assert torch.get_num_threads() == 2


def test_a_run_that_is_left_gives_the_threads_back() -> None:
    with set_to(2):
        events = Threads(load=Told(100.0)).between(iter("abc"))
        next(events)
        assert torch.get_num_threads() == 1
        events.close()  # type: ignore[attr-defined]
        assert torch.get_num_threads() == 2


def test_the_sentence_says_how_many_and_why(eight: None) -> None:
    assert Threads(load=Told()).sentence == "8 threads (8 processors)."
    assert Threads(3, Told()).sentence == "3 threads (--threads)."
    assert Threads(load=Told(6.9)).sentence == "1 thread of 8 (others keep 6.9 processors busy)."


def test_torchs_own_choice_and_a_quota_are_limits(
    eight: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert Threads(load=Told()).sentence == "3 threads (OMP_NUM_THREADS)."
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert Threads(load=Told()).sentence == "3 threads (torch's own choice)."
    assert Threads("5", Told()).count == 3
    quota = Allowance(2, "a quota of 2.5 processors")
    monkeypatch.setattr(threads, "allowance", lambda: quota)
    assert Threads(load=Told()).sentence == "2 threads (a quota of 2.5 processors)."


def test_without_torch_its_own_choice_is_no_limit(
    eight: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert Threads(load=Told(), torch=False).count == 8
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert Threads(load=Told(), torch=False).sentence == "5 threads (OMP_NUM_THREADS)."
    assert Threads("2", Told(), torch=False).count == 2


@pytest.mark.parametrize("wrong", ["0", "-1", "9", "many", "", "1.5", "1e9", "²"])
def test_a_number_that_cannot_be_is_one_sentence(eight: None, wrong: str) -> None:
    with pytest.raises(UsageError, match="--threads is") as caught:
        Threads(wrong)
    assert "1 to 8" in str(caught.value.hint)


def test_a_process_has_one_load() -> None:
    assert processors.since_start() is processors.since_start()
