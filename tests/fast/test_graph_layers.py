"""Each layer in a graph against the same one in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from artgen.core.defaults import IMAGENET_MEAN, IMAGENET_STD
from artgen.fast.array_files import ArrayFile
from artgen.fast.graph_layers import Layers, chain
from artgen.fast.layers import Modulated, Noise, Residual, active, double
from artgen.fast.onnx_graph import Graph, run, session
from artgen.fast.unet import UNetBody
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network

ROWS = 3
MIX = torch.tensor([[0.2, 0.5, 0.3]])


def weights_of(**modules: nn.Module) -> ArrayFile:
    """What a file of these modules would hold, with rows of gains that differ."""
    found = {}
    for prefix, module in modules.items():
        for number, (name, value) in enumerate(module.state_dict().items()):
            if name.endswith(("gain", "shift", "loudness")):
                random = torch.Generator().manual_seed(number)
                value.add_(torch.randn(value.shape, generator=random) * 0.3)
            found[f"{prefix}.{name}".removeprefix("all.")] = value.numpy()
    return ArrayFile(found, {}, "")


def computed(weights: ArrayFile, x: Tensor, write: str, *arguments: object) -> np.ndarray:
    graph = Graph()
    layers = Layers(graph, weights, MIX.numpy())
    made = getattr(layers, write)(graph.input("x", x.shape), *arguments)
    graph.output(made, x.shape)
    (found,) = run(session(graph, 1), {"x": x.numpy()})
    return found


def layer(channels: int, height: int = 6, width: int = 10) -> Tensor:
    return torch.randn(1, channels, height, width, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("stride", [1, 2])
@torch.no_grad()
def test_modulated(stride: int) -> None:
    module, x = Modulated(ROWS, 4, 5, stride), layer(4)
    made = computed(weights_of(one=module), x, "modulated", "one", stride)
    assert np.abs(made - module(x, MIX).numpy()).max() < 1e-5


@torch.no_grad()
def test_residual() -> None:
    module, x = Residual(ROWS, 4), layer(4)
    assert (
        np.abs(
            computed(weights_of(one=module), x, "residual", "one") - module(x, MIX).numpy()
        ).max()
        < 1e-5
    )


@pytest.mark.parametrize("size", [(6, 10), (2, 2), (5, 7)])
@torch.no_grad()
def test_what_is_doubled_and_convolved_is_computed_before(size: tuple[int, int]) -> None:
    module, x = Modulated(ROWS, 4, 5), layer(4, *size)
    made = computed(weights_of(one=module), x, "doubled", "one")
    expected = module(double(x), MIX)
    assert made.shape == expected.shape
    assert np.abs(made - expected.numpy()).max() < 1e-5


@torch.no_grad()
def test_noise_is_where_it_is_in_torch() -> None:
    module = Noise(ROWS, 4, 8)
    weights = weights_of(one=module)
    graph = Graph()
    layers = Layers(graph, weights, MIX.numpy())
    made = layers.noise("one", 70, 66)
    assert made is not None
    graph.output(layers.add(made, graph.input("x", (1, 4, 70, 66))), (1, 4, 70, 66))
    (found,) = run(session(graph, 1), {"x": np.zeros((1, 4, 70, 66), np.float32)})
    expected = module(torch.zeros(1, 3, 560, 528), MIX, (0, 0))
    assert np.abs(found - expected.numpy()).max() < 1e-5
    assert layers.noise("two", 70, 66) is None  # a network without


@torch.no_grad()
def test_the_first_layer_of_a_picture_with_other_contrast() -> None:
    body = UNetBody(ROWS, (4, 6, 8), 1)
    x, shift = layer(3), np.array([0.1, -0.2, 0.3])
    made = computed(weights_of(all=body), x, "enter", 2.0, shift)
    expected = body.enter(2 * x + torch.from_numpy(shift).float().view(1, 3, 1, 1))
    assert np.abs(made - expected.numpy()).max() < 1e-5


@torch.no_grad()
def test_active() -> None:
    x = layer(4)
    made = computed(weights_of(), x, "active")
    assert np.array_equal(made, active(x.clone()).numpy())


def test_the_extractors_layers() -> None:
    spec = network("slim@1")
    extractor, x = FeatureExtractor(spec), torch.rand(1, 3, 37, 51)
    values = extractor.chain.state_dict()
    weights = ArrayFile({name: one.numpy() for name, one in values.items()}, {}, "")
    wanted = ("relu1_1", "relu3_1", "relu4_1")
    graph = Graph()
    found = chain(graph, weights, graph.input("x", x.shape), wanted, IMAGENET_MEAN, IMAGENET_STD)
    expected = extractor(x, wanted)
    for name, at in zip(wanted, found, strict=True):
        graph.output(at, expected[name].shape)
    made = run(session(graph, 1), {"x": x.numpy()})
    for name, one in zip(wanted, made, strict=True):
        scale = float(expected[name].abs().max())
        assert np.abs(one - expected[name].numpy()).max() < 1e-5 * scale, name
