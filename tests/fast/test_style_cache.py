"""Moments of style pictures that are kept: the same bits, and looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from pictures import smooth

from artgen.fast import array_files, graph_inference, style_cache
from artgen.fast.array_moments import Moments, moments_of
from artgen.fast.onnx_graph import Array
from artgen.fast.shared import DECODER
from artgen.fast.style_cache import FOLDER, kept_moments

SHAPES = {"image": 3, "last": 2}


class Looking:
    """Looks at a picture, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, picture: Array) -> Mapping[str, Moments]:
        self.count += 1
        return {"image": moments_of(picture), "last": moments_of(picture[:, :2] / 3)}


def same(one: Mapping[str, Moments], other: Mapping[str, Moments]) -> bool:
    return list(one) == list(other) and all(
        np.array_equal(one[layer].mean, other[layer].mean)
        and np.array_equal(one[layer].gram, other[layer].gram)
        for layer in one
    )


def test_a_picture_is_looked_at_once() -> None:
    look, picture = Looking(), smooth(20, 30, seed=1).numpy()
    first = kept_moments(picture, "how", SHAPES, look)
    assert same(first, kept_moments(picture.copy(), "how", SHAPES, look))
    assert look.count == 1


@pytest.mark.parametrize("change", ["pixel", "shape", "how", "version"])
def test_another_picture_is_another(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    look, picture, how = Looking(), smooth(20, 30, seed=1).numpy(), "how"
    kept_moments(picture, how, SHAPES, look)
    if change == "pixel":
        picture[0, 0, 3, 3] = np.nextafter(picture[0, 0, 3, 3], np.float32(2))
    elif change == "shape":
        picture = picture.reshape(1, 3, 30, 20)
    elif change == "how":
        how = "otherwise"
    else:
        monkeypatch.setattr(style_cache, "runtime_version", lambda: "0")
    assert same(kept_moments(picture, how, SHAPES, look), Looking()(picture))
    assert look.count == 2


def test_a_damaged_file_is_written_anew(home: Path) -> None:
    look, picture = Looking(), smooth(20, 30, seed=1).numpy()
    kept_moments(picture, "how", SHAPES, look)
    (file,) = (home / FOLDER).iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"\x7f")
    assert same(kept_moments(picture, "how", SHAPES, look), Looking()(picture))
    assert look.count == 2
    assert file.read_bytes() == whole


def test_kept_or_not_a_painting_has_the_same_bits(home: Path) -> None:
    weights, style = array_files.read(DECODER), smooth(40, 60, seed=2).numpy()
    photo = smooth(32, 48, seed=3).numpy()
    first, again = (
        graph_inference.any_style(weights, [style], [1.0], 0.8, 1)(photo) for _ in range(2)
    )
    assert len(list((home / FOLDER).iterdir())) == 1
    assert np.array_equal(first, again)
