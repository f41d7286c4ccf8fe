"""VGG-shaped chains of layers (Simonyan & Zisserman 2015), named as the style papers name them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

__all__ = ["chain_of", "torchvision_convolutions", "torchvision_head", "vgg_chain", "vgg_head"]


def vgg_chain(widths: Sequence[int], depths: Sequence[int]) -> nn.Sequential:
    """The chain of `chain_of` with blocks of one width, as VGG's are.

    Args:
        widths: channels of each block, e.g. (64, 128, 256, 512, 512).
        depths: convolutions in each block, e.g. (2, 2, 4, 4, 4) for VGG-19.
    """
    pairs = zip(widths, depths, strict=True)
    return chain_of([(width,) * depth for width, depth in pairs])


def chain_of(blocks: Sequence[Sequence[int]]) -> nn.Sequential:
    """Blocks of 3 x 3 convolutions and ReLUs with 2 x 2 max pooling between them.

    Args:
        blocks: channels of each convolution of each block, e.g. ((32, 32), (64, 64, 96)).

    Returns:
        A Sequential whose children are called conv1_1, relu1_1, … pool1, conv2_1, … with
        PyTorch's random initial weights. There is a pool after every block, the last included.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 3
    for block, widths in enumerate(blocks, start=1):
        for index, width in enumerate(widths, start=1):
            layers[f"conv{block}_{index}"] = nn.Conv2d(channels, width, 3, padding=1)
            layers[f"relu{block}_{index}"] = nn.ReLU()
            channels = width
        layers[f"pool{block}"] = nn.MaxPool2d(2)
    return nn.Sequential(layers)


def torchvision_convolutions(
    depths: Sequence[int],
) -> Callable[[Mapping[str, Tensor]], dict[str, Tensor]]:
    """A converter from torchvision's VGG (`features.0.weight`, …) to the names of `vgg_chain`.

    Its tensors are kernels (O, C, 3, 3) and biases (O,). The fully connected layers, nine tenths of
    the file, are left out.
    """
    names, index = {}, 0
    for block, depth in enumerate(depths, start=1):
        for conv in range(1, depth + 1):
            names[f"features.{index}"] = f"conv{block}_{conv}"
            index += 2  # the convolution and its ReLU
        index += 1  # the pool

    def convert(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        converted = {}
        for key, value in tensors.items():
            layer, _, kind = key.rpartition(".")
            if layer in names:
                converted[f"{names[layer]}.{kind}"] = value
        return converted

    return convert


def vgg_head() -> nn.Sequential:
    """The fully connected layers of VGG-16 and VGG-19, named as in the paper's network."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["pool"] = nn.AdaptiveAvgPool2d(7)  # at 224 px pool5 has exactly 7 x 7 positions
    layers["flat"] = nn.Flatten()
    layers["fc6"] = nn.Linear(512 * 7 * 7, 4096)
    layers["relu6"] = nn.ReLU()
    layers["fc7"] = nn.Linear(4096, 4096)
    layers["relu7"] = nn.ReLU()
    layers["fc8"] = nn.Linear(4096, 1000)
    return nn.Sequential(layers)


def torchvision_head(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `classifier.0.weight` (O, C) and bias (O,) become those of `fc6`, and so on."""
    places = {"classifier.0": "fc6", "classifier.3": "fc7", "classifier.6": "fc8"}
    converted = {}
    for key, value in tensors.items():
        layer, _, kind = key.rpartition(".")
        if layer in places:
            converted[f"{places[layer]}.{kind}"] = value
    return converted
