"""Sizes, thumbnails and bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from images.samples import colour, quadrants

from artgen import images
from artgen.ops.resize import fit, resize
from artgen.ops.samples import to_bytes


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_thumbnail(tmp_path: Path, suffix: str) -> None:
    quadrants(400, 600).save(tmp_path / f"a{suffix}")
    small = images.thumbnail(tmp_path / f"a{suffix}", 24)
    assert small.shape == (1, 3, 16, 24)
    assert colour(small, 2, 2) == pytest.approx([255, 0, 0], abs=4)
    assert colour(small, 13, 20) == pytest.approx([255, 255, 255], abs=4)


def test_thumbnail_does_not_enlarge(tmp_path: Path) -> None:
    quadrants(4, 6).save(tmp_path / "a.png")
    assert images.thumbnail(tmp_path / "a.png", 24).shape == (1, 3, 4, 6)


def test_fit() -> None:
    assert fit((3000, 4000), 1000) == (750, 1000)
    assert fit((4000, 3000), 1000) == (1000, 750)
    assert fit((10, 20), 40) == (20, 40)
    assert fit((10, 20000), 512) == (1, 512)
    assert fit((1, 1), 512) == (512, 512)


def test_resize() -> None:
    checks = (torch.arange(64)[:, None] + torch.arange(64)).remainder(2).float()
    checks = checks.expand(1, 3, 64, 64)
    small = resize(checks, (16, 16))
    assert small.shape == (1, 3, 16, 16)
    assert (small[..., 2:-2, 2:-2] - 0.5).abs().max() < 0.02  # averaged, not picked
    edge = torch.zeros(1, 1, 8, 8)
    edge[..., 4:] = 1
    large = resize(edge, (33, 47))
    assert large.shape == (1, 1, 33, 47)
    assert large.min() >= 0
    assert large.max() <= 1  # bicubic overshoots
    assert torch.equal(resize(checks, (64, 64)), checks)


def test_to_bytes() -> None:
    picture = torch.tensor([0.5, -0.2, 1.7]).view(1, 3, 1, 1).expand(1, 3, 4, 5)
    samples = to_bytes(picture)
    assert samples.dtype == np.uint8
    assert samples.shape == (4, 5, 3)
    assert samples[0, 0].tolist() == [128, 0, 255]
    assert to_bytes(torch.full((1, 3, 1, 1), float("nan"))).max() == 0
    assert to_bytes(picture.bfloat16())[0, 0].tolist() == [128, 0, 255]
