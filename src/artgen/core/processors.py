"""Processors: how many this process may use, and how many of them other processes keep busy."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from artgen.core.containers import processor_quota

__all__ = ["Allowance", "Load", "allowance", "may_have_gpu", "since_start"]

WINDOW = 0.3  # least seconds between two measurements: CPU times are counted in 0.01 s


@dataclass(frozen=True)
class Allowance:
    """How many processors a process may use.

    Attributes:
        count: how many, at least 1.
        why: what limits it, as in "2 processors" or "a quota of 1.5 processors".
        trouble: a sentence on what could not be read; empty if nothing.
    """

    count: int
    why: str
    trouble: str = ""


def allowance() -> Allowance:
    """The processors that the machine, this process's affinity and its container leave to it.

    A quota is rounded down: a thread that has used up its part of a period pauses until the next
    one, and the other threads wait for it.
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


def may_have_gpu() -> bool:
    """Whether there may be a GPU that torch can use, as far as it shows without importing torch."""
    if platform.system() == "Linux":  # drivers of NVIDIA's, AMD's and Intel's
        return any(Path("/dev", name).exists() for name in ("nvidiactl", "kfd", "dri", "dxg"))
    return True


@dataclass(frozen=True)
class _CpuTimes:
    """CPU times at one moment, in seconds of one processor."""

    moment: float
    busy: float  # all processes on the processors that this one may use
    own: float
    yielding: float = 0.0  # of `busy`, by processes of a lower priority than this one's


class Load:
    """How many processors other processes keep busy, between two measurements.

    Args:
        look: measures CPU times; tests pass their own.

    Attributes:
        others: processors kept busy by all other processes together.
        pressing: of these, by processes of at least this one's priority.
    """

    def __init__(self, look: Callable[[], _CpuTimes] | None = None) -> None:
        self._look = look or _count
        self._last = self._look()
        self.others = self.pressing = 0.0

    def fresh(self) -> bool:
        """Measures again if the last time is WINDOW seconds ago or more; whether it did."""
        now = self._look() if time.monotonic() - self._last.moment >= WINDOW else self._last
        passed = now.moment - self._last.moment
        if passed < WINDOW:
            return False
        others = (now.busy - self._last.busy) - (now.own - self._last.own)
        pressing = others - (now.yielding - self._last.yielding)
        self.others, self.pressing = (max(one / passed, 0.0) for one in (others, pressing))
        self._last = now
        return True


def _count() -> _CpuTimes:
    """CPU times now."""
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
    return _CpuTimes(time.monotonic(), busy, time.process_time(), yielding)


_started: list[Load] = []


def since_start() -> Load:
    """The one Load of this process, made on the first call.

    Called before torch is imported, which takes seconds, it has measured other processes by then.
    """
    if not _started:
        _started.append(Load())
    return _started[0]
