"""A term: distance of a picture's moments from a style's, layer by layer, and a style's moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.core.choices import MOMENT_LOSSES
from artgen.losses import functional
from artgen.losses.cache import Cache
from artgen.losses.guides import Guide
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.networks.tiling import tiles
from artgen.ops.numerics import square_root

__all__ = ["MOMENT_LOSSES", "Moments", "style_moments", "style_term"]


@dataclass(frozen=True)
class Moments:
    """Mean (C,) and Gram matrix (C, C) of a layer, and the root (C, C) of its covariance."""

    mean: Tensor
    gram: Tensor
    root: Tensor


_MOMENTS: Cache[dict[str, Moments]] = Cache()


def _statistics(
    features: Features, region: Region, layers: Sequence[str], guide: Guide | None = None
) -> Tensors:
    sums = {}
    for layer in layers:
        window = region[layer]
        here = window.crop(features[layer])
        if guide is None:
            (total, products), positions = functional.moments(here), float(window.positions)
        else:
            total, products = functional.moments(here, guide.at(layer, window))
            positions = guide.positions[layer]
        sums[f"{layer} mean"] = total / positions
        sums[f"{layer} gram"] = products / positions
    return sums


@torch.no_grad()
def style_moments(
    extractor: FeatureExtractor,
    pictures: Sequence[Tensor],
    weights: Sequence[float],
    layers: Sequence[str],
    tile: int | None = None,
    guides: Sequence[Guide | None] = (),
) -> dict[str, Moments]:
    """Moments of a style by layer: the weighted mean of those of several pictures.

    Means and raw second moments are averaged, as if the pictures were pieces of one (as in
    crowsonkb/style-transfer-pytorch; averaging covariances would forget that the means differ).
    The last results of an extractor are cached: photos of one batch are painted in the same style.

    Args:
        extractor: the feature network.
        pictures: (1, 3, h, w) in [0, 1] each.
        weights: one for each picture; only their ratios matter.
        layers: names of the layers.
        tile: side of the tiles in pixels; None for one piece.
        guides: one for each picture; everywhere if not given.
    """
    if any(guide is not None for guide in guides):
        return _mixed(extractor, pictures, weights, layers, tile, guides)
    found = _MOMENTS.get(
        extractor,
        pictures,
        (tuple(weights), tuple(layers), tile),
        lambda: _mixed(extractor, pictures, weights, layers, tile, ()),
    )
    return dict(found)


def _mixed(
    extractor: FeatureExtractor,
    pictures: Sequence[Tensor],
    weights: Sequence[float],
    layers: Sequence[str],
    tile: int | None,
    guides: Sequence[Guide | None] = (),
) -> dict[str, Moments]:
    mixed: dict[str, Tensor] = {}
    several = guides or [None] * len(pictures)
    for picture, weight, guide in zip(pictures, weights, several, strict=True):
        for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), layers, tile):
            features = extractor(piece.cut(picture), layers)
            for key, value in _statistics(features, piece.region, layers, guide).items():
                share = value.double() * (weight / sum(weights))
                mixed[key] = mixed[key] + share if key in mixed else share
    found = {}
    for layer in layers:
        mean, gram = mixed[f"{layer} mean"], mixed[f"{layer} gram"]
        found[layer] = Moments(mean, gram, square_root(gram - torch.outer(mean, mean)))
    return found


def style_term(
    targets: Mapping[str, Moments],
    layers: Mapping[str, float],
    kind: str,
    weight: float,
    name: str = "style",
    guide: Guide | None = None,
) -> Term:
    """The style loss: distance of each layer's moments from the targets', weighted over layers.

    Args:
        targets: `style_moments` of the style pictures.
        layers: layer -> weight; only their ratios matter.
        kind: `gram` (Gatys et al. 2016), `moments` (Wasserstein distance between Gaussians) or
            `adain` (each channel's mean and standard deviation).
        weight: factor of the loss.
        name: of the term.
        guide: of the picture; everywhere if None.
    """
    whole_weight = sum(layers.values())

    def loss(sums: Tensors) -> Tensor:
        distances = []
        for layer, share in layers.items():
            target = targets[layer]
            mean, gram = sums[f"{layer} mean"], sums[f"{layer} gram"]
            if kind == "gram":
                distance = functional.gram_distance(gram, target.gram)
            elif kind == "adain":
                distance = functional.adain_distance(mean, gram, target.mean, target.gram)
            else:
                distance = functional.wasserstein_distance(
                    mean, gram, target.mean, target.gram, target.root
                )
            distances.append(distance * (share / whole_weight))
        return torch.stack(distances).sum()

    names = tuple(layers)
    return Term(name, names, lambda f, r: _statistics(f, r, names, guide), loss, weight)
