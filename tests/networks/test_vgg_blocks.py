"""VGG-shaped chains: named as the papers name their layers."""

from __future__ import annotations

from artgen.networks.vgg_blocks import vgg_chain


def test_vgg_chain_names_its_layers_as_the_papers_do() -> None:
    names = [name for name, _ in vgg_chain((4, 6), (2, 1)).named_children()]
    assert names == [
        "conv1_1",
        "relu1_1",
        "conv1_2",
        "relu1_2",
        "pool1",
        "conv2_1",
        "relu2_1",
        "pool2",
    ]
