"""Terms ready made: style, content and variation, each a loss of sums over positions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from artgen.losses import functional
from artgen.losses.evaluate import Tensors, Term
from artgen.losses.guides import Guide
from artgen.networks.extractor import FeatureExtractor, Features, Region, Window
from artgen.networks.tiling import cut, tiles

__all__ = ["STYLE_LOSSES", "Moments", "content", "gamut", "style", "style_moments", "variation"]

STYLE_LOSSES = ("moments", "gram", "adain")
KEPT = 8  # answers of style_moments: two batches' scales


@dataclass(frozen=True)
class Moments:
    """Mean (C,) and Gram matrix (C, C) of a layer over all positions, and the covariance's root."""

    mean: Tensor
    gram: Tensor
    root: Tensor


_MOMENTS: WeakKeyDictionary[FeatureExtractor, dict[object, dict[str, Moments]]] = (
    WeakKeyDictionary()
)


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
    """What a style is, layer by layer: the weighted mean of several pictures' moments.

    Means and raw second moments are averaged, as if the pictures were pieces of one (as in
    crowsonkb/style-transfer-pytorch; averaging covariances would forget that the means differ).
    With guides, one for each picture, only what lies in them counts.
    An extractor's last answers are kept: photos of one batch are painted in the same style.
    """
    if any(guide is not None for guide in guides):
        return _mixed(extractor, pictures, weights, layers, tile, guides)
    kept = _MOMENTS.setdefault(extractor, {})
    how = (extractor.dtype, extractor.mean.device, tile)
    key = (_fingerprint(pictures), tuple(weights), tuple(layers), how)
    found = kept.pop(key) if key in kept else _mixed(extractor, pictures, weights, layers, tile, ())
    kept[key] = found  # now the youngest
    while len(kept) > KEPT:
        kept.pop(next(iter(kept)))
    return dict(found)


def _fingerprint(pictures: Sequence[Tensor]) -> str:
    """A hash of what pictures show."""
    found = hashlib.sha256()
    for picture in pictures:
        found.update(repr((picture.shape, picture.dtype)).encode())
        found.update(picture.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


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
        found[layer] = Moments(mean, gram, functional.square_root(gram - torch.outer(mean, mean)))
    return found


def style(
    targets: Mapping[str, Moments],
    layers: Mapping[str, float],
    kind: str,
    weight: float,
    name: str = "style",
    guide: Guide | None = None,
) -> Term:
    """The style loss: how far each layer's moments are from the targets', weighted over layers.

    Args:
        targets: `style_moments` of the style pictures.
        layers: layer -> weight; only their ratios matter.
        kind: `gram` (Gatys et al. 2016), `moments` (Wasserstein distance between Gaussians) or
            `adain` (each channel's mean and deviation).
        weight: factor of the loss.
        name: of the term.
        guide: where in the picture; everywhere if None.
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


class _Photo:
    """A photo's activations, to be compared with: kept whole, or computed again for each tile.

    They are kept while they are no larger than KEPT pictures. The variance of a layer is that of
    its activations around each channel's mean, summed over channels.
    """

    KEPT = 4

    @torch.no_grad()
    def __init__(
        self, extractor: FeatureExtractor, picture: Tensor, layers: Sequence[str], tile: int | None
    ) -> None:
        self.extractor, self.picture, self.layers = extractor, picture, layers
        self.maps: dict[str, Tensor] | None = {}
        sums = dict.fromkeys(layers, functional.exact(picture.new_zeros(2, 1)))
        size = (picture.shape[-2], picture.shape[-1])
        for piece in tiles(extractor, size, layers, tile):
            features = extractor(piece.cut(picture), layers)
            for layer in layers:
                window = piece.region[layer]
                here = window.crop(features[layer])
                wide = functional.exact(here)
                both = torch.stack([wide.sum((0, 2, 3)), wide.square().sum((0, 2, 3))])
                sums[layer] = sums[layer] + both / window.positions
                self._keep(layer, here, window)
        self.variances = {
            layer: (square - mean.square()).sum().clamp(min=functional.TINY).to(picture)
            for layer, (mean, square) in sums.items()
        }

    def _keep(self, layer: str, here: Tensor, window: Window) -> None:
        if self.maps is None:
            return
        if layer not in self.maps:
            if here.shape[1] * window.positions > self.KEPT * self.picture.numel():
                self.maps = None
                return
            self.maps[layer] = here.new_empty((1, here.shape[1], *window.total))
        self.maps[layer][(..., *window.place)] = here

    @torch.no_grad()
    def at(self, features: Features, region: Region) -> dict[str, Tensor]:
        """The activations at the positions that count, of each layer."""
        if self.maps is not None:
            return {layer: self.maps[layer][(..., *region[layer].place)] for layer in self.layers}
        seen = self.extractor(cut(self.picture, features["image"], region["image"]), self.layers)
        return {layer: region[layer].crop(seen[layer]) for layer in self.layers}


def content(
    extractor: FeatureExtractor,
    picture: Tensor,
    layers: Mapping[str, float],
    weight: float,
    tile: int | None = None,
    name: str = "content",
) -> Term:
    """The content loss: squared difference of activations, relative to the photo's own variance.

    Gatys et al. 2016, equation 1, made relative so that a weight means the same on every network.
    """
    photo = _Photo(extractor, picture, tuple(layers), tile)
    whole_weight = sum(layers.values())

    def statistics(features: Features, region: Region) -> Tensors:
        there = photo.at(features, region)
        return {
            layer: functional.content_distance(region[layer].crop(features[layer]), there[layer])
            / region[layer].positions
            for layer in layers
        }

    def loss(sums: Tensors) -> Tensor:
        parts = [sums[x] * (w / whole_weight) / photo.variances[x] for x, w in layers.items()]
        return torch.stack(parts).sum()

    return Term(name, tuple(layers), statistics, loss, weight)


def gamut(weight: float) -> Term:
    """The mean square of what lies outside [0, 1], for pictures that nothing holds inside."""

    def statistics(features: Features, region: Region) -> Tensors:
        window = region["image"]
        picture = functional.wide(window.crop(features["image"]))
        return {"image": (picture - picture.clamp(0, 1)).square().sum() / window.positions}

    return Term("gamut", ("image",), statistics, lambda sums: sums["image"], weight)


def variation(weight: float, *, wraps: bool = False) -> Term:
    """Total variation, squared: the mean squared difference of neighbouring pixels.

    Where the picture wraps round, an edge's neighbour is the opposite edge.
    """

    def statistics(features: Features, region: Region) -> Tensors:
        window, picture = region["image"], features["image"]
        if wraps:
            picture = window.carried_on(picture, 1)
        total = functional.total_variation(picture, *window.inner)
        return {"image": total / window.positions}

    return Term("tv", ("image",), statistics, lambda sums: sums["image"], weight, reach=1)
