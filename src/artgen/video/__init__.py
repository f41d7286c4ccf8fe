"""Films in and out, a frame at a time: the only room that knows ffmpeg.

ffmpeg      the program, its input and output
streams     what ffmpeg tells of a file: its streams, colours, duration
timing      when frames are shown: at an even rate, or each at a moment of its own
colours     HDR, untagged colours and oblong pixels, brought to BT.709 and square ones
reading     a film's size, timing, frames and recipe
fragments   fragments of an MP4, shifted and appended
containers  how each kind of film is encoded, and what else it can hold
companions  sound, subtitles, chapters and the date, which go with the pictures
encoding    chunks of frames, encoded and joined
writing     a film written in chunks, which can be resumed

What is a film's name is known at once. All else is imported once it is asked for: most runs make no
film.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from artgen.video.containers import CONTAINERS, FILMS, SUFFIXES, is_film

if TYPE_CHECKING:
    from artgen.video.companions import companions_of
    from artgen.video.encoding import Look, Raw, join
    from artgen.video.reading import Clip, alphas, frames, probe, read_recipe
    from artgen.video.timing import Timing
    from artgen.video.writing import DONE, STATE, Film, check_film

# Name -> the module that has it.
HOMES = {
    "companions_of": "companions",
    **dict.fromkeys(("Look", "Raw", "join"), "encoding"),
    **dict.fromkeys(("Clip", "alphas", "frames", "probe", "read_recipe"), "reading"),
    "Timing": "timing",
    **dict.fromkeys(("DONE", "STATE", "Film", "check_film"), "writing"),
}

__all__ = [
    "CONTAINERS",
    "DONE",
    "FILMS",
    "STATE",
    "SUFFIXES",
    "Clip",
    "Film",
    "Look",
    "Raw",
    "Timing",
    "alphas",
    "check_film",
    "companions_of",
    "frames",
    "is_film",
    "join",
    "probe",
    "read_recipe",
]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
