"""Terms ready made: style, content and variation, each a loss of sums over positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen import losses
from artgen.features import FeatureExtractor, Features, Region, whole
from artgen.optimise import Tensors, Term

__all__ = ["STYLE_LOSSES", "Moments", "content", "style", "style_moments", "variation"]

STYLE_LOSSES = ("moments", "gram")


@dataclass(frozen=True)
class Moments:
    """Mean (C,) and Gram matrix (C, C) of a layer over all positions, and the covariance's root."""

    mean: Tensor
    gram: Tensor
    root: Tensor


def _statistics(features: Features, region: Region, layers: Sequence[str]) -> Tensors:
    sums = {}
    for layer in layers:
        window = region[layer]
        total, products = losses.moments(window.crop(features[layer]))
        sums[f"{layer} mean"] = total / window.positions
        sums[f"{layer} gram"] = products / window.positions
    return sums


@torch.no_grad()
def style_moments(
    extractor: FeatureExtractor,
    pictures: Sequence[Tensor],
    weights: Sequence[float],
    layers: Sequence[str],
) -> dict[str, Moments]:
    """What a style is, layer by layer: the weighted mean of several pictures' moments.

    Means and raw second moments are averaged, as if the pictures were pieces of one (as in
    crowsonkb/style-transfer-pytorch; averaging covariances would forget that the means differ).
    """
    mixed: dict[str, Tensor] = {}
    for picture, weight in zip(pictures, weights, strict=True):
        features = extractor(picture, layers)
        for key, value in _statistics(features, whole(features), layers).items():
            mixed[key] = mixed.get(key, torch.zeros_like(value)) + value * (weight / sum(weights))
    found = {}
    for layer in layers:
        mean, gram = mixed[f"{layer} mean"], mixed[f"{layer} gram"]
        found[layer] = Moments(mean, gram, losses.square_root(gram - torch.outer(mean, mean)))
    return found


def style(
    targets: Mapping[str, Moments], layers: Mapping[str, float], kind: str, weight: float
) -> Term:
    """The style loss: how far each layer's moments are from the targets', weighted over layers.

    Args:
        targets: `style_moments` of the style pictures.
        layers: layer -> weight; only their ratios matter.
        kind: `gram` (Gatys et al. 2016) or `moments` (Wasserstein distance between Gaussians).
    """
    whole_weight = sum(layers.values())

    def loss(sums: Tensors) -> Tensor:
        distances = []
        for layer, share in layers.items():
            target = targets[layer]
            mean, gram = sums[f"{layer} mean"], sums[f"{layer} gram"]
            if kind == "gram":
                distance = losses.gram_distance(gram, target.gram)
            else:
                distance = losses.wasserstein_distance(
                    mean, gram, target.mean, target.gram, target.root
                )
            distances.append(distance * (share / whole_weight))
        return torch.stack(distances).sum()

    names = tuple(layers)
    return Term("style", names, lambda f, r: _statistics(f, r, names), loss, weight)


@torch.no_grad()
def content(
    extractor: FeatureExtractor, picture: Tensor, layers: Mapping[str, float], weight: float
) -> Term:
    """The content loss: squared difference of activations, relative to the photo's own variance.

    Gatys et al. 2016, equation 1, made relative so that a weight means the same on every network.
    """
    targets = extractor(picture, layers)
    whole_weight = sum(layers.values())
    variances = {
        layer: targets[layer].float().var((0, 2, 3), correction=0).sum().clamp(min=losses.TINY)
        for layer in layers
    }

    def statistics(features: Features, region: Region) -> Tensors:
        sums = {}
        for layer in layers:
            window = region[layer]
            here, there = window.crop(features[layer]), targets[layer][(..., *window.place)]
            sums[layer] = losses.content_distance(here, there) / window.positions
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = [sums[x] * (share / whole_weight) / variances[x] for x, share in layers.items()]
        return torch.stack(parts).sum()

    return Term("content", tuple(layers), statistics, loss, weight)


def variation(weight: float) -> Term:
    """Total variation, squared: the mean squared difference of neighbouring pixels."""

    def statistics(features: Features, region: Region) -> Tensors:
        window = region["image"]
        total = losses.total_variation(features["image"], *window.inner)
        return {"image": total / window.positions}

    return Term("tv", ("image",), statistics, lambda sums: sums["image"], weight, reach=1)
