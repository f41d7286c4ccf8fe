"""googlenet: GoogLeNet (Szegedy et al. 2015), the network of the first dreams; untried here.

Its layers stand in one chain: a module's four branches side by side are one layer. torchvision's
weights, whose 5 x 5 branch is 3 x 3, with each batch norm folded into the convolution before it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.networks.extractor import PADDINGS
from artgen.networks.fused_conv import conv_relu
from artgen.networks.heads import Head
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, TORCHVISION_LICENCE
from artgen.ops.pooling import poolable

# The paper's table 1: channels of the 1 x 1 branch; reduced and made by the 3 x 3 one; the same of
# the 5 x 5 one; and of the pooled one.
MODULES = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
STEM = {"conv1": (3, 64, 7, 2), "conv2": (64, 64, 1, 1), "conv3": (64, 192, 3, 1)}
NORM = 1e-3  # torchvision's, beside the variance


class Inception(nn.Module):
    """Four parallel branches that see 1, 3, 3 and 3 positions, (B, C, H, W) -> (B, K, H, W)."""

    def __init__(
        self, channels: int, one: int, three: int, threes: int, five: int, fives: int, pooled: int
    ) -> None:
        super().__init__()
        self.branch1 = nn.Conv2d(channels, one, 1)
        self.reduce2 = nn.Conv2d(channels, three, 1)
        self.branch2 = nn.Conv2d(three, threes, 3, padding=1)
        self.reduce3 = nn.Conv2d(channels, five, 1)
        self.branch3 = nn.Conv2d(five, fives, 3, padding=1)
        self.branch4 = nn.Conv2d(channels, pooled, 1)

    @property
    def widest(self) -> nn.Conv2d:
        """The convolution that sets the receptive field."""
        return self.branch2

    def forward(self, x: Tensor) -> Tensor:
        # Max pooling by itself pads with minus infinity: none of the modes for convolutions,
        # but replicate, reflect and circular padding have to hold here, too.
        mode = self.branch2.padding_mode
        if mode == PADDINGS["zero"]:
            pooled = F.max_pool2d(poolable(x), 3, 1, 1)
        else:
            pooled = F.max_pool2d(poolable(F.pad(x, (1, 1, 1, 1), mode)), 3, 1)
        branches = [
            conv_relu(x, self.branch1),
            conv_relu(conv_relu(x, self.reduce2), self.branch2),
            conv_relu(conv_relu(x, self.reduce3), self.branch3),
            conv_relu(pooled, self.branch4),
        ]
        return torch.cat(branches, 1)


def chain() -> nn.Sequential:
    """GoogLeNet without its classifiers: conv1 … pool2, then its modules, named as in the paper."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, (before, after, kernel, stride) in STEM.items():
        layers[name] = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2)
        layers[f"relu{name[-1]}"] = nn.ReLU()
        if name != "conv2":
            layers["pool1" if name == "conv1" else "pool2"] = _pool(3)
    for name, widths in MODULES.items():
        if name == "4a":
            layers["pool3"] = _pool(3)
        if name == "5a":
            layers["pool4"] = _pool(2)
        layers[f"inception_{name}"] = Inception(*widths)
    return nn.Sequential(layers)


def _pool(kernel: int) -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel, 2, ceil_mode=True)


def _branches() -> dict[str, str]:
    """torchvision's name of each convolution with its norm -> its name in the chain."""
    names = {name: name for name in STEM}
    parts = {
        "branch1": "branch1",
        "branch2.0": "reduce2",
        "branch2.1": "branch2",
        "branch3.0": "reduce3",
        "branch3.1": "branch3",
        "branch4.1": "branch4",
    }
    for module in MODULES:
        names |= {f"inception{module}.{a}": f"inception_{module}.{b}" for a, b in parts.items()}
    return names


def convert(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Each convolution (O, C, h, w) with its batch norm (O,) as a convolution with a bias."""
    converted = {}
    for theirs, ours in _branches().items():
        if f"{theirs}.conv.weight" not in tensors:
            continue
        mean, variance, weight, bias = (
            tensors[f"{theirs}.bn.{key}"]
            for key in ("running_mean", "running_var", "weight", "bias")
        )
        factor = weight / (variance + NORM).sqrt()
        converted[f"{ours}.weight"] = tensors[f"{theirs}.conv.weight"] * factor.view(-1, 1, 1, 1)
        converted[f"{ours}.bias"] = bias - mean * factor
    return converted


def head() -> nn.Sequential:
    """The mean over all positions, and one layer of scores: the paper's `linear`."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["pool5"] = nn.AdaptiveAvgPool2d(1)
    layers["flat"] = nn.Flatten()
    layers["linear"] = nn.Linear(1024, 1000)
    return nn.Sequential(layers)


def convert_head(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `fc`, weight (1000, 1024) and bias (1000,), is the paper's `linear`."""
    there = {f"fc.{kind}": f"linear.{kind}" for kind in ("weight", "bias")}
    return {there[key]: value for key, value in tensors.items() if key in there}


SPEC = NETWORKS.add(
    "googlenet",
    NetworkSpec(
        name="googlenet",
        summary="the network of the first dreams; untried here",
        build=chain,
        source=Source(
            licence=TORCHVISION_LICENCE,
            url="https://download.pytorch.org/models/googlenet-1378be20.pth",
            size=52_147_035,
            digest="1378be20",
            convert=convert,
        ),
        head=Head(head, convert_head),
        roles={
            "style": Role({"relu1": 1.0, "relu3": 1.0, "inception_3b": 1.0, "inception_4b": 1.0}),
            "neighbours": Role(
                dict.fromkeys(("relu1", "relu3", "inception_3a", "inception_3b"), 1.0)
            ),
            "content": Role({"inception_4b": 1.0}),
            # That of google/deepdream's dream.ipynb.
            "dream": Role({"inception_4c": 1.0}),
            "texture": Role({"relu1": 1.0, "relu3": 1.0, "inception_3b": 1.0, "inception_4b": 1.0}),
        },
        aliases={
            **{f"inception{name}": f"inception_{name}" for name in MODULES},
            **{f"mixed{name}": f"inception_{name}" for name in MODULES},
            "block1": "relu1",
            "block2": "relu3",
            "block3": "inception_3b",
            "block4": "inception_4e",
            "block5": "inception_5b",
        },
        # As its training had it (torchvision's transform_input).
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
    ),
)
