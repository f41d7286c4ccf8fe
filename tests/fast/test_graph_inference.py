"""Pictures by graphs against pictures by torch: the same, to a hundredth of a level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.fast import any_style_inference, array_files, graph_inference, inference, model_files
from artgen.fast.graph_inference import MISFITS
from artgen.fast.multi_style import Painter
from artgen.fast.shared import DECODER, SHIPPED
from artgen.runtime import Runtime

SIZES = [(64, 96), (61, 97), (16, 16), (9, 130), (1, 1)]
LEVEL = 1 / 255


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("strength", [1.0, 0.5, 0.0])
def test_a_trained_style(size: tuple[int, int], strength: float, runtime: Runtime) -> None:
    photo, shares = smooth(*size, seed=1), {"wave": 0.6, "starry": 0.4}
    paint = graph_inference.trained(array_files.read(SHIPPED), shares, strength, 1)
    painter = runtime.painter().painter
    *_, (_, _, expected) = inference.paint(painter, photo, painter.mix(shares, strength))
    made = paint(photo.numpy())
    assert made.shape == expected.shape
    assert np.abs(made - expected.numpy()).max() < 0.01 * LEVEL


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("strength", [1.0, 0.5, 0.0])
def test_any_pictures_as_the_style(
    size: tuple[int, int], strength: float, runtime: Runtime, painting: Tensor
) -> None:
    photo, styles, shares = smooth(*size, seed=1), [painting, smooth(9, 30, seed=7)], [0.7, 0.3]
    extractor = runtime.extractor(any_style_inference.EXTRACTOR)
    decoder, _ = runtime.decoder()
    looked = any_style_inference.style_statistics(
        extractor, decoder, styles, shares, strength=strength
    )
    *_, (_, _, expected) = any_style_inference.paint(extractor, decoder, photo, looked)
    given = [one.numpy() for one in styles]
    paint = graph_inference.any_style(array_files.read(DECODER), given, shares, strength, 1)
    made = paint(photo.numpy())
    assert made.shape == expected.shape
    # Where a photo is as small as a network's own stride, few positions make its moments.
    assert np.abs(made - expected.numpy()).max() < (0.2 if min(size) > 8 else 1) * LEVEL


def test_a_network_of_another_shape(tmp_path: Path) -> None:
    torch.manual_seed(3)
    painter = Painter(["one", "two"], (8, 12, 16), 2)
    path = tmp_path / "own.safetensors"
    model_files.save(painter, path)
    paint = graph_inference.trained(array_files.read(path), {"two": 1}, 1.0, 1)
    photo = smooth(40, 56, seed=2)
    read = model_files.load(path).painter
    *_, (_, _, expected) = inference.paint(read, photo, read.mix({"two": 1}))
    assert np.abs(paint(photo.numpy()) - expected.numpy()).max() < 0.01 * LEVEL


def test_threads_change_no_bit() -> None:
    photo = smooth(120, 88, seed=1).numpy()
    weights = array_files.read(SHIPPED)
    one, more = (graph_inference.trained(weights, {"ink": 1}, 1.0, count) for count in (1, 3))
    assert np.array_equal(one(photo), more(photo))


def test_a_network_with_more_in_it_is_refused(tmp_path: Path) -> None:
    found = array_files.read(SHIPPED)
    found.arrays = {**found.arrays, "novelty": np.zeros(3, np.float32)}
    paint = graph_inference.trained(found, {"ink": 1}, 1.0, 1)
    with pytest.raises(MISFITS, match="novelty"):
        paint(smooth(16, 16, seed=1).numpy())
