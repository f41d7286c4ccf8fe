"""A film from words to file, or one sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import video

from .said import Said

Artgen = Callable[..., Said]


def test_a_zoom_is_a_film(folder: Path, artgen: Artgen) -> None:
    quick = ["--net", "tiny", "--size", "49", "-n", "1", "--octaves", 1]
    said = artgen(
        "dream", "photo.png", "--zoom", "--seconds", 0.5, "--fps", 6, "-o", "a.mp4", *quick
    )
    assert said.code == 0, said.err
    clip = video.probe("a.mp4")
    assert (clip.count, clip.rate) == (3, 6)
    assert "--zoom" in artgen("dream", "a.mp4", "--zoom", *quick).err
    assert artgen("dream", "a.mp4", "-o", "b.mp4", *quick).code == 0
    assert video.probe("b.mp4").count == 3


@pytest.mark.parametrize("size", [0, 100])
def test_a_film_that_cannot_be_read_is_said_so(folder: Path, artgen: Artgen, size: int) -> None:
    Path("clip.mp4").write_bytes(bytes(size))
    said = artgen("dream", "clip.mp4", "-o", "out.mp4", "--net", "tiny")
    assert said.code == 1
    assert "clip.mp4 is no film that can be read" in said.err
    assert not list(folder.glob("out*"))
