"""What ffmpeg tells of a film before it is decoded: its streams, colours, duration and chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

__all__ = ["NONE", "Picture", "Streams", "Track", "streams_in"]

STREAM = re.compile(r"^ {2,6}Stream #0:(\d+)(?:\[\w+\])?(?:\((\w+)\))?: (\w+): ([^\n]*)", re.M)
SCAN = ("progressive", "first", "swapped)", "coded")  # how a frame was scanned, not its colours


@dataclass(frozen=True)
class Track:
    """A stream of sound or subtitles.

    Attributes:
        index: among all streams of the file.
        codec: as ffmpeg calls it; "none" for one that it does not know.
    """

    index: int
    codec: str


@dataclass(frozen=True)
class Picture:
    """The stream of moving pictures.

    Attributes:
        index: among all streams of the file.
        codec, samples: as ffmpeg calls them: h264, yuv420p.
        size: (H, W) in pixels as it is stored, neither rotated nor with square pixels.
        matrix, primaries, transfer: its colours as ffmpeg calls them; "" where it is not tagged.
        aspect: width of a pixel over its height.
        rate: frames per second that the file claims, 0 for none.
        alpha: whether it has transparency.
        fields: whether it is interlaced, so that a packet may hold half a frame.
    """

    index: int
    codec: str
    samples: str
    size: tuple[int, int]
    matrix: str
    primaries: str
    transfer: str
    aspect: Fraction
    rate: float
    alpha: bool
    fields: bool = False


@dataclass(frozen=True)
class Streams:
    """The streams of a file.

    Attributes:
        container: its format as ffmpeg calls it: mpegts.
        picture: None for a file without moving pictures, such as one of sound with a cover.
        sound, subtitles: in the file's order.
        chapters: their number.
        created: the date and time that it was taken, as ISO 8601; "" if it is not told.
        seconds: the duration that its header claims, 0 for none.
    """

    container: str
    picture: Picture | None
    sound: tuple[Track, ...]
    subtitles: tuple[Track, ...]
    chapters: int
    created: str
    seconds: float


NONE = Streams("", None, (), (), 0, "", 0.0)  # of an animated picture


def streams_in(told: str) -> Streams:
    """The streams of a file, from what `ffmpeg -i FILE` prints."""
    tracks: dict[str, list[Track]] = {"Audio": [], "Subtitle": []}
    pictures: list[Picture] = []
    found = list(STREAM.finditer(told))
    for one, following in zip_longest(found, found[1:]):
        index, kind, text = int(one[1]), one[3], one[4]
        if kind in tracks:
            tracks[kind].append(Track(index, _word(text)))
        elif kind == "Video" and "(attached pic)" not in text:
            about = told[one.end() : following.start() if following else None]
            pictures += _picture(index, text, about)
    largest = max(pictures, key=lambda one: one.size[0] * one.size[1], default=None)
    lasts = re.search(r"^  Duration: (\d+):(\d+):([\d.]+)", told, re.M)
    hours, minutes, seconds = (float(part) for part in lasts.groups()) if lasts else (0, 0, 0)
    created = re.search(r"^ +creation_time +: (\d{4}-\d\d-\d\d[T ][\d:.]+Z?)", told, re.M)
    container = re.search(r"^Input #0, (\w+)", told, re.M)
    return Streams(
        container[1] if container else "",
        largest,
        tuple(tracks["Audio"]),
        tuple(tracks["Subtitle"]),
        len(re.findall(r"^ +Chapter #0:\d+", told, re.M)),
        created[1] if created else "",
        3600 * hours + 60 * minutes + seconds,
    )


def _word(text: str) -> str:
    """The codec's name, which a description begins with."""
    found = re.match(r"\w+", text)
    return found[0] if found else "none"


def _picture(index: int, text: str, about: str) -> list[Picture]:
    """The stream of a description; none where its size is not known."""
    found = re.search(r", (\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?, (\d+)x(\d+)", text)
    if not found or not int(found[3]) or not int(found[4]):
        return []
    tags = [tag for tag in (found[2] or "").split(", ") if tag not in ("tv", "pc")]
    colours = next((tag for tag in tags if tag and not tag.endswith(SCAN)), "").split("/")
    matrix, primaries, transfer = colours if len(colours) == 3 else (colours[0],) * 3
    known = ["" if one == "unknown" else one for one in (matrix, primaries, transfer)]
    aspect = re.search(r"\bSAR (\d+):(\d+)", text)
    rate = re.search(r"([\d.]+)(k?) fps", text) or re.search(r"([\d.]+)(k?) tbr", text)
    return [
        Picture(
            index,
            _word(text),
            found[1],
            (int(found[4]), int(found[3])),
            *(known[0], known[1], known[2]),
            Fraction(int(aspect[1]), int(aspect[2])) if aspect and int(aspect[1]) else Fraction(1),
            float(rate[1]) * (1000 if rate[2] else 1) if rate else 0.0,
            _has_alpha(found[1]) or bool(re.search(r"^ +alpha_mode +: 1$", about, re.M)),
            any(tag.endswith(SCAN[1:]) for tag in tags),
        )
    ]


def _has_alpha(samples: str) -> bool:
    """Whether samples of a kind have alpha: yuva420p, gbrap, rgba, bgra, ya8."""
    return bool(re.match(r"yuva|gbrap|rgba|bgra|argb|abgr|ya\d|ayuv|vuya", samples))
