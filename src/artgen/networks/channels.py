"""Channels of a layer: their activations for a picture, and how a user selects them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.tiling import tiles
from artgen.ops.numerics import exact

__all__ = ["Channels", "before_relu", "below", "choose", "energies", "maps"]

Channels = Mapping[str, Sequence[int]]
"""Layer name -> which of its channels count."""


@torch.no_grad()
def maps(
    extractor: FeatureExtractor,
    picture: Tensor,
    layer: str,
    channels: Sequence[int],
    tile: int | None = None,
) -> Tensor:
    """Activations (1, len(channels), h, w), float32, of some channels of a layer.

    Args:
        extractor: the feature network.
        picture: (1, 3, H, W) in [0, 1].
        layer: its name.
        channels: indices.
        tile: side of the tiles in pixels; None for one piece.
    """
    size = (picture.shape[-2], picture.shape[-1])
    pieces = tiles(extractor, size, [layer], tile)
    window = pieces[0].region[layer]
    found = picture.new_empty((1, len(channels), *window.total), dtype=torch.float32)
    for piece in pieces:
        window = piece.region[layer]
        here = window.crop(extractor(piece.cut(picture), [layer])[layer])
        found[(..., *window.place)] = here[:, list(channels)].float()
    return found


@torch.no_grad()
def energies(
    extractor: FeatureExtractor, picture: Tensor, layers: Sequence[str], tile: int | None = None
) -> dict[str, Tensor]:
    """Mean square (C,), float64, of each layer's channels for a picture (1, 3, H, W)."""
    found: dict[str, Tensor] = {}
    for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), layers, tile):
        features = extractor(piece.cut(picture), layers)
        for layer in layers:
            window = piece.region[layer]
            here = exact(window.crop(features[layer]))
            share = here.square().sum((0, 2, 3)) / window.positions
            found[layer] = found[layer] + share if layer in found else share
    return found


def choose(
    text: str,
    energies: Mapping[str, Tensor],
    generator: torch.Generator,
    flag: str = "--channel",
) -> Channels:
    """Channels by index (`7`, `7,12`), or of each layer `strongest:3` or `random:3`.

    Args:
        text: the value of the option.
        energies: layer -> mean square of each channel (C,) for the photo.
        generator: of the random ones.
        flag: the option's name, for messages.

    Raises:
        UsageError: for what cannot be read, or a channel that a layer does not have.
    """
    found = re.fullmatch(r"\s*(strongest|random)\s*:\s*(\d{1,9})\s*", text)
    indices = re.fullmatch(r"\s*\d{1,9}(\s*,\s*\d{1,9})*\s*", text)
    if not found and not indices:
        raise UsageError(
            f"{flag} cannot be {text!r}.",
            "Write 7 or 7,12, or strongest:3 or random:3 for as many of each layer.",
        )
    chosen = {}
    for layer, loud in energies.items():
        if found:
            count = int(found[2])
            order = loud.argsort(descending=True, stable=True)
            if found[1] == "random":
                order = torch.randperm(len(loud), generator=generator)
            wanted = order[:count].tolist() if 0 < count <= len(loud) else []
        else:
            wanted = [index for index in map(int, text.split(",")) if index < len(loud)]
        if len(wanted) < (1 if found else len(text.split(","))):
            raise UsageError(
                f"{flag} is {text!r}, and {layer} has {len(loud)} channels.",
                f"They are numbered 0 to {len(loud) - 1}.",
            )
        chosen[layer] = tuple(dict.fromkeys(wanted))
    return chosen


def before_relu(extractor: FeatureExtractor, layer: str) -> str:
    """The layer itself, or if it is a ReLU the one before."""
    if layer == "image":
        return layer
    index = extractor.layers.index(layer)
    return extractor.layers[index - 1] if isinstance(extractor.chain[index], nn.ReLU) else layer


def below(extractor: FeatureExtractor, layer: str) -> str | None:
    """The layer that is the input of one and its ReLU; None for the first."""
    index = extractor.layers.index(before_relu(extractor, layer))
    return extractor.layers[index - 1] if index else None
