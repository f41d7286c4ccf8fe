"""A film from words to file, or one sentence why not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from PIL import Image

from artgen import images, video
from artgen.networks.raft import Raft
from artgen.video import reading

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


def moving(path: str) -> list[int]:
    """An animated picture of six frames with mixed delays, which are returned."""
    delays = [20, 100, 50, 50, 200, 30]
    made = [Image.new("RGB", (48, 32), (40 * i, 120, 60)) for i in range(6)]
    made[0].save(path, save_all=True, append_images=made[1:], duration=delays, loop=0)
    return delays


@pytest.mark.parametrize(
    ("name", "out", "made"),
    [
        ("in.gif", "", "in-dream.gif"),
        ("in.gif", "out.gif", "out.gif"),
        ("in.gif", "out.mp4", "out.mp4"),
        ("in.gif", "out.webp", "out.webp"),
        ("in.webp", "", "in-dream.webp"),
        ("in.png", "", "in-dream.png"),
        ("in.png", "out.apng", "out.apng"),
    ],
)
def test_an_animated_picture_is_a_film(
    folder: Path, artgen: Artgen, name: str, out: str, made: str
) -> None:
    delays = moving(name)
    quick = ["--net", "tiny", "--size", 96, "-n", "1", "--octaves", 1]
    said = artgen("dream", name, *(["-o", out] if out else []), *quick)
    assert said.code == 0, said.err
    clip = video.probe(made)
    times = [clip.timing.seconds(index) for index in range(7)]
    assert times == pytest.approx([sum(delays[:i]) / 1000 for i in range(7)], abs=0.0011)
    assert clip.size == (96 * 2 // 3, 96)
    assert "dream" in (video.read_recipe(made) or "")


def test_of_an_animated_picture_a_still_is_its_first_frame(folder: Path, artgen: Artgen) -> None:
    moving("in.gif")
    quick = ["--net", "tiny", "--size", 96, "-n", "1", "--octaves", 1]
    said = artgen("dream", "in.gif", "-o", "out.png", *quick)
    assert said.code == 0
    assert "in.gif is animated: only its first frame is used." in said.err
    assert images.size_of("out.png") == (64, 96)
    assert not images.is_animated("out.png")
    said = artgen("dream", "photo.png", "-o", "out.gif", *quick)
    assert said.code == 2
    assert "film" in said.err


def test_a_network_for_the_flow_is_imported_used_and_named(folder: Path, artgen: Artgen) -> None:
    film_file(Path("in.mp4"), drifting(3))
    words = ["fast", "apply", "in.mp4", "wave", "-o"]
    torch.save(Raft().state_dict(), "any.pth")
    assert artgen("nets", "import", "any.pth").out == "raft\n"
    assert "raft " in artgen("nets", "list").out
    assert artgen("nets", "verify").code == 0
    said = artgen(*words, "out.mp4", "--flow", "raft")
    assert said.code == 0, said.err
    assert "Optical flow by the network 'raft', on cpu." in said.err
    assert 'flow = "raft"' in (video.read_recipe("out.mp4") or "")
    said = artgen(*words, "plain.mp4")
    assert "Optical flow" not in said.err
    both = [next(video.frames(video.probe(name), 2)) for name in ("out.mp4", "plain.mp4")]
    assert not both[0].equal(both[1])


def test_of_a_film_that_breaks_off_what_was_painted_stays(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    film_file(Path("in.mp4"), drifting(5))
    read = reading.streaming

    @contextmanager
    def cut(command: list[str]) -> Iterator[io.BytesIO]:
        with read(command) as stream:
            yield io.BytesIO(stream.read()[:-100])

    monkeypatch.setattr(reading, "streaming", cut)
    said = artgen("fast", "apply", "in.mp4", "wave", "-o", "out.mp4")
    assert said.code == 1
    sentences = [line for line in said.err.splitlines() if line.startswith("artgen: ")]
    assert sentences == ["artgen: in.mp4 breaks off in the middle of a frame."]
    monkeypatch.setattr(reading, "streaming", read)
    assert video.probe("out.part.mp4").count == 4
