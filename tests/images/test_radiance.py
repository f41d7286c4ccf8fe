"""Radiance HDR: exposed by a stated rule."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from artgen import images

from .samples import colour, refused

GREY = 0.2158605  # linear light of sRGB 128 of 255


def write(path: Path, light: float) -> bytes:
    data = bytes(imagecodecs.rgbe_encode(np.full((6, 8, 3), light, np.float32), header=True))
    path.write_bytes(data)
    return data


def test_one_is_white(tmp_path: Path) -> None:
    write(tmp_path / "a.hdr", GREY)
    assert colour(images.load(tmp_path / "a.hdr").picture) == pytest.approx([128] * 3, abs=1)
    assert colour(images.load(tmp_path / "a.hdr", exposure=8).picture) == [255] * 3


def test_the_files_own_exposure_is_undone(tmp_path: Path) -> None:
    data = write(tmp_path / "a.hdr", GREY * 4)
    told = data.replace(b"FORMAT=", b"EXPOSURE= 2.0\nEXPOSURE=2\nFORMAT=")
    (tmp_path / "a.hdr").write_bytes(told)
    assert colour(images.load(tmp_path / "a.hdr").picture) == pytest.approx([128] * 3, abs=1)


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "a.hdr", GREY)
    for other in (data.replace(b"rgbe", b"xyze"), data.replace(b"-Y", b"+Y"), b"#?RADIANCE\n"):
        (tmp_path / "b.hdr").write_bytes(other)
        assert "of a kind" in refused(tmp_path / "b.hdr").message
