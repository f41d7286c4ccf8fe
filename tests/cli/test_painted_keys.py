"""`artgen style clip.mp4 STYLE --follow`: key frames are proposed, made, and followed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clips import drifting, film_file

from artgen import images, video
from artgen.cli import painted_keys
from artgen.runs.following import Following

from .said import Said

Artgen = Callable[..., Said]
QUICK = ("--net", "tiny", "--size", "64", "-n", "2")


@pytest.fixture
def clip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A film in the current folder; what follows it is trained for two steps."""

    def short() -> Following:
        return Following(iterations=2, crop=32, net="tiny")

    short.net = Following.net  # type: ignore[attr-defined]
    monkeypatch.setattr(painted_keys, "Following", short)
    film_file(Path("clip.mp4"), drifting(12, 48, 64))
    return "clip.mp4"


def test_a_film_is_painted_by_its_key_frames(clip: str, artgen: Artgen) -> None:
    said = artgen("style", clip, "paint.png", "--follow", "-o", "out.mp4", *QUICK)
    assert said.code == 0, said.err
    assert said.out == "out.mp4\n"
    assert "Key frame" in said.err
    found = video.probe("out.mp4")
    assert (found.size, found.count) == ((48, 64), 12)
    assert not Path("out.mp4.part").exists()
    said = artgen("style", clip, "paint.png", "--follow", "-q", *QUICK)
    assert said.out == "clip-paint.mp4\n"


def test_key_frames_are_proposed_and_nothing_is_made(clip: str, artgen: Artgen) -> None:
    said = artgen("style", clip, "paint.png", "--follow", "--keys", "keys.png", *QUICK)
    assert said.code == 0, said.err
    assert said.out == "keys.png\n"
    assert "would be the keys" in said.err
    assert images.load("keys.png").picture.shape[-1] > 64
    assert not list(Path().glob("*.part*"))
    assert not list(Path().glob("*-paint*"))


def test_keys_of_other_settings_are_not_taken(clip: str, artgen: Artgen) -> None:
    words = ("style", clip, "paint.png", "--follow", "-o", "out.mp4")
    Path("out.mp4.part").mkdir()
    key, *_ = _keys(artgen, words)
    Path("out.mp4.part", f"{key}.toml").write_text("another")
    said = artgen(*words, *QUICK)
    assert said.code == 2
    assert "made another way" in said.err


def _keys(artgen: Artgen, words: tuple[str, ...]) -> list[str]:
    """The names of the keys that would be made."""
    told = artgen(*words, "--keys", "keys.png", *QUICK).err
    listed = told.partition("Frames ")[2].partition(" would")[0]
    return [f"key-{index}" for index in listed.split(", ")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("photo.png", "paint.png", "--follow"), "photo.png is no film."),
        (("clip.mp4", "paint.png"), "With --follow, key frames of it are painted"),
        (("clip.mp4", "paint.png", "--follow", "-o", "no/out.mp4"), "There is no folder no"),
        (("clip.mp4", "paint.png", "--follow", "-o", "out.png"), "is no name of a film"),
        (("clip.mp4", "paint.png", "--keys", "keys.xyz"), "keys.xyz"),
        (("none.mp4", "paint.png", "--follow"), "none.mp4"),
    ],
)
def test_what_cannot_be_followed_is_said(
    clip: str, artgen: Artgen, words: tuple[str, ...], sentence: str
) -> None:
    said = artgen("style", *words, *QUICK)
    assert said.code in (1, 2)
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not list(Path().glob("*.part*"))
