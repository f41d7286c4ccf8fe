"""The terms of a style transfer: style, zone by zone, content and total variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from artgen.core.defaults import COHERENCE, STRENGTH
from artgen.losses.coherence import Coherence
from artgen.losses.content import content_term
from artgen.losses.guides import Guide
from artgen.losses.neighbour_table import Neighbours
from artgen.losses.neighbours import neighbours_term
from artgen.losses.regularization import variation_term
from artgen.losses.sliced_wasserstein import sliced_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.optim.pyramid import Scale
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.regions import Zones

__all__ = ["Pull"]

USUAL = 512  # long side in pixels at which the content weight is as given
SPECK = 1e-4  # share of a picture below which a zone is too small to have statistics
NEIGHBOURS = 3.0  # weight of the neighbours' loss beside that of statistics: chosen on sheets
TOGETHER = Coherence(beside=0.05, used=0.01)  # at the default coherence: chosen on sheets
HELD = 0.025  # what is left, at the default strength, of the content weight beside neighbours


@dataclass(frozen=True)
class _Zone:
    """Style pictures (1, 3, h, w) at their sizes, and turned copies; shares, weight and guide."""

    paintings: Sequence[Tensor]
    turned: Sequence[Tensor]
    shares: Sequence[float]
    weight: float
    suffix: str
    guide: Guide | None


@dataclass(frozen=True)
class Pull:
    """What pulls at the picture.

    Attributes:
        eye, sample_eye: the feature network of the picture, and of style pictures, which do not
            wrap round where the picture does.
        layers: style and content layers.
        zones: the style pictures of each part.
        photo: (1, 3, h, w) in [0, 1].
        losses: the style losses that are summed.
        copies: of each style picture, turned, among which neighbours are searched.
        coherence: of neighbours, 0 to 100.
        strength: above 0, to 100.
        style, content, smooth: weights of the losses.
        wraps: whether the picture wraps round.
    """

    eye: FeatureExtractor
    sample_eye: FeatureExtractor
    layers: Layers
    zones: Zones
    photo: Tensor
    losses: Sequence[str]
    copies: int
    coherence: float
    strength: float
    style: float
    content: float
    smooth: float
    wraps: bool

    def __call__(self, scale: Scale, tile: int | None, opening: Tensor) -> list[Term]:
        """The terms at a scale that begins with the picture `opening` (1, 3, H, W)."""
        photo = self._resampled(self.photo, scale.size)
        return [
            *self._styles(photo, opening, tile),
            self._content(photo, tile),
            variation_term(self.smooth, wraps=self.wraps),
        ]

    @property
    def weights(self) -> dict[str, float]:
        """Of each style loss; 1 for one alone."""
        beside = NEIGHBOURS if len(self.losses) > 1 else 1.0
        return {loss: beside if loss == "neighbours" else 1.0 for loss in self.losses}

    def probe(self, picture: Tensor) -> list[Term]:
        """The terms for a picture (1, 3, h, w) to try, which is its own photo and painting."""
        alone = replace(self, photo=picture, zones=Zones([[Painting(picture)]]))
        return alone(Scale((picture.shape[-2], picture.shape[-1]), 1), None, picture)

    def _styles(self, photo: Tensor, opening: Tensor, tile: int | None) -> list[Term]:
        """The style terms of each zone.

        A zone's weight is proportional to its area, so that every place is painted equally.
        """
        found, size = [], (photo.shape[-2], photo.shape[-1])
        names = tuple({*self.layers.style, *self.layers.neighbours})
        for index, (paintings, mask) in enumerate(
            zip(self.zones.paintings, self.zones.parts(size), strict=True)
        ):
            guide = None if mask is None else Guide(self.eye, mask, names)
            if guide is not None and guide.share < SPECK:
                continue
            zone = _Zone(
                [one.at(max(size), self.layers.least) for one in paintings],
                self._turned(paintings, max(size)),
                [one.share for one in paintings],
                self.style * self.layers.style_scale * (1.0 if guide is None else guide.share),
                f" {index}" if index else "",
                guide,
            )
            for loss in self.losses:
                if loss == "neighbours":
                    found.append(self._neighbours(zone, photo, opening, tile))
                else:
                    found.append(self._statistics(loss, zone, size, tile))
        return found

    def _turned(self, paintings: Sequence[Painting], side: int) -> list[Tensor]:
        """Further copies of all paintings, for a picture with a long side of `side` px."""
        angles = [360 * copy / self.copies for copy in range(1, self.copies)]
        return [
            replace(one, turn=one.turn + angle).at(side, self.layers.least)
            for angle in angles
            for one in paintings
        ]

    def _statistics(self, loss: str, zone: _Zone, size: tuple[int, int], tile: int | None) -> Term:
        """The term that compares the statistics of a zone, on a picture of a size (H, W)."""
        eye, layers, name = self.sample_eye, self.layers.style, f"style{zone.suffix}"
        if loss == "sliced":
            turns = torch.Generator().manual_seed(max(size))  # different at each scale
            return sliced_term(
                *(eye, zone.paintings, zone.shares, layers, zone.weight, turns, name, zone.guide)
            )
        targets = style_moments(eye, zone.paintings, zone.shares, tuple(layers), tile)
        return style_term(targets, layers, loss, zone.weight, name, zone.guide)

    def _neighbours(self, zone: _Zone, photo: Tensor, opening: Tensor, tile: int | None) -> Term:
        """The term that pulls each position of a zone towards its neighbour in the paintings.

        Neighbours are searched for what the photo (1, 3, H, W) has at a position, mixed with what
        the picture `opening` has there: at full strength, for that alone.
        """
        paintings = [*zone.paintings, *zone.turned]
        shares = list(zone.shares) * self.copies
        found = Neighbours.of(self.sample_eye, paintings, shares, self.layers.neighbours, tile)
        queries = found.queries(self.eye, photo, tile)
        queries = queries.lerp(found.queries(self.eye, opening, tile), self.strength / 100)
        size = (photo.shape[-2], photo.shape[-1])
        weight = zone.weight * self.weights["neighbours"]
        name = f"neighbours{zone.suffix}"
        together = self._together if self.coherence else None
        return neighbours_term(self.eye, found, queries, size, weight, name, zone.guide, together)

    @property
    def _together(self) -> Coherence:
        share = self.coherence / COHERENCE
        return Coherence(TOGETHER.beside * share, TOGETHER.used * share)

    def _content(self, photo: Tensor, tile: int | None) -> Term:
        """The content loss; none at full strength.

        The larger the picture, the finer the detail of the photo in the same layers. With an equal
        weight at every scale, each would undo some of the strokes that a coarser one has found, and
        a large picture would be less of a painting than its draft. Neighbours hold the photo's
        shapes, too, and the more so the weaker the strength is: from the default on little more is
        needed.
        """
        weight = self.content * USUAL / max(photo.shape[-2:])
        if "neighbours" in self.losses:
            weight *= sum(self.weights.values()) * HELD ** (self.strength / STRENGTH)
        pull = weight * (100 - self.strength) / self.strength * self.layers.content_scale
        return content_term(self.eye, photo, self.layers.content, pull, tile)

    def _resampled(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        return resample(picture, size, wraps=self.wraps).clamp(0, 1)
