"""Chunks joined: frames keep their moments across them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from clips import drifting

from artgen.video import Look, Timing, join, probe

MOMENTS = (0, 3000, 9000, 12_000, 30_000, 33_000, 90_000)  # ticks of 1/90000 s
UNEVEN = Timing(Fraction(6), MOMENTS)


@pytest.mark.parametrize("timing", [UNEVEN, Timing(Fraction(30000, 1001))])
def test_frames_keep_their_times_across_chunks(tmp_path: Path, timing: Timing) -> None:
    look, made = Look(".mp4", (48, 64), timing), drifting(6)
    chunks = []
    for start, stop in ((0, 2), (2, 3), (3, 6)):
        chunks.append(tmp_path / f"{start}.mp4")
        raw = [look.raw(one) for one in made[start:stop]]
        look.write(chunks[-1], raw, len(raw), start=start)
    join(chunks, tmp_path / "out.mp4", look, 6, None, "a recipe")
    told = probe(tmp_path / "out.mp4")
    assert told.count == 6
    found = [told.timing.seconds(index) for index in range(7)]
    assert found == pytest.approx([timing.seconds(index) for index in range(7)], abs=1e-4)
