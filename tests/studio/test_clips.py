"""Clips are judged before a frame of them is decoded, and their frames found by number."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from clips import drifting, ffmpeg, film_file

from artgen import images, video
from artgen.errors import PictureError
from artgen.studio import clips
from artgen.studio.clips import ClipFacts
from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History
from artgen.studio.pictures import SIDES, PictureStore

COUNT = 6


def sent(store: PictureStore, content: bytes, name: str = "my clip.mp4") -> str:
    part = store.new()
    part.write_bytes(content)
    return f"upload:{store.take_clip(part, name).id}"


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return film_file(tmp_path / "a.mp4", drifting(COUNT), sound=True).read_bytes()


@pytest.mark.parametrize(
    ("suffix", "kept"),
    [
        (".mp4", ".mp4"),
        (".mov", ".mov"),
        (".mkv", ".mkv"),
        (".avi", ".avi"),
        (".webm", ".webm"),
    ],
)
def test_a_film_is_kept_as_it_came(
    store: PictureStore, studio_folder: Folder, tmp_path: Path, suffix: str, kept: str
) -> None:
    coded = "-c:v libvpx -pix_fmt yuv420p" if suffix == ".webm" else ""
    path = film_file(tmp_path / f"a{suffix}", drifting(COUNT), more=coded)
    reference = sent(store, path.read_bytes(), "../odd name")
    found = store.find(reference)
    assert (found.name, found.film, found.path.suffix) == (f"odd name{kept}", True, kept)
    assert found.path.read_bytes() == path.read_bytes()
    assert [*studio_folder.uploads.iterdir()] == [found.path]
    assert store.facts(reference) == ClipFacts(COUNT, 12.0, 64, 48)
    assert images.size_of(store.copy(reference, SIDES[0])) == (48, 64)


def test_a_frame_is_a_picture(store: PictureStore, studio_folder: Folder, film: bytes) -> None:
    clip = sent(store, film)
    of = clip.replace("upload", "frame")
    wanted = list(video.frames(video.probe(store.find(clip).path)))
    assert images.size_of(store.copy(f"{of}-4", SIDES[1])) == (48, 64)
    assert not list(studio_folder.shown.rglob("*.png")), "looking at a frame makes no picture"
    for index in (4, 0):
        found = store.find(f"{of}-{index}")
        assert (found.name, found.film) == (f"my clip {index}.png", False)
        assert torch.equal(images.load(found.path).picture, wanted[index])
    with pytest.raises(PictureError, match="no such frame"):
        store.find(f"{of}-{COUNT}")
    for none in (f"{of}-99999999", f"{of}-x", f"{of}-", "frame:-1", "frame:../x-1"):
        with pytest.raises(PictureError, match="is gone"):
            store.find(none)


def picture_of(tmp_path: Path) -> bytes:
    return images.encode_png(drifting(1)[0])


def sound_of(tmp_path: Path) -> bytes:
    ffmpeg("-f", "lavfi", "-i", "sine", "-t", 1, tmp_path / "sound.mp4")
    return (tmp_path / "sound.mp4").read_bytes()


def transport_stream(tmp_path: Path) -> bytes:
    return film_file(tmp_path / "a.ts", drifting(2), more="-pix_fmt yuv420p").read_bytes()


def cut(tmp_path: Path) -> bytes:
    return film_file(tmp_path / "a.mp4", drifting(2)).read_bytes()[:200]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda _: b"", "no film that this page takes"),
        (lambda _: b"#EXTM3U\nfile:/etc/passwd\n", "no film that this page takes"),
        (lambda _: b"ffconcat version 1.0\nfile /etc/passwd\n", "no film that this page takes"),
        (lambda _: b"\0\0\0\x20ftypisom" + b"#EXTM3U\n" * 9, "no film that can be read"),
        (lambda _: b"\x1a\x45\xdf\xa3" + bytes(range(200)), "no film that can be read"),
        (picture_of, "no film that this page takes"),
        (sound_of, "has sound, and no moving pictures"),
        (transport_stream, "no film that this page takes"),
        (cut, "no film that can be read"),
    ],
)
def test_what_is_no_film_is_refused(
    store: PictureStore, studio_folder: Folder, tmp_path: Path, content: object, why: str
) -> None:
    with pytest.raises(PictureError, match=why) as refused:
        sent(store, content(tmp_path), "odd.mp4")  # type: ignore[operator]
    assert "odd" in refused.value.message
    assert str(studio_folder.root) not in str(refused.value)
    assert list(studio_folder.uploads.iterdir()) == []


def test_a_film_of_too_many_frames_or_pixels_is_refused(
    store: PictureStore, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "MOST_FRAMES", COUNT - 1)
    with pytest.raises(PictureError, match=f"has more than {COUNT - 1} frames"):
        sent(store, film)
    monkeypatch.setattr(clips, "MOST_FRAMES", COUNT)
    monkeypatch.setattr(clips, "MOST_CLIP_PIXELS", 64 * 48 - 1)
    with pytest.raises(PictureError, match="has frames of 64 x 48 px"):
        sent(store, film)
    monkeypatch.setattr(clips, "MOST_CLIP_PIXELS", 64 * 48)
    sent(store, film)


def test_a_film_is_kept_as_long_as_a_frame_of_it_is_used(
    store: PictureStore, history: History, studio_folder: Folder, film: bytes, tmp_path: Path
) -> None:
    clip = sent(store, film)
    other = sent(store, film_file(tmp_path / "b.mp4", drifting(3)).read_bytes())
    frame = clip.replace("upload", "frame") + "-2"
    for one in (frame, other.replace("upload", "frame") + "-1"):
        store.find(one)
    asked = ("style", {}, {"content": [frame]}, 0)
    history.add(Entry(0, 0.0, "done", *asked, "a", "a", 0.0))
    store.tidy()
    assert store.find(frame).path.exists()
    assert [one.name for one in studio_folder.shown.iterdir() if one.is_dir()] == [
        store.find(clip).path.stem
    ]
    with pytest.raises(PictureError, match="is gone"):
        store.find(other)
