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
"""

from artgen.video.companions import companions_of
from artgen.video.containers import CONTAINERS, SUFFIXES
from artgen.video.encoding import Look, Raw, join
from artgen.video.reading import FILMS, Clip, alphas, frames, is_film, probe, read_recipe
from artgen.video.timing import Timing
from artgen.video.writing import DONE, STATE, Film, check_film

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
