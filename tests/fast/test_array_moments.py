"""Moments and transport in NumPy: the same as torch's, to the rounding of float32."""

from __future__ import annotations

import numpy as np
import torch

from artgen.fast import gaussian_transport
from artgen.fast.array_moments import Moments, moments_of, transport_map
from artgen.losses import functional
from artgen.ops.numerics import square_root


def layer(seed: int) -> np.ndarray:
    """Correlated features (1, 6, 20, 30), whose last channel is dead, as in a network."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(6, 6)).astype(np.float32)
    rows[5] = 0
    noise = random.normal(size=(6, 600)).astype(np.float32)
    return (rows @ noise + rows[:, :1]).reshape(1, 6, 20, 30)


def test_moments_as_torch_sums_them() -> None:
    features = layer(0)
    found = moments_of(features)
    total, products = functional.moments(torch.from_numpy(features))
    assert np.allclose(found.mean, total / 600, atol=1e-6)
    assert np.allclose(found.gram, products / 600, atol=1e-5)
    assert np.allclose(found.covariance, np.cov(features.reshape(6, -1), bias=True), atol=1e-5)
    assert np.allclose(found.root @ found.root, found.covariance, atol=1e-6)


def test_a_mixture_is_that_of_pieces_of_one_picture() -> None:
    one, other = layer(1), layer(2)
    mixed = moments_of(one).times(0.5).plus(moments_of(other).times(0.5))
    whole = moments_of(np.concatenate([one, other], 2))
    assert np.allclose(mixed.gram, whole.gram, atol=1e-5)
    assert np.allclose(mixed.mean, whole.mean, atol=1e-6)


def test_transport_as_torchs() -> None:
    light, target = moments_of(layer(3)), moments_of(layer(4))
    found = transport_map(light, target)
    exact = [torch.from_numpy(x) for x in (light.mean, light.gram, target.mean, target.covariance)]
    expected = gaussian_transport.transport_map(*exact[:3], square_root(exact[3]))
    assert np.allclose(found.matrix, expected.matrix, atol=1e-8)
    assert np.allclose(found.shift, expected.shift, atol=1e-8)
    features = layer(5)
    mapped = found.partly(0.3)(features)
    assert mapped.shape == features.shape
    assert np.abs(mapped - expected.partly(0.3)(torch.from_numpy(features)).numpy()).max() < 1e-4


def test_a_part_of_the_way_begins_where_it_was() -> None:
    way = transport_map(moments_of(layer(3)), moments_of(layer(4)))
    features = layer(5)
    assert np.abs(way.partly(0)(features) - features).max() < 1e-6
    kernel, shift = way.kernel()
    assert kernel.shape == (6, 6, 1, 1)
    assert shift is way.shift


def test_a_flat_layer_is_moved_and_not_amplified() -> None:
    flat = Moments(np.ones(2), np.ones((2, 2)))
    way = transport_map(flat, moments_of(layer(4)[:, :2]))
    assert np.abs(way.matrix).max() < 100
    assert np.isfinite(way.shift).all()
