"""Kernels as pictures: the weights themselves, around grey, for every network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.see_kernels import SeeKernels, kernels


def test_each_is_its_weights_around_grey(tiny: FeatureExtractor) -> None:
    name, drawn = kernels(tiny)
    assert name == "conv1_1"
    layer = tiny.chain.conv1_1
    assert isinstance(layer, nn.Conv2d)
    assert drawn.shape == layer.weight.shape
    for weights, picture in zip(layer.weight, drawn, strict=True):
        assert (picture - 0.5).abs().max().item() == pytest.approx(0.5)
        cosine = torch.cosine_similarity((picture - 0.5).flatten(), weights.flatten(), 0)
        assert cosine.item() == pytest.approx(1)


def test_a_kernel_of_nothing_is_grey(tiny: FeatureExtractor) -> None:
    layer = tiny.chain.conv1_1
    assert isinstance(layer, nn.Conv2d)
    layer.weight[0] = 0
    assert kernels(tiny)[1][0].eq(0.5).all()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_separate_has_every_kernel(precision: str) -> None:
    settings = SeeKernels(net="slim", size=30, separate=True)
    step, result = settings.run({}, Runtime("cpu", precision))
    assert isinstance(step, Step)
    assert isinstance(result, Result)
    assert (step.index, step.total) == (1, 1)
    assert set(result.pictures) == {"picture", *(f"conv1_1-{n}" for n in range(32))}
    assert result.pictures["conv1_1-31"].shape == (1, 3, 30, 30)
    assert result.pictures["conv1_1-31"].dtype == torch.float32


def test_a_network_that_begins_otherwise_is_refused(tiny: FeatureExtractor) -> None:
    tiny.chain = tiny.chain[1:]
    with pytest.raises(UsageError, match="relu1_1, the first layer of 'tiny', has no kernels"):
        kernels(tiny)
