"""Geometry: strides, radii and lengths, told by the layers alone."""

from __future__ import annotations

import copy
from functools import cache

import pytest
import torch
from torch import nn

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.geometry import geometry_of

from .untrained import picture, random_weights


@cache
def extractor(name: str = "tiny", padding: str = "replicate", pooling: str = "max"):
    return FeatureExtractor(random_weights(name), padding=padding, pooling=pooling)


def test_pooling_by_hand() -> None:
    before = extractor()(picture(), ["relu1_2"])["relu1_2"][..., :66, :48]
    windows = before.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
    expected = {
        "max": windows.amax(-1),
        "average": 2 * windows.mean(-1),
        "l2": 0.78 * (windows.square().sum(-1) + 1e-8).sqrt(),
    }
    for pooling, value in expected.items():
        found = extractor(pooling=pooling)(picture(), ["pool1"])["pool1"]
        torch.testing.assert_close(found, value)


def test_l2_pooling_holds_in_half_precision() -> None:
    half = copy.deepcopy(extractor(pooling="l2")).half_precision(torch.float16)
    leaf = (picture() * 0 + 600).requires_grad_()  # squares beyond float16's 65504
    value = half(leaf, ["pool1"])["pool1"]
    value.float().sum().backward()
    assert value.dtype == torch.float16
    assert value.isfinite().all()
    assert leaf.grad is not None
    assert leaf.grad.isfinite().all()


def test_strides_and_radii_by_hand() -> None:
    tiny, squeezenet = extractor(), extractor("squeezenet")
    assert [tiny.stride(f"relu{block}_1") for block in range(1, 6)] == [1, 2, 4, 8, 16]
    # conv1_1 and conv1_2 look 1 further each; the pool's own window is its cell; conv2_1 looks 2.
    assert [tiny.radius(n) for n in ("image", "conv1_1", "relu1_2", "pool1", "conv2_1")] == [
        *(0, 1, 2, 2, 4)
    ]
    assert [squeezenet.stride(n) for n in ("conv1", "pool1", "fire9")] == [2, 4, 16]
    # conv1 has no padding: position 0 sees pixels 0 to 2, its cell is 0 to 1.
    assert [squeezenet.radius(n) for n in ("conv1", "pool1", "fire2")] == [1, 3, 7]


def test_a_layer_of_unknown_geometry_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="Upsample"):
        geometry_of(nn.Upsample(scale_factor=2))
