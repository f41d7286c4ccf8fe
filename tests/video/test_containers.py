"""Containers: each can be written by this ffmpeg, with all that it is said to hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import ffmpeg

from artgen.video.containers import CONTAINERS

SAMPLES = {"mp3": "libmp3lame", "opus": "libopus", "vorbis": "libvorbis", "dts": "dca"}
RARE = {"truehd", "wavpack", "tta", "wmapro"}  # without an encoder that a test could use


@pytest.mark.parametrize("suffix", [one for one in CONTAINERS if CONTAINERS[one].sound])
def test_sound_that_a_container_holds_can_be_copied_there(tmp_path: Path, suffix: str) -> None:
    tone = ("-f", "lavfi", "-i", "sine=d=0.1")
    for codec in sorted(CONTAINERS[suffix].sound - RARE):
        encoder = SAMPLES.get(codec, codec)
        ffmpeg(*tone, "-c:a", encoder, "-strict", "-2", tmp_path / f"out{suffix}")
    ffmpeg(*tone, "-c:a", CONTAINERS[suffix].coded, tmp_path / f"coded{suffix}")
