"""The server: a studio is open with its worker, and a port that is taken is named."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from queue import Queue

import pytest

from artgen.errors import ArtgenError, UsageError
from artgen.studio import server
from artgen.studio.security import HOST
from artgen.studio.server import run, studio


def test_a_studio_is_closed_with_all_that_works_for_it(tmp_path: Path) -> None:
    with studio(tmp_path / "studio") as opened:
        assert opened.app("token", 1) is not None
        with pytest.raises(ArtgenError, match="open"), studio(tmp_path / "studio"):
            pass
    with studio(tmp_path / "studio"):  # it is free again
        pass


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} cannot be listened at"):
            run(port, print, tmp_path / "studio")


def test_python_waits_for_what_imports_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing: Queue[threading.Thread] = Queue()
    monkeypatch.setattr(server, "controls", lambda: importing.put(threading.current_thread()))
    monkeypatch.setattr(server._Server, "run", lambda *_, **__: None)
    run(0, lambda *_: None, tmp_path / "studio")
    assert not importing.get(timeout=60).daemon
