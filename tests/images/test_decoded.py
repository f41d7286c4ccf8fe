"""What decoders return."""

from __future__ import annotations

import numpy as np
import pytest

from artgen.images.decoded import split, straight


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_multiplied_colours_become_straight(kind: str) -> None:
    top = 1 if kind == "float32" else np.iinfo(kind).max
    samples = np.array([[[0.2, 0.1, 0.0]]]) * top
    alpha = np.array([[0.5]]) * top
    found = straight(samples.astype(kind), alpha.astype(kind))
    assert (found / top).flatten().tolist() == pytest.approx([0.4, 0.2, 0], abs=0.01)


@pytest.mark.parametrize(
    ("channels", "space", "covered"),
    [(1, "gray", False), (2, "gray", True), (3, "rgb", False), (4, "rgb", True)],
)
def test_channels_say_what_they_are(channels: int, space: str, covered: bool) -> None:
    samples, found, alpha = split(np.zeros((2, 3, channels), np.uint8))
    assert found == space
    assert samples.shape == (2, 3, 3 if space == "rgb" else 1)
    assert (alpha is not None) == covered
