"""The registry of networks, and constants that several of them share."""

from __future__ import annotations

from artgen.core.defaults import IMAGENET_MEAN, IMAGENET_STD
from artgen.core.registry import Registry
from artgen.networks.spec import NetworkSpec
from artgen.networks.weights import folding_caffe

__all__ = ["FROM_CAFFE", "NETWORKS", "TORCHVISION_LICENCE", "VGG_NEIGHBOURS", "VGG_STYLE"]

# torchvision's README, "Pre-trained Model License": no licence of their own is named there.
TORCHVISION_LICENCE = "torchvision's (BSD-3-Clause); ImageNet's terms of use may bind the weights"
# Style layers of VGG-shaped networks. Gatys 2016 weighs all five alike; the middle ones, where
# strokes live, count double here: chosen by eye, on sheets of six photos by six paintings.
VGG_STYLE = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 2.0, "relu4_1": 2.0, "relu5_1": 1.0}
# All of them down to a stride of 8 px, where Kolkin et al. 2022 have theirs, too.
VGG_NEIGHBOURS = {
    f"relu{block}_{index}": 1.0
    for block, depth in enumerate((2, 2, 3, 3), 1)
    for index in range(1, depth + 1)
}
# VGG was published for Caffe (Simonyan & Zisserman 2015), and Keras has those weights.
FROM_CAFFE = folding_caffe("conv1_1", IMAGENET_MEAN, IMAGENET_STD)
NETWORKS: Registry[NetworkSpec] = Registry("network")
