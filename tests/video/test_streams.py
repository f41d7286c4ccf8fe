"""What ffmpeg tells of a film, taken apart."""

from __future__ import annotations

from fractions import Fraction

import pytest

from artgen.video.streams import Track, streams_in

TOLD = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:IMG_0001.MOV':
  Metadata:
    major_brand     : qt
    creation_time   : 2024-05-01T10:11:12.000000Z
    comment         : line
                    :   Stream #0:9: Video: h264, yuv420p, 4000x3000
  Duration: 01:02:03.50, start: 0.000000, bitrate: 11 kb/s
  Chapters:
    Chapter #0:0: start 0.000000, end 1.000000
      Metadata:
        title           : one
    Chapter #0:1: start 1.000000, end 2.000000
  Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, \
bt2020nc/bt2020/arib-std-b67, progressive), 1440x1080 [SAR 4:3 DAR 16:9], 9 kb/s, 29.97 fps, \
30 tbr, 600 tbn (default)
  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp (default)
  Stream #0:2[0x3](und): Audio: none (apac / 0x63617061), 48000 Hz, 4 channels (default)
  Stream #0:3[0x4](und): Data: none (mebx / 0x7862656D), 0 kb/s (default)
  Stream #0:4[0x5](deu): Subtitle: mov_text (tx3g / 0x67337874) (default)
  Stream #0:5[0x0]: Video: png, rgba(pc, gbr/unknown/unknown), 9000x9000, 90k tbr (attached pic)
"""


def test_a_phones_film_is_taken_apart() -> None:
    told = streams_in(TOLD)
    picture = told.picture
    assert picture is not None
    assert (picture.index, picture.codec, picture.samples) == (0, "hevc", "yuv420p10le")
    assert (picture.size, picture.aspect) == ((1080, 1440), Fraction(4, 3))
    assert (picture.matrix, picture.primaries) == ("bt2020nc", "bt2020")
    assert (picture.transfer, picture.rate) == ("arib-std-b67", 29.97)
    assert not picture.alpha
    assert told.sound == (Track(1, "aac"), Track(2, "none"))
    assert told.subtitles == (Track(4, "mov_text"),)
    assert (told.chapters, told.created) == (2, "2024-05-01T10:11:12.000000Z")
    assert told.seconds == 3723.5


@pytest.mark.parametrize(
    ("line", "colours", "rate"),
    [
        ("h264 (High), yuv420p(tv, bt709, progressive), 8x6, 12 fps", ("bt709",) * 3, 12.0),
        ("h264 (High), yuv420p(progressive), 8x6, 12 fps, 24 tbr", ("",) * 3, 12.0),
        ("vp8, yuv420p(tv, top first), 8x6, SAR 1:1 DAR 4:3, 1k tbr", ("",) * 3, 1000.0),
        ("ffv1, yuva420p(tv, unknown/bt709/bt709), 8x6", ("", "bt709", "bt709"), 0.0),
        ("mpeg4 (XVID / 0x44495658), yuv420p, 8x6, 90k tbn", ("",) * 3, 0.0),
    ],
)
def test_colours_and_rates_are_told_in_several_ways(
    line: str, colours: tuple[str, ...], rate: float
) -> None:
    picture = streams_in(f"  Stream #0:0: Video: {line}\n").picture
    assert picture is not None
    assert (picture.matrix, picture.primaries, picture.transfer) == colours
    assert (picture.size, picture.rate) == ((6, 8), rate)
    assert picture.fields == ("first" in line)
    assert picture.alpha == line.startswith("ffv1")


def test_of_several_pictures_the_largest_counts() -> None:
    one = "  Stream #0:{}: Video: h264, yuv420p, {}, 25 fps\n"
    told = streams_in(one.format(0, "16x12") + one.format(1, "160x120"))
    assert told.picture is not None
    assert told.picture.index == 1
    assert streams_in("").picture is None
