"""What goes with a film: sound is copied where the container holds it, and encoded where not."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from clips import drifting, ffmpeg, film_file

from artgen.video import Clip, Film, probe

TRACKS = {  # codec -> encoder
    "aac": "aac",
    "mp3": "libmp3lame",
    "ac3": "ac3",
    "dts": "dca",
    "alac": "alac",
    "pcm_s16le": "pcm_s16le",
    "opus": "libopus",
    "vorbis": "libvorbis",
    "flac": "flac",
    "pcm_mulaw": "pcm_mulaw",
    "pcm_u8": "pcm_u8",
    "adpcm_ms": "adpcm_ms",
}
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


@pytest.mark.parametrize(
    ("suffix", "others"),
    [
        (".mp4", {"pcm_mulaw", "pcm_u8", "adpcm_ms"}),
        (".mov", {"opus", "vorbis", "flac", "adpcm_ms"}),
        (".mkv", {"adpcm_ms"}),
        (".webm", TRACKS.keys() - {"opus", "vorbis"}),
    ],
)
def test_of_many_tracks_those_that_a_container_holds_are_copied(
    tmp_path: Path, suffix: str, others: set[str]
) -> None:
    encoders = enumerate(TRACKS.values())
    coded = (word for number, one in encoders for word in (f"-c:a:{number}", one))
    maps = ("-map", 0, *(("-map", 1) * len(TRACKS)))
    ffmpeg(*PICTURES, *SINE, *maps, *coded, "-strict", -2, tmp_path / "in.mkv")
    made = made_from(probe(tmp_path / "in.mkv"), tmp_path / f"out{suffix}")
    usual = "opus" if suffix == ".webm" else "aac"
    wanted = [usual if codec in others else codec for codec in TRACKS]
    assert [track.codec for track in made.streams.sound] == wanted


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
    names = "sound, subtitles, chapters and creation date"
    assert film.notes == (f"The {names} of in.mkv cannot go into GIF: left out.",)


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    ffmpeg(*PICTURES, "-itsoffset", 0.4, *SINE, "-c:a", "aac", tmp_path / "in.mkv")
    made = made_from(probe(tmp_path / "in.mkv"), tmp_path / "out.mp4")
    ffmpeg("-i", made.path, "-af", "atrim=0:0.3", "-ac", 1, "-f", "s16le", tmp_path / "sound")
    assert not any((tmp_path / "sound").read_bytes())
    ffmpeg("-i", made.path, "-ac", 1, "-f", "s16le", tmp_path / "sound")
    assert any((tmp_path / "sound").read_bytes())


def drawn_subtitle(path: Path) -> Path:
    """A subtitle of 8 x 4 pixels as a picture, for half a second, in Blu-ray's format (PGS)."""

    def segments(time: int, *parts: tuple[int, bytes]) -> bytes:
        head = struct.Struct(">2sIIBH")
        return b"".join(head.pack(b"PG", time, 0, kind, len(one)) + one for kind, one in parts)

    window = (0x17, struct.pack(">BBHHHH", 1, 0, 8, 8, 8, 4))
    end = (0x80, b"")
    there = struct.pack(">HHBHBBBBHBBHH", 64, 48, 16, 0, 128, 0, 0, 1, 0, 0, 0, 8, 8)
    colours = bytes([0, 0, 1, 200, 128, 128, 255])
    drawn = (bytes([1] * 8) + b"\0\0") * 4
    picture = struct.pack(">HBB", 0, 0, 0xC0) + (len(drawn) + 4).to_bytes(3, "big")
    picture += struct.pack(">HH", 8, 4) + drawn
    gone = struct.pack(">HHBHBBBB", 64, 48, 16, 1, 0, 0, 0, 0)
    shown = segments(9000, (0x16, there), window, (0x14, colours), (0x15, picture), end)
    path.write_bytes(shown + segments(54000, (0x16, gone), window, end))
    return path


def test_subtitles_as_pictures_are_kept_or_named(tmp_path: Path) -> None:
    drawn = drawn_subtitle(tmp_path / "text.sup")
    ffmpeg(*PICTURES, "-i", drawn, "-map", 0, "-map", 1, "-c:s", "copy", tmp_path / "in.mkv")
    source = probe(tmp_path / "in.mkv")
    made = made_from(source, tmp_path / "out.mkv")
    assert [track.codec for track in made.streams.subtitles] == ["hdmv_pgs_subtitle"]
    for suffix, name in ((".mp4", "MP4"), (".mov", "MOV"), (".webm", "WebM"), (".webp", "WebP")):
        film = Film(tmp_path / f"out{suffix}", source.size, source.timing, source=source)
        assert film.notes == (f"The subtitles of in.mkv cannot go into {name}: left out.",)
