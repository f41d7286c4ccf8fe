"""What goes with a film: sound is copied where the container holds it, and encoded where not."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import drifting, ffmpeg, film_file

from artgen.video import Clip, Film, probe

SINE = ("-f", "lavfi", "-i", "sine=440:d=1")
PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=12:d=1")


def sounding(path: Path, *coding: str) -> Clip:
    """A film of a second with a tone."""
    ffmpeg(*PICTURES, *SINE, *coding, path)
    return probe(path)


def made_from(source: Clip, path: Path) -> Clip:
    film = Film(path, source.size, source.timing, source=source)
    for picture in drifting(12):
        film.add(picture)
    film.finish()
    return probe(path)


@pytest.mark.parametrize(
    ("name", "coding", "kept"),
    [
        ("a.wmv", "-c:v wmv2 -c:a wmav2", {".mkv": "wmav2"}),
        ("a.avi", "-c:a pcm_u8", {".mov": "pcm_u8", ".mkv": "pcm_u8"}),
        ("a.avi", "-c:a adpcm_ima_wav", {}),
        ("a.mov", "-c:a pcm_mulaw", {".mov": "pcm_mulaw", ".mkv": "pcm_mulaw"}),
        ("a.mkv", "-c:a libvorbis", {".mp4": "vorbis", ".mkv": "vorbis", ".webm": "vorbis"}),
        ("a.mkv", "-c:a ac3", {".mp4": "ac3", ".mov": "ac3", ".mkv": "ac3"}),
    ],
)
def test_sound_is_kept_or_encoded(
    tmp_path: Path, name: str, coding: str, kept: dict[str, str]
) -> None:
    source = sounding(tmp_path / name, *coding.split())
    for suffix in (".mp4", ".mov", ".mkv", ".webm"):
        made = made_from(source, tmp_path / f"out{suffix}")
        usual = "opus" if suffix == ".webm" else "aac"
        assert [track.codec for track in made.streams.sound] == [kept.get(suffix, usual)]


def test_what_cannot_be_copied_after_all_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sounding(tmp_path / "a.wmv", "-c:v", "wmv2", "-c:a", "wmav2")
    monkeypatch.setattr("artgen.video.companions.COPY", "no such encoder")
    made = made_from(source, tmp_path / "out.mkv")
    assert [track.codec for track in made.streams.sound] == ["aac"]


def test_an_unfinished_film_of_such_sound_can_be_finished(tmp_path: Path) -> None:
    source = sounding(tmp_path / "a.wmv", "-c:v", "wmv2", "-c:a", "wmav2")
    film = Film(tmp_path / "out.mp4", source.size, source.timing, source=source)
    for picture in drifting(12):
        film.add(picture)
    film.keep({})
    again = Film(tmp_path / "out.mp4", source.size, source.timing, source=source)
    assert again.done == 12
    again.finish()
    assert probe(tmp_path / "out.mp4").sound


def test_sound_that_a_film_cannot_hold_is_left_out_with_a_note(tmp_path: Path) -> None:
    source = probe(film_file(tmp_path / "in.mp4", drifting(4), sound=True))
    film = Film(tmp_path / "out.gif", source.size, source.timing, source=source)
    assert film.notes == ("The sound of in.mp4 cannot go into GIF: left out.",)
    film = Film(tmp_path / "out.mp4", source.size, source.timing, source=source)
    assert film.notes == ()


CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=500
title=one
[CHAPTER]
TIMEBASE=1/1000
START=500
END=1000
title=two
"""


def laden(path: Path) -> Clip:
    """A film with two tracks of sound, subtitles, chapters and a date."""
    folder = path.parent
    text = "1\n00:00:00,100 --> 00:00:00,800\nGrass and sky\n"
    (folder / "text.srt").write_text(text, encoding="utf-8")
    (folder / "chapters.txt").write_text(CHAPTERS, encoding="utf-8")
    ffmpeg(
        *(*PICTURES, *SINE, "-f", "lavfi", "-i", "sine=880:d=1", "-i", folder / "text.srt"),
        *("-i", folder / "chapters.txt", "-map_chapters", 4),
        *(word for index in range(4) for word in ("-map", index)),
        *("-c:a:0", "libvorbis", "-c:a:1", "ac3", "-c:s", "subrip"),
        *("-metadata:s:a:1", "language=deu", "-metadata", "creation_time=2024-05-01T10:11:12Z"),
        path,
    )
    return probe(path)


@pytest.mark.parametrize(
    ("suffix", "sound", "texts"),
    [
        (".mp4", ["vorbis", "ac3"], ["mov_text"]),
        (".mov", ["aac", "ac3"], ["mov_text"]),
        (".mkv", ["vorbis", "ac3"], ["subrip"]),
        (".webm", ["vorbis", "opus"], ["webvtt"]),
    ],
)
def test_tracks_subtitles_chapters_and_date_go_along(
    tmp_path: Path, suffix: str, sound: list[str], texts: list[str]
) -> None:
    source = laden(tmp_path / "in.mkv")
    made = made_from(source, tmp_path / f"out{suffix}").streams
    assert [track.codec for track in made.sound] == sound
    assert [track.codec for track in made.subtitles] == texts
    assert made.chapters == 2
    assert made.created.startswith("2024-05-01T10:11:12")
    ffmpeg("-i", tmp_path / f"out{suffix}", "-map", "0:s", tmp_path / "again.srt")
    assert "Grass and sky" in (tmp_path / "again.srt").read_text(encoding="utf-8")


def test_what_a_container_cannot_hold_is_named(tmp_path: Path) -> None:
    source = laden(tmp_path / "in.mkv")
    film = Film(tmp_path / "out.gif", source.size, source.timing, source=source)
    names = "sound, subtitles and chapters"
    assert film.notes == (f"The {names} of in.mkv cannot go into GIF: left out.",)


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    ffmpeg(*PICTURES, "-itsoffset", 0.4, *SINE, "-c:a", "aac", tmp_path / "in.mkv")
    made = made_from(probe(tmp_path / "in.mkv"), tmp_path / "out.mp4")
    ffmpeg("-i", made.path, "-af", "atrim=0:0.3", "-ac", 1, "-f", "s16le", tmp_path / "sound")
    assert not any((tmp_path / "sound").read_bytes())
    ffmpeg("-i", made.path, "-ac", 1, "-f", "s16le", tmp_path / "sound")
    assert any((tmp_path / "sound").read_bytes())
