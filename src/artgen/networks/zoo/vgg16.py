"""vgg16: the network of the fast-style papers (Johnson et al. 2016), with torchvision's weights."""

from __future__ import annotations

from artgen.networks.heads import Head
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import vgg_chain, vgg_head
from artgen.networks.vgg_keras import vgg_convolutions, vgg_head_tensors
from artgen.networks.weights import Source
from artgen.networks.zoo.base import (
    FROM_CAFFE,
    NETWORKS,
    TORCHVISION_LICENCE,
    VGG_NEIGHBOURS,
    VGG_STYLE,
)

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
            convert=vgg_convolutions(DEPTHS),
            from_caffe=FROM_CAFFE,
        ),
        roles={
            "style": Role(VGG_STYLE),
            "neighbours": Role(VGG_NEIGHBOURS),
            "content": Role({"relu4_2": 1.0}),
            "dream": Role({"relu4_3": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
        head=Head(vgg_head, vgg_head_tensors, on_request=True),
    ),
)
