"""Runs without torch: what they say of themselves, and what is kept for the next picture."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from pictures import smooth

from artgen.errors import UsageError, WeightsError
from artgen.fast.shared import SHIPPED
from artgen.graph_runtime import GraphRuntime
from artgen.optim.threads import Threads

PHOTO = smooth(24, 32, seed=1).numpy()


@pytest.fixture
def here() -> GraphRuntime:
    return GraphRuntime(7, Threads(1, torch=False))


def test_what_a_recipe_says(here: GraphRuntime) -> None:
    assert here.machine() == {
        "device": "cpu",
        "precision": "float32",
        "tile": "off",
        "onnxruntime": onnxruntime.__version__,
        "system": platform.system(),
        "processor": platform.machine(),
    }
    assert (here.seed, here.graphs, here.stacked(4), here.tile) == (7, True, 1, "auto")
    with pytest.raises(UsageError, match="seed"):
        GraphRuntime(-1)


def test_the_provenance_is_torchs(here: GraphRuntime) -> None:
    from artgen.runtime import Runtime

    runtime = Runtime("cpu", "float32")
    assert here.trained({"ink": 1}, 1.0)[1] == runtime.trained({"ink": 1}, 1.0)[1]
    style = smooth(30, 30, seed=2)
    expected = runtime.any_style([style], [1.0], 1.0)[1]
    assert here.any_style([style.numpy()], [1.0], 1.0)[1] == expected


def test_a_network_is_read_once_for_photos_in_a_row(here: GraphRuntime) -> None:
    one, other = (here.trained({"ink": 1}, 1.0)[0] for _ in range(2))
    assert one is other
    assert here.trained({"ink": 1}, 0.5)[0] is not one
    style = smooth(30, 30, seed=2).numpy()
    one, other = (here.any_style([style], [1.0], 1.0)[0] for _ in range(2))
    assert one is other
    assert here.any_style([style.copy()], [1.0], 1.0)[0] is not one


def test_a_picture_is_painted_in_one_piece(here: GraphRuntime) -> None:
    passes, _ = here.trained({"ink": 1}, 1.0)
    ((count, total, painted),) = passes(PHOTO, None)
    assert (count, total, painted.shape) == (1, 1, PHOTO.shape)
    assert np.abs(painted - PHOTO).mean() > 0.02
    assert here.placed(PHOTO) is PHOTO


def test_a_damaged_network_is_described_as_torchs_reader_does(
    here: GraphRuntime, tmp_path: Path
) -> None:
    path, content = tmp_path / "own.safetensors", SHIPPED.read_bytes()
    path.write_bytes(content.replace(b'\\"blocks\\": 5', b'\\"blocks\\": 6'))
    passes, _ = here.trained({"ink": 1}, 1.0, path)
    with pytest.raises(WeightsError, match="no painter"):
        list(passes(PHOTO, None))
    path.write_bytes(content.replace(b'\\"styles\\"', b'\\"stiles\\"'))
    with pytest.raises(WeightsError, match="no painter"):
        here.trained({"ink": 1}, 0.5, path)
