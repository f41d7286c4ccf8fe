"""Threads: as many as there are free processors, adjusted while a run goes on.

OpenMP's threads wait for each other at the end of every operation. Where one of them has to share
its processor with another process, all wait for that one, awake, and a run takes ten times as long
as it would with one thread less. Pictures do not depend on the number (`reductions.py`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TypeVar

from artgen.core.processors import Load, allowance, allowed, since_start
from artgen.errors import UsageError

__all__ = ["Threads", "one_thread"]

Event = TypeVar("Event")

LOST = 0.35  # of a processor that another process takes: from here on a thread less is faster
BACK = 0.15  # and down to here the thread comes back


class Threads:
    """How many threads torch uses in a run.

    Args:
        most: the upper limit, or `auto`; never more than torch's own default, which follows from
            OMP_NUM_THREADS and the processors, and never more than a container's CPU quota.
        load: measures the load of other processes; a new `Load` if not given.
        torch: whether it is torch that computes, which has a number of threads of its own.

    Attributes:
        most: how many threads are used where nothing else runs.
        why: what sets this limit.
        count: how many threads are used now.

    Raises:
        UsageError: for a number that is none, or more than there are.
    """

    def __init__(
        self, most: str | int = "auto", load: Load | None = None, *, torch: bool = True
    ) -> None:
        self.load = load or since_start()
        found = allowance()
        there, self.why, self.trouble = found.count, found.why, found.trouble
        self.most = there
        said = os.environ.get("OMP_NUM_THREADS", "")
        usual = _own_choice() if torch else int(said) if said.isdecimal() and int(said) else there
        if usual < self.most:
            self.most, self.why = usual, "OMP_NUM_THREADS" if said else "torch's own choice"
        if most != "auto":
            asked = _asked(str(most))
            if asked <= self.most:
                self.most, self.why = asked, "--threads"
        self.count = self.most
        self.load.fresh()
        # A process of lower priority may fill a processor that this one leaves free: how much of
        # it is really lost shows only once there are threads in its way.
        self._choose(self.load.pressing)

    @property
    def sentence(self) -> str:
        """How many threads are used now, and why."""
        threads = f"{self.count} thread{'s' * (self.count > 1)}"
        if self.count < self.most:
            return f"{threads} of {self.most} (others keep {self.load.others:.1f} processors busy)."
        return f"{threads} ({self.why})."

    def adapt(self) -> None:
        """Use one thread less, or one more, if the load of other processes has changed."""
        before = self.count
        if self.load.fresh():
            self._choose(self.load.others)
        if self.count != before:
            import torch

            torch.set_num_threads(self.count)

    def between(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events; between them, the number of threads follows the load.

        Afterwards torch uses as many threads as before.
        """
        import torch

        before = torch.get_num_threads()
        self.adapt()
        # Even where it is the same: MKL varies the number until it is told one.
        torch.set_num_threads(self.count)
        try:
            for event in events:
                yield event
                self.adapt()
        finally:
            torch.set_num_threads(before)

    def _choose(self, others: float) -> None:
        free = len(allowed()) - others
        down, up = (math.floor(free + share) for share in (LOST, BACK))
        self.count = min(max(min(self.count, down), up, 1), self.most)


def one_thread() -> None:
    """Torch uses one thread from now on, where the calling thread computes.

    What is read and written beside a run is so limited. With thread teams of their own, though
    idle, OpenMP would count more threads than processors and let waiting threads sleep instead of
    spin: making a picture took 1.7 times as long.
    """
    import torch

    torch.get_num_threads()  # otherwise its first use would undo the next line
    torch.set_num_threads(1)


def _own_choice() -> int:
    """The number of threads that torch would use."""
    import torch

    return torch.get_num_threads()


def _asked(text: str) -> int:
    there = len(allowed())
    if not text.isdecimal() or not 1 <= int(text) <= there:
        raise UsageError(
            f"--threads is {text}.", f"Give auto, or 1 to {there}: so many processors are here."
        )
    return int(text)
