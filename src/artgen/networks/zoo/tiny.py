"""tiny: a VGG-shaped network with seeded random weights, for tests; it is not trained."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from artgen.networks.heads import Head
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import vgg_chain
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, VGG_STYLE


def head() -> nn.Sequential:
    """Random scores for the classes of ImageNet."""
    return nn.Sequential(
        OrderedDict(pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(), fc6=nn.Linear(12, 1000))
    )


SPEC = NETWORKS.add(
    "tiny",
    NetworkSpec(
        name="tiny",
        summary="random weights, for tests only",
        build=lambda: vgg_chain((6, 8, 10, 12, 12), (2, 2, 2, 2, 1)),
        source=Source(licence="Apache-2.0", seed=7),
        roles={
            "style": Role(VGG_STYLE),
            "neighbours": Role({f"relu{b}_{i}": 1.0 for b in range(1, 5) for i in (1, 2)}),
            "content": Role({"relu4_2": 1.0}),
            "dream": Role({"relu4_2": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
        head=Head(head, dict, side=48),
    ),
)
