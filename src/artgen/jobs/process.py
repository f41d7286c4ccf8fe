"""Handle to a worker process: start it, send to it, receive from it, see whether it is alive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["WorkerProcess", "how_it_ended"]


class WorkerProcess:
    """Handle to one worker process, at the other end of a pipe.

    Attributes:
        ready: whether it has imported everything it needs; set by the owner of the handle.
        pipe: this end, to wait for.

    Args:
        processes: a context of multiprocessing.
        serve: the worker's main function; it gets the other end, then `args`.
    """

    def __init__(self, processes: Any, serve: Callable[..., None], *args: Any) -> None:
        self.ready = False
        self.pipe: Connection
        self.pipe, self._theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(self._theirs, *args), daemon=True)

    def start(self) -> None:
        """Start the process."""
        self._process.start()
        self._theirs.close()  # otherwise the end of the worker would not close the pipe

    @property
    def pid(self) -> int:
        """Its process id."""
        return int(self._process.pid or 0)

    def tell(self, message: object) -> None:
        """Send it a message."""
        with suppress(OSError):  # it is dead, which `heard` will find
            self.pipe.send(message)

    def heard(self) -> Any:
        """Receive a message; None if it is dead."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            return None

    def end(self) -> str:
        """End it, if it has not ended; returns how it ended, in words."""
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return how_it_ended(self._process.exitcode or 0)


def how_it_ended(code: int) -> str:
    """A worker's exit code in words, to follow on `the process was`."""
    return f"killed by signal {-code}" if code < 0 else f"gone with exit code {code}"
