"""The shape of slim@2: five blocks as VGG-16's, a wider last convolution in blocks 3 and 4.

What a network of k channels can explain by a linear map at all is bounded by k principal components
of the teacher. Only the last convolution of a block has to be as wide as its lesson wants it; the
one behind it sees it at a quarter of the positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from safetensors import safe_open
from torch import nn

from artgen.networks.spec import NetworkSpec
from artgen.networks.vgg_blocks import chain_of
from artgen.networks.zoo.slim import SPEC, WIDTHS

__all__ = ["WIDTHS", "chain", "size", "spec", "widths_of"]


def chain(widths: Sequence[Sequence[int]] = WIDTHS) -> nn.Sequential:
    """conv1_1, relu1_1, … pool5, from the channels of each convolution of each block."""
    return chain_of(widths)


def size(widths: Sequence[Sequence[int]] = WIDTHS) -> tuple[int, int]:
    """Multiply-adds a pixel, and parameters."""
    work, parameters, channels = 0.0, 0, 3
    for block, row in enumerate(widths):
        for width in row:
            work += 9 * channels * width / 4**block
            parameters += 9 * channels * width + width
            channels = width
    return round(work), parameters


def widths_of(file: Path) -> tuple[tuple[int, ...], ...]:
    """The shape of a network from a file of its weights."""
    rows: dict[str, list[int]] = {}
    with safe_open(file, framework="pt") as tensors:
        for key in sorted(tensors.keys()):
            if key.startswith("conv") and key.endswith(".bias"):
                rows.setdefault(key[4], []).extend(tensors.get_slice(key).get_shape())
    return tuple(map(tuple, rows.values()))


def spec(file: Path) -> NetworkSpec:
    """For a FeatureExtractor on a file of weights in training; not registered."""
    widths = widths_of(file)
    return replace(SPEC, build=lambda: chain(widths))
