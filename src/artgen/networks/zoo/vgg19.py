"""vgg19: the classic of style transfer (Simonyan & Zisserman 2015), with torchvision's weights."""

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
DEPTHS = (2, 2, 4, 4, 4)

SPEC = NETWORKS.add(
    "vgg19",
    NetworkSpec(
        name="vgg19",
        summary="the classic of the style papers: slow, thorough",
        build=lambda: vgg_chain(WIDTHS, DEPTHS),
        source=Source(
            licence=TORCHVISION_LICENCE,
            url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            size=574_673_361,
            digest="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
            convert=vgg_convolutions(DEPTHS),
            from_caffe=FROM_CAFFE,
        ),
        roles={
            "style": Role(VGG_STYLE),
            "neighbours": Role(VGG_NEIGHBOURS),
            "content": Role({"relu4_2": 1.0}),
            "dream": Role({"relu4_4": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
        head=Head(vgg_head, vgg_head_tensors, on_request=True),
    ),
)
