"""Films in and out, a frame at a time: the only part that knows ffmpeg.

ffmpeg     the program, called and heard
reading    a film's size, rate, frames and recipe
fragments  pieces of an MP4, one added to the other
writing    a film made in chunks, which goes on where it was cut short
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
