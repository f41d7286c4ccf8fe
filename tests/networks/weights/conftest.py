"""The server as a fixture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from artgen.networks.weights import download

from .server import Handler, Site
from .toys import pickled, published


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site(pickled(published()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Handler,), {"site": site}))
    site.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield site
    server.shutdown()
    server.server_close()
    thread.join()
