"""Films in and out, a frame at a time: the only room that knows ffmpeg.

ffmpeg     the program, its input and output
reading    a film's size, rate, frames and recipe
fragments  fragments of an MP4, shifted and appended
writing    a film written in chunks, which can be resumed
"""

from artgen.video.reading import FILMS, Clip, exact_rate, frames, is_film, probe, read_recipe
from artgen.video.writing import DONE, STATE, SUFFIXES, Film, Look, check_film, join

__all__ = [
    "DONE",
    "FILMS",
    "STATE",
    "SUFFIXES",
    "Clip",
    "Film",
    "Look",
    "check_film",
    "exact_rate",
    "frames",
    "is_film",
    "join",
    "probe",
    "read_recipe",
]
