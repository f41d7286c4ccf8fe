"""The worker's process as the foreman sees it: hired, told, heard, and known to be dead."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from multiprocessing.connection import Connection

from artgen.jobs.worker import how_it_ended
from artgen.studio.talk import Report, Wish
from artgen.studio.worker import serve

__all__ = ["Hand", "processes"]

# Never a plain fork, which would share torch's locks and the server's sockets.
processes = multiprocessing.get_context("spawn")


class Hand:
    """One worker process; `ready` once it has imported all that it needs."""

    def __init__(self) -> None:
        self.ready = False
        self.pipe: Connection
        self.pipe, self._theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(self._theirs,), daemon=True)

    def start(self) -> None:
        """Begins its work."""
        self._process.start()
        self._theirs.close()  # or nobody would hear that the worker's end is closed

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self._process.pid or 0)

    def tell(self, wish: Wish) -> None:
        """Asks it for something."""
        with suppress(OSError):  # it is dead, and will be found to be
            self.pipe.send(wish)

    def heard(self) -> Report | None:
        """What it reports; None once it is dead."""
        try:
            report: Report = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return report

    def end(self) -> str:
        """Ends it, if it has not ended; returns how it did, in words."""
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return how_it_ended(self._process.exitcode or 0)
