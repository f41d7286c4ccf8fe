"""Colours of films: HDR and untagged HD read as they are meant, and tags in what is written."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import pytest
import torch
from clips import drifting, ffmpeg

from artgen.video import Film, Timing, frames, probe


def plain(colour: str, path: Path, size: str, filters: str, *coding: str) -> None:
    """A film of one colour."""
    ffmpeg(
        "-f", "lavfi", "-i", f"color={colour}:s={size}:r=12:d=0.25", "-vf", filters, *coding, path
    )


def middle(path: Path) -> list[int]:
    """RGB of the middle of the first frame, of 255."""
    frame = next(frames(probe(path)))
    return [round(float(x) * 255) for x in frame[0, :, frame.shape[2] // 2, frame.shape[3] // 2]]


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
@pytest.mark.parametrize(
    ("colour", "seen"), [("red", (255, 0, 0)), ("0x20BF40", (32, 191, 64)), ("gray", (128,) * 3)]
)
def test_hdr_is_brought_to_a_screens_range(
    tmp_path: Path, transfer: str, colour: str, seen: tuple[int, ...]
) -> None:
    linear = "format=gbrpf32le,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr,"
    linear += "zscale=tin=bt709:pin=bt709:t=linear:npl=203,"
    wide = f"zscale=p=bt2020:t={transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
    tags = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc")
    path = tmp_path / "hdr.mp4"
    plain(
        colour,
        path,
        "64x48",
        linear + wide,
        "-c:v",
        "libx265",
        "-x265-params",
        "log-level=none",
        *tags,
    )
    assert probe(path).notes
    assert middle(path) == pytest.approx(seen, abs=20)


@pytest.mark.parametrize(
    ("size", "matrix"), [("64x720", "bt709"), ("1280x64", "bt709"), ("64x576", "bt601")]
)
def test_untagged_films_are_read_as_players_do(tmp_path: Path, size: str, matrix: str) -> None:
    filters = f"scale=out_color_matrix={matrix},format=yuv444p,setparams=colorspace=unknown"
    plain("0x20BF40", tmp_path / "hd.mp4", size, filters, "-qp", "0")
    told = probe(tmp_path / "hd.mp4")
    assert not told.notes
    assert middle(tmp_path / "hd.mp4") == pytest.approx((32, 191, 64), abs=3)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_what_is_written_says_its_colours(tmp_path: Path, suffix: str) -> None:
    film = Film(tmp_path / f"out{suffix}", (48, 64), Timing(Fraction(12)), quality=100)
    made = drifting(5)
    for picture in made:
        film.add(picture)
    film.finish()
    program = imageio_ffmpeg.get_ffmpeg_exe()
    told = subprocess.run([program, "-i", film.path], capture_output=True, text=True).stderr
    assert re.search(r"yuv420p\(tv, bt709, progressive\)", told)
    found = next(frames(probe(film.path)))
    assert torch.allclose(found.mean((2, 3)), made[0].mean((2, 3)), atol=0.01)
