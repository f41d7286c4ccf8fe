"""A network's answer as a term: how loudly layers speak, or some of their channels."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from artgen.losses.term import Tensors, Term
from artgen.networks.channels import Channels
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import full_mean, full_sum

__all__ = ["MATCHES", "OBJECTIVES", "activation_term", "filling_term", "firing_term", "guided_term"]

OBJECTIVES = ("l2", "mean", "neuron")
MATCHES = ("best", "mean")
STIR = 0.1  # of the mean, beside the mean square
CHUNK = 4096  # positions that are compared with the guide's at a time


def _middle(here: Tensor, window: Window) -> Tensor:
    """Of the positions of a piece (1, C, h, w) the one in the middle of the layer, (1, C, 1, 1).

    Zeros where it lies in another piece, so that pieces add up.
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
    """How loudly layers answer, as a loss that falls as they get louder: from about -1 down.

    Args:
        layers: layer -> weight; only their ratios matter.
        reference: `energies` of a picture; a layer's answer is counted relative to it, so that a
            weight means the same on a loud layer as on a quiet one.
        objective: `l2`, the mean square (google/deepdream), which makes more of what is there
            already; `mean`, which raises everything alike; or `neuron`, the position in the middle.
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
    """How much of one channel there is all over, before its ReLU, as a loss that falls with it.

    The mean square of what is above zero, so that places that answer already come first: the mean
    alone (Olah et al. 2017) has the same slope everywhere at a linear layer such as conv1_1, and
    draws nothing but its border. The mean is added, a little, for a channel that nothing stirs yet.

    Args:
        layer, channel: which one.
        energy: its mean square (0-d) for the picture that is begun with.
    """
    size = energy.clamp(min=TINY).sqrt()

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[layer]
        here = wide(window.crop(features[layer])[:, channel])
        here = here / size.to(here)
        return {layer: full_sum(here.clamp(min=0).square() + STIR * here) / window.positions}

    return Term("filter", (layer,), statistics, lambda sums: -sums[layer])


def firing_term(layer: str, channel: int, energy: Tensor) -> Term:
    """How loudly the neuron in the middle of one channel answers, as a loss that falls with it.

    Before its ReLU.

    Args:
        layer, channel: which one.
        energy: the channel's mean square (0-d) for the picture that is begun with.
    """
    size = energy.clamp(min=TINY).sqrt()

    def statistics(features: Features, region: Region) -> Tensors:
        window = region[layer]
        here = wide(window.crop(features[layer])[:, channel : channel + 1])
        return {layer: full_sum(_middle(here, window)) / size.to(here)}

    return Term("neuron", (layer,), statistics, lambda sums: -sums[layer])


def guided_term(
    extractor: FeatureExtractor,
    guide: Tensor,
    layers: Mapping[str, float],
    reference: Mapping[str, Tensor],
    match: str,
    channels: Channels | None = None,
    weight: float = 1.0,
) -> Term:
    """How much layers answer as they do to a guide, as a loss that falls as they do so more.

    Each position climbs along the guide's feature with which its own has the largest product
    (`best`; Mordvintsev et al. 2015, objective_guide of dream.ipynb), or along the guide's mean
    feature (`mean`).

    Args:
        extractor: the network that looks.
        guide: (1, 3, h, w).
        layers, reference, channels, weight: as of `activation`.
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
            pull = _nearest(here.detach(), targets[layer])
            sums[layer] = full_sum(here * pull) / (len(here) * window.positions)
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = []
        for layer, share in layers.items():
            heard = reference[layer].mean().clamp(min=TINY).to(sums[layer])
            parts.append(sums[layer] / (heard * loud[layer]).sqrt() * (share / whole_weight))
        return -torch.stack(parts).sum()

    return Term("dream", names, statistics, loss, weight)


def _nearest(features: Tensor, targets: Tensor) -> Tensor:
    """For each feature (C, N) the target (C, M) with the largest product; the slope of that max."""
    chosen = [(part.T @ targets).argmax(1) for part in torch.split(features, CHUNK, 1)]
    return targets[:, torch.cat(chosen)]
