"""Keras's VGG: its names, its layouts and its head."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.networks.vgg_keras import vgg_convolutions, vgg_head_tensors

CONVERT = vgg_convolutions((2, 1))


def numbers(*shape: int) -> Tensor:
    return torch.arange(float(torch.Size(shape).numel())).view(shape)


@pytest.mark.parametrize(
    ("kernel", "bias"),
    [
        ("block1_conv2/block1_conv2_W_1:0", "block1_conv2/block1_conv2_b_1:0"),
        ("block1_conv2/block1_conv2/kernel:0", "block1_conv2/block1_conv2/bias:0"),
        ("model_weights/block1_conv2/vgg16/block1_conv2/kernel", "block1_conv2/bias"),
        ("layers/conv2d_1/block1_conv2/vars/0", "layers/conv2d_1/block1_conv2/vars/1"),
        ("layers/conv2d_1/vars/0", "layers/conv2d_1/vars/1"),
        ("block1_conv2.kernel", "block1_conv2.bias"),
        ("vgg16.block1_conv2.weight", "vgg16.block1_conv2.bias"),
    ],
)
def test_names_and_layout(kernel: str, bias: str) -> None:
    theirs = numbers(3, 3, 4, 8)
    found = CONVERT({kernel: theirs, bias: numbers(8)})
    assert set(found) == {"conv1_2.weight", "conv1_2.bias"}
    assert found["conv1_2.weight"].equal(theirs.permute(3, 2, 0, 1))
    assert found["conv1_2.bias"].equal(numbers(8))


def test_a_weight_in_pytorchs_layout_stays_as_it_is() -> None:
    ours = numbers(8, 4, 3, 3)
    assert CONVERT({"block1_conv1.weight": ours})["conv1_1.weight"].equal(ours)


def test_what_is_neither_kernel_nor_bias_fits_no_network() -> None:
    found = CONVERT({"block1_conv1/kernel": numbers(3, 3, 4, 8), "block1_conv1/gamma": numbers(8)})
    assert set(found) == {"conv1_1.weight", "block1_conv1/gamma"}


def test_torchvisions_names_are_known_too() -> None:
    ours = numbers(8, 4, 3, 3)
    assert CONVERT({"features.2.weight": ours})["conv1_2.weight"] is ours
    assert CONVERT({"resnet.weight": ours}) == {}


def test_the_head_takes_positions_in_pytorchs_order() -> None:
    features = torch.rand(1, 5, 7, 7)
    kernel, bias = torch.rand(7 * 7 * 5, 6), torch.rand(6)
    expected = features.permute(0, 2, 3, 1).flatten(1) @ kernel + bias
    found = vgg_head_tensors({"fc1/fc1/kernel:0": kernel, "fc1/fc1/bias:0": bias})
    linear = torch.nn.functional.linear(features.flatten(1), found["fc6.weight"], found["fc6.bias"])
    torch.testing.assert_close(linear, expected)
    last = vgg_head_tensors({"predictions/kernel": numbers(6, 3), "fc2_W_1:0": numbers(2, 6)})
    assert last["fc8.weight"].equal(numbers(6, 3).T)
    assert last["fc7.weight"].equal(numbers(2, 6).T)


def test_torchvisions_head_is_known_too() -> None:
    found = vgg_head_tensors({"classifier.3.bias": numbers(4), "features.0.bias": numbers(2)})
    assert set(found) == {"fc7.bias"}
