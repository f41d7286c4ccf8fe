"""`artgen studio` as a command: what it refuses, where it is, and how it ends."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from artgen.studio.folder import opened

from ..said import Said

Artgen = Callable[..., Said]


def test_without_its_extra_it_is_one_sentence(
    artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "artgen.core.optional.find_spec", lambda name: None if name == "uvicorn" else found(name)
    )
    said = artgen("studio", "--no-browser")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "artgen: artgen studio needs the package uvicorn, which is not installed. "
        "Install it: pip install 'artgen[studio]'.\n"
    )


def test_a_port_that_is_taken(artgen: Artgen) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = artgen("studio", "--no-browser", "--port", other.getsockname()[1])
    assert said.code == 2
    assert "cannot be listened at" in said.err


def test_a_studio_that_is_open(artgen: Artgen) -> None:
    with opened():
        said = artgen("studio", "--no-browser")
    assert (said.code, said.out) == (1, "")
    assert "Another artgen studio is open" in said.err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_it_listens_here_alone_and_a_signal_ends_it(
    process: Callable[..., subprocess.Popen[bytes]], home: Path
) -> None:
    server = process("studio", "--no-browser")
    assert server.stdout is not None
    address = server.stdout.readline().decode().strip()
    base, _, token = address.partition("/?token=")
    assert base.startswith("http://127.0.0.1:")
    assert len(token) >= 32
    with urllib.request.urlopen(address, timeout=60) as page:
        assert b"<title>artgen studio</title>" in page.read()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(base, timeout=60)
    assert refused.value.code == 403
    refused.value.close()
    assert (home / "studio" / "history.sqlite").stat().st_size
    assert (home / "studio").stat().st_mode & 0o077 == 0
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert (server.returncode, out) == (0, b"")
    assert err.decode().splitlines()[-1].startswith("artgen: The studio is closed")
    assert token not in err.decode()
