"""The preprocessing that weights were trained with: recognised, and made the network's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from artgen.errors import UsageError, did_you_mean
from artgen.networks.weights.source import Contents, Source

__all__ = ["PREPROCESSINGS", "adapted", "check", "folding_caffe"]

PREPROCESSINGS = ("auto", "torchvision", "caffe")
CAFFE_MEAN = (103.939, 116.779, 123.68)  # of blue, green and red, in 0 to 255
# First digits of the SHA-256 of files that are named as torchvision's, but were converted from
# Caffe: Justin Johnson's VGG-16 and VGG-19.
CAFFE_FILES = ("00b39a1b", "d01eb7cb")
MEANINGS = {
    "caffe": "BGR pixels in 0 to 255 less Caffe's mean",
    "torchvision": "RGB pixels normalised by ImageNet's mean and standard deviation",
}


def check(preprocessing: str) -> None:
    """Raises an error for a name that is none of PREPROCESSINGS.

    Raises:
        UsageError: the hint lists them.
    """
    if preprocessing not in PREPROCESSINGS:
        raise UsageError(
            f"There is no preprocessing {preprocessing!r}.",
            did_you_mean(preprocessing, PREPROCESSINGS),
        )


def adapted(
    fitted: dict[str, Tensor],
    contents: Contents,
    file: Path,
    source: Source,
    preprocessing: str = "auto",
) -> tuple[dict[str, Tensor], str, bool]:
    """A file's weights for the network's own normalisation, whatever they were trained with.

    Args:
        fitted: the file's tensors, with names and shapes as in the network's chain.
        contents: the file as it was read, by which `auto` decides.
        file: its path, for the note.
        source: of the network.
        preprocessing: one of PREPROCESSINGS.

    Returns:
        The tensors; a sentence about what was assumed, empty where there was no choice; and
        whether the tensors were changed.

    Raises:
        UsageError: for `caffe`, on a network of which no such weights are known.
    """
    if source.from_caffe is None:
        if preprocessing == "caffe":
            raise UsageError(
                f"{file} is for a network whose weights are never Caffe's.",
                "Leave --preprocessing out.",
            )
        return fitted, "", False
    found, reason = _recognised(contents)
    chosen = found if preprocessing == "auto" else preprocessing
    if preprocessing == "auto":
        (other,) = MEANINGS.keys() - {chosen}
        note = (
            f"{file}: {reason}, so its weights are taken to be trained on {MEANINGS[chosen]}; "
            f"if they are not, import it with --preprocessing {other}."
        )
    else:
        note = f"{file}: its weights are taken to be trained on {MEANINGS[chosen]}."
    caffe = chosen == "caffe"
    return (source.from_caffe(fitted) if caffe else fitted), note, caffe


def _recognised(contents: Contents) -> tuple[str, str]:
    """The preprocessing that a VGG's file was trained with, and by what that was recognised."""
    if contents.sha256.startswith(CAFFE_FILES):
        return "caffe", "its SHA-256 is that of a file converted from Caffe"
    if contents.format == "keras":
        return "caffe", "it is a file of Keras"
    if any(re.search(r"block\d+_conv\d+", name) for name in contents.tensors):
        return "caffe", "its layers have Keras's names"
    if any(re.match(r"conv\d+_\d+\.", name) for name in contents.tensors):
        if contents.format == "pytorch":  # artgen itself writes safetensors
            return "caffe", "its layers have Caffe's names"
        return "torchvision", "its layers have artgen's names"
    return "torchvision", "its layers have torchvision's names"


def folding_caffe(
    first: str, mean: Sequence[float], std: Sequence[float]
) -> Callable[[Mapping[str, Tensor]], dict[str, Tensor]]:
    """A converter that folds Caffe's preprocessing into a network's first convolution.

    With the converted weights the network computes, from a picture normalised by `mean` and `std`,
    what the original computes from BGR in 0 to 255 less Caffe's mean. That is exact but for zero
    padding, as the two preprocessings map different colours to zero.

    Args:
        first: name of the first convolution, which takes three channels.
        mean, std: of RGB in [0, 1], as in the network's spec.
    """

    def convert(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        # With z = (x - mean) / std, Caffe's value is 255 std z + (255 mean - Caffe's mean).
        ours, deviation, theirs = (torch.tensor(x).double() for x in (mean, std, CAFFE_MEAN[::-1]))
        scale, shift = (255 * deviation).view(3, 1, 1), (255 * ours - theirs).view(3, 1, 1)
        kernel = tensors[f"{first}.weight"].double().flip(1)  # from BGR to RGB
        bias = tensors[f"{first}.bias"].double() + (kernel * shift).sum((1, 2, 3))
        return {
            **tensors,
            f"{first}.weight": (kernel * scale).float(),
            f"{first}.bias": bias.float(),
        }

    return convert
