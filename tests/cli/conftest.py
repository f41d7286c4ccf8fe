"""A folder with pictures to work in, and `artgen` called as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pictures import smooth

from artgen import images
from artgen.cli.app import run

from .said import Said


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: torch.Tensor) -> Path:
    """The current folder, with photo.png and paint.png in it."""
    here = tmp_path / "work"
    here.mkdir()
    monkeypatch.chdir(here)
    images.save(photo, here / "photo.png")
    images.save(photo.flip(1).flip(3), here / "paint.png")
    return here


@pytest.fixture
def artgen(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command in this process."""

    def call(*words: object) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Said(int(stop.value.code or 0), out, err)

    return call


@pytest.fixture
def process() -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a command in a process of its own."""

    def start(*words: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "artgen", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    return start


@pytest.fixture
def photos(folder: Path) -> Path:
    """photos/ in the current folder, of three sizes, one of them in a folder below."""
    (folder / "photos" / "trip").mkdir(parents=True)
    for seed, (name, size) in enumerate(
        [("a.png", (40, 50)), ("b.png", (50, 40)), ("trip/c.png", (33, 49))]
    ):
        images.save(smooth(*size, seed=seed), folder / "photos" / name)
    return folder / "photos"
