"""Processors: how many this process may use, and how much of them others are using now."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from artgen.core.containers import processor_quota

__all__ = ["Allowance", "Load", "allowance", "since_start"]

WINDOW = 0.3  # seconds at least that a look at the processors goes back: they are counted in 0.01 s


@dataclass(frozen=True)
class Allowance:
    """How many processors a process may use.

    Attributes:
        count: how many, at least 1.
        why: what sets it, as in "2 processors" or "a quota of 1.5 processors".
        trouble: a sentence on what could not be read, or nothing.
    """

    count: int
    why: str
    trouble: str = ""


def allowance() -> Allowance:
    """What the machine, this process's affinity and its container leave it.

    Of a quota's last part of a processor no thread is made: whoever waits for one that has used up
    its time waits for all of its pause.
    """
    there = len(allowed())
    found = Allowance(there, f"{there} processor{'s' * (there > 1)}")
    quota, trouble = processor_quota()
    if quota is not None and quota < there:
        found = Allowance(max(int(quota), 1), f"a quota of {quota:g} processors")
    return Allowance(found.count, found.why, trouble)


def allowed() -> list[int]:
    """The numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@dataclass(frozen=True)
class _Look:
    """What was counted at a moment, in seconds of one processor."""

    moment: float
    busy: float  # all processes on the processors that this one may use
    own: float
    yielding: float = 0.0  # of `busy`, by processes of a lower priority than this one's


class Load:
    """How many processors others keep busy, between one look and the next.

    Args:
        look: counts; another one where a test says what there is.

    Attributes:
        others: how many, all other processes together.
        pressing: of them, by those that would not give way.
    """

    def __init__(self, look: Callable[[], _Look] | None = None) -> None:
        self._look = look or _count
        self._last = self._look()
        self.others = self.pressing = 0.0

    def fresh(self) -> bool:
        """Looks again if the last look is long enough ago; whether it was."""
        now = self._look() if time.monotonic() - self._last.moment >= WINDOW else self._last
        passed = now.moment - self._last.moment
        if passed < WINDOW:
            return False
        others = (now.busy - self._last.busy) - (now.own - self._last.own)
        pressing = others - (now.yielding - self._last.yielding)
        self.others, self.pressing = (max(one / passed, 0.0) for one in (others, pressing))
        self._last = now
        return True


def _count() -> _Look:
    """Now."""
    polite = os.name == "posix" and psutil.Process().nice() > 0
    each = psutil.cpu_times(percpu=True)
    busy = yielding = 0.0
    for number in allowed():
        if number < len(each):  # a container may show fewer than there are
            times = each[number]._asdict()
            idle = times["idle"] + times.get("iowait", 0.0)
            counted_twice = times.get("guest", 0.0) + times.get("guest_nice", 0.0)
            busy += sum(times.values()) - counted_twice - idle
            yielding += 0.0 if polite else times.get("nice", 0.0)
    return _Look(time.monotonic(), busy, time.process_time(), yielding)


_started: list[Load] = []


def since_start() -> Load:
    """The process's own Load: whoever asks first, and early, lets it see the start.

    Importing torch takes seconds, in which it is seen what others do.
    """
    if not _started:
        _started.append(Load())
    return _started[0]
