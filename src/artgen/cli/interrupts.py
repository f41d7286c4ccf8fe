"""Ctrl-C and SIGTERM: the first asks a run to stop after its step, the second stops it now."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from artgen.core.events import Step
from artgen.core.listeners import Control

__all__ = ["Interrupted", "Interrupts", "ignore_signals", "leave_on_signals"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_unheard: list[int] = []  # exit codes of early signals: an import may swallow Interrupted


class Interrupted(BaseException):
    """The user wants to stop; `code` is the exit code of the process."""

    def __init__(self, code: int) -> None:
        super().__init__(f"interrupted ({code})")
        self.code = code


def leave_on_signals() -> None:
    """From now on, outside of Interrupts, a signal raises Interrupted.

    By default Python handles SIGINT with a traceback, and SIGTERM not at all.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        _unheard.append(128 + number)
        raise Interrupted(128 + number)

    for number in SIGNALS:
        signal.signal(number, leave)


def ignore_signals() -> None:
    """Ignore further signals, in a process that is exiting already."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Interrupts(Control):
    """While it is entered, signals set `code` instead of ending the process; a second one raises.

    Before the first step there is nothing to lose, and the first signal raises already. Inside
    `writing()` no signal raises: a write that has begun is finished.

    Attributes:
        code: exit code of the process; 0 without a signal.
        running: whether there is a step that would be lost.
        last: the step after which the run was stopped, None if it was not.
    """

    def __init__(self) -> None:
        self.code = 0
        self.running = False
        self.last: Step | None = None
        self._writing = False
        self._before: dict[int, Any] = {}

    def _heard(self, number: int, frame: FrameType | None) -> None:
        again, self.code = bool(self.code), 128 + number
        if not self._writing and (again or not self.running):
            raise Interrupted(self.code)

    def __enter__(self) -> Interrupts:
        if _unheard:
            raise Interrupted(_unheard.pop())
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step(self, step: Step) -> None:
        self.running = True

    def leaving(self, step: Step) -> bool:
        """Whether there was a signal."""
        self.last = step if self.code else None
        return self.last is not None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Delay signals while a file is written."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
