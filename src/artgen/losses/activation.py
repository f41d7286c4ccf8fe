"""Terms that maximise activations: of layers, of some of their channels, of a neuron."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from artgen.losses.neighbour_table import nearest
from artgen.losses.term import Tensors, Term
from artgen.networks.channels import Channels
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import full_mean, full_sum

__all__ = [
    "activation_term",
    "direction_term",
    "filling_term",
    "firing_term",
    "guided_term",
]

STIR = 0.1  # weight of the mean beside the mean square


def _middle(here: Tensor, window: Window) -> Tensor:
    """Activation (1, C, 1, 1) at the centre of the layer, from a tile's inner part (1, C, h, w).

    Zeros where the centre lies in another tile, so that tiles add up.
    """
    down, across = (
        length // 2 - place.start for length, place in zip(window.total, window.place, strict=True)
    )
    if 0 <= down < here.shape[2] and 0 <= across < here.shape[3]:
        return here[:, :, down : down + 1, across : across + 1]
    return 0 * here[:, :, :1, :1]


def _chosen(here: Tensor, layer: str, channels: Channels | None) -> Tensor:
    return wide(here if channels is None else here[:, list(channels[layer])])


def activation_term(
    layers: Mapping[str, float],
    reference: Mapping[str, Tensor],
    objective: str,
    channels: Channels | None = None,
    weight: float = 1.0,
) -> Term:
    """Activations of layers, relative to a picture's: a loss that falls from about -1 as they grow.

    Args:
        layers: layer -> weight; only their ratios matter.
        reference: `energies` of a picture, layer -> (C,); activations are taken relative to them,
            so that a weight means the same on every layer.
        objective: `l2`, the mean square (google/deepdream), which amplifies what is there already;
            `mean`, which raises all activations alike; or `neuron`, the position at the centre.
        channels: layer -> which of its channels count; all if not given.
        weight: factor of the loss.
    """
    whole_weight = sum(layers.values())
    names = tuple(layers)

    def statistics(features: Features, region: Region) -> Tensors:
        sums = {}
        for layer in names:
            window = region[layer]
            here = _chosen(window.crop(features[layer]), layer, channels)
            if objective == "neuron":
                sums[layer] = full_sum(_middle(here, window)) / here.shape[1]
                continue
            here = here.square() if objective == "l2" else here
            sums[layer] = full_sum(here) / (here.shape[1] * window.positions)
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = []
        for layer, share in layers.items():
            loudness = reference[layer].mean().clamp(min=TINY)
            loudness = loudness if objective == "l2" else loudness.sqrt()
            parts.append(sums[layer] / loudness.to(sums[layer]) * (share / whole_weight))
        return -torch.stack(parts).sum()

    return Term("dream", names, statistics, loss, weight)


def filling_term(layer: str, channel: int, energy: Tensor) -> Term:
    """Activation of one channel at all positions, before its ReLU: a loss that falls as it grows.

    The mean square of its positive part, so that positions already active come first: the mean
    alone (Olah et al. 2017) has the same gradient everywhere at a linear layer such as conv1_1, and
    draws nothing but its border. A little of the mean is added, for a channel not active yet.

    Args:
        layer, channel: a layer before its ReLU, and the index of its channel.
        energy: the channel's mean square (0-d) for the initial picture.
    """
    size = energy.clamp(min=TINY).sqrt()

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[layer]
        here = wide(window.crop(features[layer])[:, channel])
        here = here / size.to(here)
        found = full_sum(here.clamp(min=0).square() + STIR * here)
        return {layer: found / (len(here) * window.positions)}

    return Term("filter", (layer,), statistics, lambda sums: -sums[layer])


def firing_term(layer: str, channel: int, energy: Tensor) -> Term:
    """Activation of a channel's central neuron, before its ReLU: a loss that falls as it grows.

    Args:
        layer, channel: a layer before its ReLU, and the index of its channel.
        energy: the channel's mean square (0-d) for the initial picture.
    """
    size = energy.clamp(min=TINY).sqrt()

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[layer]
        here = wide(window.crop(features[layer])[:, channel : channel + 1])
        return {layer: full_sum(_middle(here, window)) / size.to(here)}

    return Term("neuron", (layer,), statistics, lambda sums: -sums[layer])


def direction_term(layer: str, direction: Tensor, mean: Tensor, spread: Tensor) -> Term:
    """Agreement of a layer's activations with a direction: a loss that falls as it grows.

    Carter et al., Activation Atlas, Distill 2019: the product with the direction, times a power of
    the cosine, so that activations grow along it and not beside it. Activations are relative to
    their mean and deviation: the loudest channels would decide otherwise.

    Args:
        layer: its name.
        direction: (C,), of such relative activations.
        mean, spread: (C,), mean and deviation of each channel over pictures.
    """
    wanted = torch.nn.functional.normalize(direction, dim=0)
    size = direction.norm().clamp(min=TINY)

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[layer]
        here = wide(window.crop(features[layer]))
        middle, unit, towards = (
            one.to(here).view(1, -1, 1, 1) for one in (mean, spread.clamp(min=TINY), wanted)
        )
        relative = (here - middle) / unit
        along = (relative * towards).sum(1)
        cosine = (along / relative.norm(dim=1).clamp(min=TINY)).clamp(min=0)
        found = along / size.to(here) * (STIR + cosine.square())
        return {layer: full_sum(found) / (len(here) * window.positions)}

    return Term("direction", (layer,), statistics, lambda sums: -sums[layer])


def guided_term(
    extractor: FeatureExtractor,
    guide: Tensor,
    layers: Mapping[str, float],
    reference: Mapping[str, Tensor],
    match: str,
    channels: Channels | None = None,
    weight: float = 1.0,
) -> Term:
    """Agreement of activations with those of a guide picture: a loss that falls as it grows.

    Each position follows the guide's feature with which its own has the largest product (`best`;
    Mordvintsev et al. 2015, objective_guide of dream.ipynb), or the guide's mean feature (`mean`).

    Args:
        extractor: the feature network.
        guide: (1, 3, h, w) in [0, 1].
        layers, reference, channels, weight: as of `activation_term`.
        match: `best` or `mean`.
    """
    with torch.no_grad():
        seen = extractor(guide, layers)
        targets = {x: _chosen(seen[x], x, channels).flatten(2)[0] for x in layers}  # (C, N)
    loud = {x: full_mean(targets[x].square()).clamp(min=TINY) for x in layers}
    if match == "mean":
        targets = {layer: target.mean(1, keepdim=True) for layer, target in targets.items()}
    whole_weight = sum(layers.values())
    names = tuple(layers)

    def statistics(features: Features, region: Region) -> Tensors:
        sums = {}
        for layer in names:
            window = region[layer]
            here = _chosen(window.crop(features[layer]), layer, channels).flatten(2)[0]  # (C, N)
            pull = targets[layer][:, nearest(here.detach().T, targets[layer].T)]
            sums[layer] = full_sum(here * pull) / (len(here) * window.positions)
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = []
        for layer, share in layers.items():
            heard = reference[layer].mean().clamp(min=TINY).to(sums[layer])
            parts.append(sums[layer] / (heard * loud[layer]).sqrt() * (share / whole_weight))
        return -torch.stack(parts).sum()

    return Term("dream", names, statistics, loss, weight)
