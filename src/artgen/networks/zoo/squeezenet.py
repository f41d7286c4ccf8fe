"""squeezenet: SqueezeNet 1.1 (Iandola et al. 2016), small, and it knows a thousand classes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from artgen.networks.fused_conv import conv_relu
from artgen.networks.heads import Head
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, TORCHVISION_LICENCE

# The paper's names, in the order of torchvision's numbers 0 to 12.
LAYERS = (
    *("conv1", "relu1", "pool1", "fire2", "fire3", "pool3", "fire4", "fire5", "pool5"),
    *("fire6", "fire7", "fire8", "fire9"),
)


# Channels of each Fire: after the squeeze, and of each of its two branches.
FIRES = {2: (16, 64), 4: (32, 128), 6: (48, 192), 8: (64, 256)}


class Fire(nn.Module):
    """A 1 x 1 convolution, then 1 x 1 and 3 x 3 in parallel: (B, C, H, W) -> (B, K, H, W)."""

    def __init__(self, channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)
        # Three modules and no functions: guided backpropagation registers a hook on each.
        self.squeeze_relu, self.expand1x1_relu, self.expand3x3_relu = (nn.ReLU() for _ in range(3))

    @property
    def widest(self) -> nn.Conv2d:
        """The convolution that sets the receptive field."""
        return self.expand3x3

    def forward(self, x: Tensor) -> Tensor:
        x = conv_relu(x, self.squeeze, self.squeeze_relu)
        small = conv_relu(x, self.expand1x1, self.expand1x1_relu)
        large = conv_relu(x, self.expand3x3, self.expand3x3_relu)
        return torch.cat([small, large], 1)


def chain() -> nn.Sequential:
    """SqueezeNet 1.1 without its classifier, the layers named as in the paper."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 64
    for name in LAYERS:
        if name == "conv1":
            layers[name] = nn.Conv2d(3, channels, 3, stride=2)
        elif name == "relu1":
            layers[name] = nn.ReLU()
        elif name.startswith("pool"):
            layers[name] = nn.MaxPool2d(3, 2, ceil_mode=True)
        else:
            number = int(name.removeprefix("fire"))
            squeezed, expanded = FIRES[number - number % 2]
            layers[name] = Fire(channels, squeezed, expanded)
            channels = 2 * expanded
    return nn.Sequential(layers)


def convert(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `features.3.squeeze.weight` (O, C, 1, 1) becomes `fire2.squeeze.weight`."""
    names = {f"features.{index}": name for index, name in enumerate(LAYERS)}
    converted = {}
    for key, value in tensors.items():
        part, index, rest = ([*key.split(".", 2), "", ""])[:3]
        if f"{part}.{index}" in names:
            converted[f"{names[f'{part}.{index}']}.{rest}"] = value
    return converted


def head() -> nn.Sequential:
    """SqueezeNet's classifier: scores at every position, averaged over positions."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv10"] = nn.Conv2d(512, 1000, 1)
    layers["relu10"] = nn.ReLU()
    layers["pool10"] = nn.AdaptiveAvgPool2d(1)
    layers["flat"] = nn.Flatten()
    return nn.Sequential(layers)


def convert_head(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `classifier.1`, kernels (1000, 512, 1, 1) and bias (1000,), is `conv10`."""
    there = {f"classifier.1.{kind}": f"conv10.{kind}" for kind in ("weight", "bias")}
    return {there[key]: value for key, value in tensors.items() if key in there}


SPEC = NETWORKS.add(
    "squeezenet",
    NetworkSpec(
        name="squeezenet",
        summary="small, and it knows objects: good for dreams",
        build=chain,
        source=Source(
            licence=TORCHVISION_LICENCE,
            url="https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",
            size=4_958_839,
            digest="b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b",
            convert=convert,
        ),
        roles={
            # By eye: its layers hardly know colours apart, and the deep ones make worms.
            "style": Role({"image": 1.0, "relu1": 1.0, "fire3": 2.0, "fire5": 1.0}, scale=0.96),
            "neighbours": Role(
                dict.fromkeys(("image", "relu1", "fire2", "fire3", "fire4", "fire5"), 1.0)
            ),
            "content": Role({"fire5": 1.0}, scale=0.22),
            # By eye: fire8 has the animals, fire7 their eyes and fur; steps as bold as slim's.
            "dream": Role({"fire8": 1.0, "fire7": 0.5}, scale=1.7),
            "texture": Role({"relu1": 1.0, "fire3": 1.0, "fire5": 1.0, "fire7": 1.0}),
        },
        aliases={
            **{f"features.{index}": name for index, name in enumerate(LAYERS)},
            "block1": "relu1",
            "block2": "fire3",
            "block3": "fire5",
            "block4": "fire9",
        },
        head=Head(head, convert_head),
    ),
)
