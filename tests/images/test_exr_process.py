"""EXR is decoded in a process of its own."""

from __future__ import annotations

import numpy as np
import pytest

from artgen.images.exr_process import planes
from artgen.images.openexr import encode


def test_planes_in_the_order_asked_for() -> None:
    samples = np.random.default_rng(1).random((5, 7, 3)).astype(np.float32)
    found = np.frombuffer(planes(encode(samples, None), 0, ["B", "R"]), np.float32)
    assert np.array_equal(found.reshape(2, 5, 7), samples[..., [2, 0]].transpose(2, 0, 1))


def test_damage_is_an_error() -> None:
    whole = encode(np.random.default_rng(1).random((64, 64, 1)).astype(np.float32), None)
    with pytest.raises(ValueError, match="EXR_ERR"):
        planes(whole[:-500], 0, ["Y"])
    with pytest.raises(ValueError, match="KeyError"):
        planes(whole, 0, ["Z"])
