"""slim: our own small network inside the package, trained to match VGG-16 in five megabytes.

Five VGG-shaped blocks, 2.4 million parameters, 59,193 multiply-adds a pixel: a fifth of VGG-16's.
Trained by training/slim so that a linear map from each of its layers explains VGG-16's; its model
card (slim-2.md, beside the weights) has the figures. Version 1, taught by VGG-19's first layers and
by stand-ins for the others, is a third smaller.
"""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import chain_of, vgg_chain
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, VGG_NEIGHBOURS, VGG_STYLE

WIDTHS = ((32, 32), (64, 64), (96, 96, 128), (192, 192, 256), (240, 240))


def chain() -> nn.Sequential:
    """The layers of slim: conv1_1 … conv5_2, names as VGG-16's."""
    return chain_of(WIDTHS)


FIRST = NetworkSpec(
    name="slim",
    version=1,
    summary="our own, inside the package: quick, no download",
    build=lambda: vgg_chain((32, 64, 96, 128, 240), (2, 2, 3, 3, 1)),
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
)
SPEC = NETWORKS.add(
    "slim",
    replace(
        FIRST,
        version=2,
        build=chain,
        source=Source(
            licence="Apache-2.0",
            packaged="slim-2.safetensors",
            digest="a4518d06a4ea5b3ffa9cf1b6cc7290e83011c0489555e701da9af87e62391d71",
        ),
        roles={
            **FIRST.roles,
            "style": Role(VGG_STYLE, scale=0.81),
            "content": Role({"relu4_2": 1.0}, scale=1.12),
            # By eye: relu5_2 has animals, with heads and legs; relu4_3 their eyes and fur.
            "dream": Role({"relu5_2": 1.0, "relu4_3": 1.0}),
        },
        earlier=(FIRST,),
    ),
)
