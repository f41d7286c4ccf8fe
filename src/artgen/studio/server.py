"""The studio's server, on a port of this machine, until a signal ends it."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from artgen.errors import ArtgenError, UsageError
from artgen.studio.controls import controls
from artgen.studio.events import Events
from artgen.studio.folder import opened
from artgen.studio.history import History
from artgen.studio.pictures import PictureStore
from artgen.studio.queue import JobQueue
from artgen.studio.routes import Routes, refusing
from artgen.studio.security import HOST, RequestFilter

__all__ = ["Studio", "run", "studio"]


class Studio:
    """The parts of an open studio: the application and the queue."""

    def __init__(self, job_queue: JobQueue, store: PictureStore, events: Events) -> None:
        self.job_queue, self.store, self.events = job_queue, store, events

    def app(self, token: str, port: int) -> RequestFilter:
        """The application, with its security checks, for a server at a port."""
        routes = Routes(self.job_queue, self.store, self.events)
        refused = refusing(self.store.folder)
        handlers = {ArtgenError: refused, Exception: refused}
        return RequestFilter(
            Starlette(routes=routes.all(), exception_handlers=handlers), token, port
        )


@contextmanager
def studio(root: Path | None = None) -> Iterator[Studio]:
    """Open the user's studio, or the one in a folder, and start its worker.

    Raises:
        ArtgenError: if another process has it open.
        PictureError: if its folder cannot be written.
    """
    with opened(root) as folder, closing(History(folder.base)) as history:
        store, events = PictureStore(folder, history), Events()
        store.tidy()
        with JobQueue(folder, history, store, events.tell) as job_queue:
            yield Studio(job_queue, store, events)


class _Server(uvicorn.Server):
    """Ends the event streams, too, when it is told to end: it would wait for them."""

    def __init__(self, config: uvicorn.Config, events: Events) -> None:
        super().__init__(config)
        self.events = events

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.events.close()
        super().handle_exit(sig, frame)


def run(port: int, opened_at: Callable[[str, str], None], root: Path | None = None) -> None:
    """Serve until a signal ends it.

    Args:
        port: to listen at; 0 for any free one.
        opened_at: is called once the server listens, with its address for the user, which has the
            token, and the one for a browser's command line, whose code is good for one request.
        root: of the studio; the user's own if not given.

    Raises:
        UsageError: if the port is taken.
        ArtgenError: if the studio is open already.
    """
    with closing(_listening(port)) as listening, studio(root) as open_studio:
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        app = open_studio.app(token, port)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        listening.listen()  # from now on a browser waits instead of being refused
        base = f"http://{HOST}:{port}/"
        opened_at(f"{base}?token={token}", f"{base}?code={app.once()}")
        # The page's first request imports torch; that may begin while the browser starts. Not a
        # daemon: Python has to wait for it, for a process that ends amid torch's import aborts.
        threading.Thread(target=controls).start()
        _Server(config, open_studio.events).run(sockets=[listening])


def _listening(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        raise UsageError(
            f"Port {port} cannot be listened at: {error.strerror}.", "Leave --port out."
        ) from error
    return found
