"""Films read: their rate, their frames, and what is none refused."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import torch
from clips import drifting, ffmpeg, film_file

from artgen.errors import PictureError
from artgen.video import Film, frames, probe


def test_a_rate_that_varies_becomes_even(tmp_path: Path) -> None:
    film_file(tmp_path / "even.mp4", drifting(12), rate="10")
    late = "setpts='if(lt(N,6),N,2*N-6)/(10*TB)'"  # the second half at half the speed
    ffmpeg("-i", tmp_path / "even.mp4", "-vf", late, "-fps_mode", "vfr", tmp_path / "vary.mkv")
    clip = probe(tmp_path / "vary.mkv")
    seconds = len(list(frames(clip))) / clip.rate
    assert float(seconds) == pytest.approx(1.8, abs=0.25)


def test_frames_begin_where_they_are_asked_to(tmp_path: Path) -> None:
    clip = probe(film_file(tmp_path / "in.mp4", drifting(6)))
    every = list(frames(clip))
    assert torch.equal(torch.cat(list(frames(clip, 4))), torch.cat(every[4:]))


@pytest.mark.parametrize("vary", [False, True])
def test_what_lies_long_before_is_skipped_and_nothing_else(tmp_path: Path, vary: bool) -> None:
    path = film_file(tmp_path / "in.mp4", drifting(48))
    if vary:
        late = "setpts='if(gt(N,20),PTS+0.07/TB,PTS)'"
        ffmpeg("-i", path, "-vf", late, "-fps_mode", "vfr", tmp_path / "vary.mkv")
        path = tmp_path / "vary.mkv"
    clip = probe(path)
    every = list(frames(clip))
    assert torch.equal(torch.cat(list(frames(clip, 37))), torch.cat(every[37:]))


@pytest.mark.parametrize("content", [b"", b"no film at all" * 100])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.mp4").write_bytes(content)
    with pytest.raises(PictureError, match=r"in\.mp4 is no film"):
        probe(tmp_path / "in.mp4")


def test_a_film_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is not there"):
        probe(tmp_path / "in.mp4")


def recorded(path: Path, count: int = 20) -> list[int]:
    """A browser's recording: frames at irregular milliseconds, returned, and no rate."""
    times = [round(33.3 * i + 17 * (i * 7 % 5) / 4) for i in range(count)]
    steps = "".join(f"+gte(N,{i})*{times[i] - times[i - 1]}" for i in range(1, count))
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=30:d={count / 30}"),
        *("-vf", f"settb=1/1000,setpts='0{steps}'", "-fps_mode", "passthrough"),
        *("-enc_time_base", "1/1000", "-c:v", "libvpx", "-live", 1, path),
    )
    return times


def test_each_frame_of_a_recording_comes_once_and_keeps_its_moment(tmp_path: Path) -> None:
    times = recorded(tmp_path / "in.webm")
    clip = probe(tmp_path / "in.webm")
    assert clip.count == len(list(frames(clip))) == 20
    found = [clip.timing.seconds(index) for index in range(20)]
    assert found == pytest.approx([at / 1000 for at in times], abs=0.001)
    every = list(frames(clip))
    for start in (1, 7, 19):
        assert torch.equal(torch.cat(list(frames(clip, start))), torch.cat(every[start:]))
    for suffix in (".mp4", ".mkv", ".webm", ".mov"):
        film = Film(tmp_path / f"out{suffix}", clip.size, clip.timing, source=clip)
        for picture in every:
            film.add(picture)
        film.finish()
        made = probe(film.path)
        assert made.count == 20
        again = [made.timing.seconds(index) for index in range(21)]
        assert again == pytest.approx([*found, clip.timing.seconds(20)], abs=0.0011)


def test_pixels_that_are_not_square_are_squared(tmp_path: Path) -> None:
    for sar, size in (("16/9", (48, 114)), ("1/2", (96, 64)), ("1/1", (48, 64))):
        path = film_file(tmp_path / "in.mp4", drifting(2), more=f"-vf setsar={sar}")
        clip = probe(path)
        assert clip.size == size
        assert next(frames(clip)).shape[-2:] == size


def test_rotation_and_cover_art_are_as_they_were(tmp_path: Path) -> None:
    path = film_file(tmp_path / "in.mp4", drifting(3))
    ffmpeg("-display_rotation", 90, "-i", path, "-c", "copy", tmp_path / "turned.mp4")
    assert probe(tmp_path / "turned.mp4").size == (64, 48)
    ffmpeg("-f", "lavfi", "-i", "color=red:s=300x300:d=1", "-frames:v", 1, tmp_path / "cover.png")
    art = ("-map", 0, "-map", 1, "-c", "copy", "-disposition:v:1", "attached_pic")
    ffmpeg("-i", path, "-i", tmp_path / "cover.png", *art, tmp_path / "art.mp4")
    clip = probe(tmp_path / "art.mp4")
    assert (clip.size, clip.count) == ((48, 64), 3)
    assert len(list(frames(clip))) == 3


