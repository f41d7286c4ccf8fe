"""Server-sent events to every open page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

__all__ = ["Events"]

ROOM = 256  # events that a page may lag behind
SILENCE = 15.0  # seconds after which an empty line is sent, to detect closed connections


class Events:
    """Sends each event to all listeners; `tell` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._closed = False

    def tell(self, kind: str, more: dict[str, Any]) -> None:
        """Send an event."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the server has ended
                self._loop.call_soon_threadsafe(self._put, _event(kind, more))

    def close(self) -> None:
        """End all streams: a server would wait for them."""
        self._closed = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._put, None)

    async def stream(self, state: Callable[[], dict[str, Any]]) -> AsyncIterator[str]:
        """The events for one page: first the present state, and then every event.

        A page that lags too far behind is disconnected. It reconnects, and begins anew.
        """
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue(ROOM)
        self._listeners.add(queue)
        try:
            # Subscribed before the state is read: no event in between is missed.
            yield _event("state", await asyncio.to_thread(state))
            while not self._closed:
                try:
                    event = await asyncio.wait_for(queue.get(), SILENCE)
                except asyncio.TimeoutError:
                    yield ":\n\n"
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._listeners.discard(queue)

    def _put(self, event: str | None) -> None:
        for queue in list(self._listeners):
            if queue.full() or event is None:
                self._listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)


def _event(kind: str, more: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(more)}\n\n"
