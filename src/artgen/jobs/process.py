"""A worker's process as its employer sees it: started, told, heard, and known to be dead."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["Hand", "how_it_ended"]


class Hand:
    """One worker process, at the other end of a pipe.

    Attributes:
        ready: whether it has imported all that it needs; its employer says so.
        pipe: this end, to be waited for.

    Args:
        processes: a context of multiprocessing.
        serve: what the worker does; it is given the other end, then `args`.
    """

    def __init__(self, processes: Any, serve: Callable[..., None], *args: Any) -> None:
        self.ready = False
        self.pipe: Connection
        self.pipe, self._theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(self._theirs, *args), daemon=True)

    def start(self) -> None:
        """Begins its work."""
        self._process.start()
        self._theirs.close()  # or nobody would hear that the worker's end is closed

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self._process.pid or 0)

    def tell(self, wish: object) -> None:
        """Asks it for something."""
        with suppress(OSError):  # it is dead, and will be found to be
            self.pipe.send(wish)

    def heard(self) -> Any:
        """What it reports; None once it is dead."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            return None

    def end(self) -> str:
        """Ends it, if it has not ended; returns how it did, in words."""
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return how_it_ended(self._process.exitcode or 0)


def how_it_ended(code: int) -> str:
    """A worker's exit code in words, to follow on `the process was`."""
    return f"killed by signal {-code}" if code < 0 else f"gone with exit code {code}"
