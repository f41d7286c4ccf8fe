"""Films in: size and rate of a file, its frames one after the other, and its recipe."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import torch
from torch import Tensor

from artgen.errors import PictureError
from artgen.video.ffmpeg import ffmpeg, named, output_of, streaming

__all__ = ["FILMS", "Clip", "exact_rate", "frames", "is_film", "probe", "read_recipe"]

FILMS = {
    *(".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".3gp"),
    *(".ogv", ".wmv", ".flv"),
}  # a GIF may be a picture: it is one here
NTSC = Fraction(1000, 1001)
LEAD = 2  # seconds that are decoded before the first wanted frame


@dataclass(frozen=True)
class Clip:
    """A film on disk.

    Attributes:
        path: the file.
        size: (H, W) in pixels as it is shown, rotated where the camera was.
        rate: frames per second.
        count: frames, as far as the file's duration tells.
        sound: whether it has any.
    """

    path: Path
    size: tuple[int, int]
    rate: Fraction
    count: int
    sound: bool


def is_film(path: str | Path) -> bool:
    """Whether a path has a film's suffix."""
    return Path(path).suffix.lower() in FILMS


def probe(path: str | Path) -> Clip:
    """Properties of a film, found by decoding its first frame.

    Raises:
        PictureError: if it does not exist, or is no film that can be decoded.
    """
    path = Path(path)
    if not path.is_file():
        raise PictureError(f"{path} is not there.", "Check the path.")
    told = ffmpeg(["-i", named(path)], check=False)
    first = output_of(["-i", named(path), "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm"])
    header = re.match(rb"P6\s(\d+)\s(\d+)\s", first)  # as it is shown, rotated if necessary
    rate = re.search(r"Video:.*?([\d.]+)(k?) (?:fps|tbr)", told)
    if not header or not rate:
        raise PictureError(f"{path} is no film that can be read.", "Try to convert it to MP4.")
    exact = exact_rate(float(rate[1]) * (1000 if rate[2] else 1))
    lasts = re.search(r"Duration: (\d+):(\d+):([\d.]+)", told)
    hours, minutes, seconds = (float(part) for part in lasts.groups()) if lasts else (0, 0, 0)
    count = max(round((3600 * hours + 60 * minutes + seconds) * exact), 1)
    return Clip(path, (int(header[2]), int(header[1])), exact, count, "Audio:" in told)


def exact_rate(told: float) -> Fraction:
    """The exact rate that ffmpeg rounds to two decimals: 29.97 is 30000/1001, 25.00 is 25."""
    if not 0 < told < 1001:
        return Fraction(25)
    for rate in (Fraction(round(told)), round(told / float(NTSC)) * NTSC):
        if rate and abs(float(rate) - told) < 0.006:
            return rate
    return Fraction(told).limit_denominator(1001)


def frames(clip: Clip, start: int = 0) -> Iterator[Tensor]:
    """Each frame as a picture (1, 3, H, W) in [0, 1], at a constant rate, from number `start` on.

    Frames long before `start` are skipped and not decoded; the others come at the same times as if
    all were decoded.

    Raises:
        PictureError: if the film ends within a frame.
    """
    height, width = clip.size
    begin = max(start - round(LEAD * clip.rate), 0)
    sought = ["-ss", f"{float(begin / clip.rate):.6f}"] if begin else []
    even = ("-fps_mode", "cfr", "-r", f"{clip.rate}")
    command = [*sought, "-i", named(clip.path), *even, "-f", "rawvideo", "-pix_fmt", "rgb24"]
    with streaming(command) as stream:
        for index in itertools.count(begin):
            data = stream.read(height * width * 3)
            if len(data) < height * width * 3:
                break
            if index >= start:
                flat = torch.frombuffer(bytearray(data), dtype=torch.uint8)
                yield flat.view(height, width, 3).permute(2, 0, 1)[None].float() / 255
    if data:
        raise PictureError(f"{clip.path} breaks off in the middle of a frame.")


def read_recipe(path: str | Path) -> str | None:
    """The recipe in a film's comment, None where it has none."""
    told = ffmpeg(["-i", named(Path(path)), "-f", "ffmetadata", "-"], check=False)
    found = re.search(r"^comment=((?:[^\\\n]|\\[\s\S])*)$", told, re.MULTILINE | re.IGNORECASE)
    return re.sub(r"\\([\s\S])", r"\1", found[1]) if found else None
