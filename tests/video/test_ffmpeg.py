"""ffmpeg: where it is missing, that is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from clips import drifting, film_file

from artgen.errors import PictureError
from artgen.video import probe


def test_no_ffmpeg_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = film_file(tmp_path / "in.mp4", drifting(3))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "nowhere/ffmpeg")
    with pytest.raises(PictureError, match="Films need ffmpeg, which is not there"):
        probe(file)
