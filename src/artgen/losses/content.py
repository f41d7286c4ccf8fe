"""A term: squared difference of activations from a photo's, position by position."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from artgen.losses import functional
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window
from artgen.networks.tiling import cut, tiles
from artgen.ops.numerics import TINY, exact, wide
from artgen.ops.reductions import full_sum

__all__ = ["content_term", "likeness_term"]


class _Photo:
    """A photo's activations as targets: kept whole, or computed again for each tile.

    They are kept while no layer is larger than KEPT pictures. The variance of a layer is that of
    its activations around each channel's mean, summed over channels.
    """

    KEPT = 4

    @torch.no_grad()
    def __init__(
        self, extractor: FeatureExtractor, picture: Tensor, layers: Sequence[str], tile: int | None
    ) -> None:
        self.extractor, self.picture, self.layers = extractor, picture, layers
        self.maps: dict[str, Tensor] | None = {}
        sums = dict.fromkeys(layers, exact(picture.new_zeros(2, 1)))
        size = (picture.shape[-2], picture.shape[-1])
        for piece in tiles(extractor, size, layers, tile):
            features = extractor(piece.cut(picture), layers)
            for layer in layers:
                window = piece.region[layer]
                here = window.crop(features[layer])
                wide = exact(here)
                both = torch.stack([wide.sum((0, 2, 3)), wide.square().sum((0, 2, 3))])
                sums[layer] = sums[layer] + both / window.positions
                self._keep(layer, here, window)
        self.variances = {
            layer: (square - mean.square()).sum().clamp(min=TINY).to(picture)
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
        """The activations (1, C, h, w) at the positions that count, of each layer."""
        if self.maps is not None:
            return {layer: self.maps[layer][(..., *region[layer].place)] for layer in self.layers}
        seen = self.extractor(cut(self.picture, features["image"], region["image"]), self.layers)
        return {layer: region[layer].crop(seen[layer]) for layer in self.layers}


def content_term(
    extractor: FeatureExtractor,
    picture: Tensor,
    layers: Mapping[str, float],
    weight: float,
    tile: int | None = None,
    name: str = "content",
) -> Term:
    """The content loss: squared difference of activations, relative to the photo's own variance.

    Gatys et al. 2016, equation 1, made relative so that a weight means the same on every network.

    Args:
        extractor: the feature network.
        picture: the photo (1, 3, H, W) in [0, 1], of the canvas's size.
        layers: layer -> weight; only their ratios matter.
        weight: factor of the loss.
        tile: side of the tiles in pixels; None for one piece.
        name: of the term.
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


def likeness_term(
    extractor: FeatureExtractor, shown: Callable[[], Tensor], layer: str, weight: float
) -> Term:
    """Squared difference of a layer's activations from a photo that moves as the canvas does.

    Relative to the variance of the photo's activations, as the content loss.

    Args:
        extractor: the feature network.
        shown: returns the photo as what is evaluated shows it now, (N, 3, h, w).
        layer: its name.
        weight: factor of the loss.
    """

    def statistics(features: Features, region: Region) -> Tensors:
        with torch.no_grad():
            there = wide(extractor(shown(), [layer])[layer])
            spread = there - there.mean((0, 2, 3), keepdim=True)
            variance = full_sum(spread.square()).clamp(min=TINY)
        return {layer: full_sum((wide(features[layer]) - there).square()) / variance}

    return Term("likeness", (layer,), statistics, lambda sums: sums[layer], weight, whole=True)
