"""slim: our own small network inside the package, trained to match VGG-19 in two megabytes.

Five VGG-shaped blocks, 0.97 million parameters, 45,144 multiply-adds a pixel: an eighth of
VGG-19's. Trained by training/slim so that a linear map from each of its layers explains VGG-19's;
its model card (slim.md, beside the weights) has the figures.
"""

from __future__ import annotations

from torch import nn

from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import vgg_chain
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, VGG_NEIGHBOURS, VGG_STYLE

WIDTHS = (32, 64, 96, 128, 240)
DEPTHS = (2, 2, 3, 3, 1)


def chain() -> nn.Sequential:
    """The layers of slim: conv1_1 … conv5_1, names as VGG-19's."""
    return vgg_chain(WIDTHS, DEPTHS)


SPEC = NETWORKS.add(
    "slim",
    NetworkSpec(
        name="slim",
        version=1,
        summary="our own, inside the package: quick, no download",
        build=chain,
        source=Source(
            licence="Apache-2.0",
            packaged="slim.safetensors",
            digest="e0c48728be0179a4fd73a19dc22829d53cfddaffac9761b27fd2514199eb8692",
        ),
        roles={
            "style": Role(VGG_STYLE),
            "neighbours": Role(VGG_NEIGHBOURS),
            "content": Role({"relu4_2": 1.0}),
            # By eye: relu4_3 has eyes, relu3_3 flames and tubes; together, forms of all sizes.
            "dream": Role({"relu4_3": 1.0, "relu3_3": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
    ),
)
