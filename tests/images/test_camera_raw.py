"""Camera raw, with an extra."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from artgen import images

from .encoders import encoded
from .samples import colour, quadrants, refused


def test_a_negative_is_developed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rawpy", reason="needs artgen[raw]")
    path = encoded("dng", tmp_path, quadrants(240, 400))
    loaded = images.load(path)
    assert loaded.deep
    assert images.size_of(path) == (240, 400)
    assert colour(loaded.picture, 60, 100) == pytest.approx([255, 0, 0], abs=3)
    assert colour(loaded.picture, 180, 300) == pytest.approx([255] * 3, abs=3)
    path.write_bytes(path.read_bytes()[:-5000])
    refused(path)
    assert capfd.readouterr() == ("", "")  # LibRaw would print by itself


def test_without_its_extra_it_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encoded("dng", tmp_path)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    assert refused(path).hint == "Install it: pip install rawpy"
