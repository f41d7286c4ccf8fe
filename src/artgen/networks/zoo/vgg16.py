"""vgg16: the network of the fast-style papers (Johnson et al. 2016), with torchvision's weights."""

from __future__ import annotations

from artgen.networks.heads import Head
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import (
    torchvision_convolutions,
    torchvision_head,
    vgg_chain,
    vgg_head,
)
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, TORCHVISION_LICENCE, VGG_NEIGHBOURS, VGG_STYLE

WIDTHS = (64, 128, 256, 512, 512)
DEPTHS = (2, 2, 3, 3, 3)

SPEC = NETWORKS.add(
    "vgg16",
    NetworkSpec(
        name="vgg16",
        summary="VGG-19's shorter sister",
        build=lambda: vgg_chain(WIDTHS, DEPTHS),
        source=Source(
            licence=TORCHVISION_LICENCE,
            url="https://download.pytorch.org/models/vgg16-397923af.pth",
            size=553_433_881,
            digest="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
            convert=torchvision_convolutions(DEPTHS),
        ),
        roles={
            "style": Role(VGG_STYLE),
            "neighbours": Role(VGG_NEIGHBOURS),
            "content": Role({"relu4_2": 1.0}),
            "dream": Role({"relu4_3": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
        head=Head(vgg_head, torchvision_head, on_request=True),
    ),
)
