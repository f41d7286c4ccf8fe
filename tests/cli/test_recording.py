"""`--record`: every step a frame, and the picture at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artgen import images, video
from artgen.cli import recording
from artgen.cli.recording import Recording
from artgen.core.events import Step

from .said import QUICK, Said

Artgen = Callable[..., Said]


@pytest.mark.parametrize("name", ["grows.mp4", "grows.gif"])
def test_a_run_is_recorded(folder: Path, artgen: Artgen, name: str) -> None:
    said = artgen("style", "photo.png", "paint.png", "-o", "a.png", "--record", name, *QUICK)
    assert said.code == 0
    assert f"Film of the run: {name}" in said.err
    assert not Path(f"{name}.part").exists()
    clip = video.probe(name)
    assert clip.size == ((35, 48) if name.endswith("gif") else (36, 48))  # H.264 knows no odd ones
    frames = list(video.frames(clip))
    assert len(frames) == 4 + recording.HELD
    made = images.load("a.png").picture
    assert (frames[-1][..., :35, :] - made).abs().mean() < 0.04


def test_of_a_long_run_only_some_steps_are_shown(folder: Path) -> None:
    made = Recording("a.mp4")
    for index in range(1, 1001):
        made.add(Step(index, 1000, (4, 4), {}, lambda: torch.rand(1, 3, 4, 4)))
    assert made.film is not None
    assert made.film.done == recording.MOST


@pytest.mark.parametrize("name", ["a.png", "a"])
def test_what_is_no_film_is_refused(folder: Path, artgen: Artgen, name: str) -> None:
    said = artgen("style", "photo.png", "paint.png", "--record", name, *QUICK)
    assert said.code == 2
    assert "is no name of a film" in said.err
    assert not list(Path().glob("photo-*"))
