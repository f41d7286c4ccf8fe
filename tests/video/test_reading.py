"""Films read: their rate, their frames, and what is none refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import torch
from clips import drifting, ffmpeg, film_file

from artgen import video
from artgen.errors import PictureError
from artgen.video import frames, probe


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (25.0, Fraction(25)),
        (29.97, Fraction(30000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (60.0, Fraction(60)),
        (12.5, Fraction(25, 2)),
        (0.0, Fraction(25)),
    ],
)
def test_rates_are_what_their_decimals_stand_for(told: float, exact: Fraction) -> None:
    assert video.exact_rate(told) == exact


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
