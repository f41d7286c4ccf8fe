"""Keras's VGG-16 and VGG-19: their names and layouts become those of `vgg_chain` and `vgg_head`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from artgen.networks.vgg_blocks import torchvision_convolutions, torchvision_head

__all__ = ["vgg_convolutions", "vgg_head_tensors"]

# A variable behind its layer's name, as every version of Keras writes it: `block1_conv1_W_1:0`,
# `block1_conv1/kernel:0`, `block1_conv1/vars/0`; `.weight` where somebody has made it PyTorch's.
KINDS = {
    "kernel": r"(_W(_\d+)?|[/._](kernel|vars/0))(:0)?",
    "weight": r"[/.]weight",
    "bias": r"(_b(_\d+)?|[/._](bias|vars/1))(:0)?",
}
DENSE = {"fc1": "fc6", "fc2": "fc7", "predictions": "fc8"}
GRID = 7 * 7  # positions of pool5 that fc1 takes, in rows; each has all its channels together
_Convert = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


def vgg_convolutions(depths: Sequence[int]) -> _Convert:
    """A converter of torchvision's or Keras's VGG to the names of `vgg_chain`.

    Keras's kernels (3, 3, I, O) become (O, I, 3, 3). Keras's layers are found by their names
    (`block1_conv1`), or, where a file has none, by their number (`conv2d_3`). The head is left out.
    """
    torchvision = torchvision_convolutions(depths)

    def convert(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return _named(tensors) or _numbered(tensors, depths) or torchvision(tensors)

    return convert


def _named(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    converted: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if match := re.fullmatch(r"(?:.*[/.])?block(\d+)_conv(\d+)(\D.*)", key):
            block, index, rest = match.groups()
            _add(converted, f"conv{block}_{index}", _kind(rest), key, value)
    return converted


def _numbered(tensors: Mapping[str, Tensor], depths: Sequence[int]) -> dict[str, Tensor]:
    names = [f"conv{b}_{n}" for b, depth in enumerate(depths, 1) for n in range(1, depth + 1)]
    converted: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if match := re.fullmatch(r"(?:.*/)?conv2d(?:_(\d+))?(/vars/\d)", key):
            number = int(match[1] or 0)
            if number < len(names):
                _add(converted, names[number], _kind(match[2]), key, value)
            else:
                converted[key] = value  # of a deeper network
    return converted


def _kind(rest: str) -> str:
    """`kernel`, `weight` or `bias` from what follows the layer's name; empty for anything else."""
    return next((kind for kind, form in KINDS.items() if re.fullmatch(form, rest)), "")


def _add(converted: dict[str, Tensor], layer: str, kind: str, key: str, value: Tensor) -> None:
    """Adds a tensor; one of no known kind, or of a second such layer, under its name in the file.

    Such a name fits no network, so that the file is refused.
    """
    if kind == "kernel" or (kind == "weight" and value.shape[:2] == (3, 3) != value.shape[2:]):
        value = value.permute(3, 2, 0, 1) if value.ndim == 4 else value
    name = f"{layer}.{'bias' if kind == 'bias' else 'weight'}"
    converted[key if not kind or name in converted else name] = value


def vgg_head_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's `classifier.0` or Keras's `fc1` (I, O) become `fc6` (O, I), and so on.

    `fc1` takes pool5 position by position in Keras, and channel by channel in PyTorch.
    """
    converted: dict[str, Tensor] = {}
    for key, value in tensors.items():
        match = re.fullmatch(r"(?:.*[/.])?(fc1|fc2|predictions)(\D.*)", key)
        kind = _kind(match[2]) if match else ""
        if match and kind in ("kernel", "bias"):
            if value.ndim == 2 and match[1] == "fc1" and len(value) % GRID == 0:
                value = value.reshape(GRID, -1, value.shape[1]).transpose(0, 1).flatten(0, 1)
            value = value.T if value.ndim == 2 else value
            converted[f"{DENSE[match[1]]}.{'bias' if kind == 'bias' else 'weight'}"] = value
    return converted or torchvision_head(tensors)
