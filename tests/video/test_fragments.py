"""Fragments: what there is of a film can be played, and a lost one is made again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from clips import drifting

from artgen.video import Film, Timing, frames, probe


def test_what_there_is_of_a_film_can_be_played_at_any_time(tmp_path: Path) -> None:
    made = drifting(12)
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(30000, 1001)), quality=100)
    for count, picture in enumerate(made, 1):
        film.add(picture)
        if count % 4 == 0:
            film.settle()
            clip = probe(tmp_path / "out.part.mp4")
            assert (clip.count, clip.rate) == (count, film.look.timing.rate)
            found = list(frames(clip))
            assert len(found) == count
            assert (found[-1] - picture).abs().mean() < 0.03


def test_a_chunk_without_its_state_is_made_again(tmp_path: Path) -> None:
    film = Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12)))
    for picture in drifting(4):
        film.add(picture)
    film.settle()
    (film.parts / "state.safetensors").write_bytes(b"\0" * 40)
    assert Film(tmp_path / "out.mp4", (48, 64), Timing(Fraction(12))).done == 0
