"""Sizes, thumbnails and bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from artgen.ops.samples import to_bytes


def test_to_bytes() -> None:
    picture = torch.tensor([0.5, -0.2, 1.7]).view(1, 3, 1, 1).expand(1, 3, 4, 5)
    samples = to_bytes(picture)
    assert samples.dtype == np.uint8
    assert samples.shape == (4, 5, 3)
    assert samples[0, 0].tolist() == [128, 0, 255]
    assert to_bytes(torch.full((1, 3, 1, 1), float("nan"))).max() == 0
    assert to_bytes(picture.bfloat16())[0, 0].tolist() == [128, 0, 255]


def test_to_samples_wants_a_picture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1, C, H, W"):
        to_bytes(torch.zeros(2, 3, 4, 4))
    assert np.array_equal(to_bytes(torch.ones(1, 3, 1, 1)), [[[255, 255, 255]]])