def test_a_film_of_one_frame_is_one(tmp_path: Path) -> None:
    clip = probe(film_file(tmp_path / "in.mp4", drifting(1)))
    assert clip.count == len(list(frames(clip))) == 1


def test_sound_without_pictures_is_said_to_be_that(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "in.mp4")
    with pytest.raises(PictureError, match=r"in\.mp4 has sound, and no moving pictures"):
        probe(tmp_path / "in.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_film_that_is_cut_short_is_as_long_as_it_is(tmp_path: Path, suffix: str) -> None:
    whole, cut = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    fast = ("-movflags", "+faststart")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=12:d=4", "-g", 12, *fast, whole)
    assert probe(whole).notes == []
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    clip = probe(cut)
    assert 10 < clip.count < 40
    assert "says it lasts 4.0 s" in clip.notes[0]
    assert abs(len(list(frames(clip))) - clip.count) <= 1
    film = Film(tmp_path / "out.mp4", clip.size, clip.timing, source=clip)
    for picture in frames(clip):
        film.add(picture)
    film.finish()
    assert probe(film.path).count == film.done


def test_a_header_that_lies_about_its_length_is_not_believed(tmp_path: Path) -> None:
    path = film_file(tmp_path / "in.mkv", drifting(12))
    data = path.read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # the duration, a float of eight bytes
    path.write_bytes(data[:at] + struct.pack(">d", 3_600_000.0) + data[at + 8 :])
    clip = probe(path)
    assert clip.count == len(list(frames(clip))) == 12
    assert "says it lasts 3600.0 s" in clip.notes[0]


@pytest.mark.parametrize(
    "coding", ["-c:v libx264 -bf 3 -crf 4", "-c:v mpeg4 -bf 2 -q:v 1", "-c:v mjpeg -q:v 1"]
)
def test_b_frames_in_avi_neither_delay_nor_repeat_a_frame(tmp_path: Path, coding: str) -> None:
    made = drifting(60, step=3)
    film_file(tmp_path / "in.avi", made, more=f"-pix_fmt yuv420p {coding}")
    clip = probe(tmp_path / "in.avi")
    every = list(frames(clip))
    assert clip.count == len(every) == 60
    for one, other in zip(every, made, strict=True):
        assert (one - other).abs().mean() < 0.04
    for start in (1, 29, 59):
        assert torch.equal(torch.cat(list(frames(clip, start))), torch.cat(every[start:]))


@pytest.mark.parametrize("vary", [False, True])
@pytest.mark.parametrize("suffix", [".ts", ".mts", ".mpg", ".avi", ".flv", ".ogv", ".wmv"])
def test_a_film_begins_anywhere_however_far_its_keyframes_are_apart(
    tmp_path: Path, suffix: str, vary: bool
) -> None:
    late = "setpts='if(gt(N,20),PTS+0.07/TB,PTS)'" if vary else "null"
    pace = ("-vf", late, "-fps_mode", "passthrough", "-g", 250, "-pix_fmt", "yuv420p")
    b_frames = () if suffix in (".flv", ".wmv") else ("-bf", 2)  # these codecs have none
    path = tmp_path / f"in{suffix}"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", *pace, *b_frames, path)
    clip = probe(path)
    every = list(frames(clip))
    assert abs(len(every) - 100) <= 3
    for start in (3, 70, 97):
        assert torch.equal(torch.cat(list(frames(clip, start))), torch.cat(every[start:]))


def test_limits_are_checked_before_frames_are_decoded(tmp_path: Path) -> None:
    path = film_file(tmp_path / "in.mp4", drifting(6))
    assert probe(path, max_pixels=64 * 48, max_frames=6) == probe(path)
    with pytest.raises(PictureError, match="more than 5 frames"):
        probe(path, max_frames=5)
    with pytest.raises(PictureError, match="frames of 64 x 48 px"):
        probe(path, max_pixels=64 * 48 - 1)
    # Oblong pixels are made square, which takes more of them.
    oblong = film_file(tmp_path / "oblong.mp4", drifting(2), more="-vf setsar=8/3")
    with pytest.raises(PictureError, match="frames of 171 x 48 px"):
        probe(oblong, max_pixels=64 * 48)
