"""The layers of a style transfer, and their weights."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from artgen.core.parsing import weighted
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.numerics import TINY

__all__ = ["Layers", "fine", "slant"]

COARSEST = 8  # pixels from one position to the next, of layers that make a hypercolumn
STEEP = 8.0  # factor of the outermost layers' weights, and its inverse, at a slant of 1


@dataclass(frozen=True)
class Layers:
    """Layers with weights, their scale factors, and the shortest side for all.

    Attributes:
        style: whose statistics are compared.
        neighbours: of which hypercolumns are made.
        content: compared with the photo.
        style_scale, content_scale: factors of the losses.
        least: shortest side of a picture, in pixels, for all of them.
    """

    style: Mapping[str, float]
    neighbours: Mapping[str, float]
    content: Mapping[str, float]
    style_scale: float
    content_scale: float
    least: int

    @classmethod
    def of(cls, extractor: FeatureExtractor, style: str, content: str, by: float) -> Layers:
        """The layers given as `name=weight,…`, or those that the network recommends.

        Args:
            extractor: the feature extractor.
            style, content: the layers; empty for the network's own.
            by: slant of the style layers, -1 to 1.

        Raises:
            UsageError: for text that is not such a list, or an unknown layer.
        """
        roles = extractor.role("style"), extractor.role("content")
        chosen = [
            weighted(text, f"--{name}-layers") if text else role.layers
            for name, text, role in zip(("style", "content"), (style, content), roles, strict=True)
        ]
        near = fine(extractor, chosen[0]) if style else extractor.role("neighbours").layers
        least = max(extractor.smallest(name) for layers in (*chosen, near) for name in layers)
        slanted, slanted_near = (slant(extractor, layers, by) for layers in (chosen[0], near))
        return cls(slanted, slanted_near, chosen[1], roles[0].scale, roles[1].scale, least)

    def used_by(self, losses: Collection[str]) -> Layers:
        """Without the layers that none of these style losses uses."""
        statistics = [loss for loss in losses if loss != "neighbours"]
        return replace(
            self,
            style=self.style if statistics else {},
            neighbours=self.neighbours if "neighbours" in losses else {},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All layers whose features are used."""
        return tuple(sorted({*self.style, *self.neighbours, *self.content}))


def fine(extractor: FeatureExtractor, layers: Mapping[str, float]) -> Mapping[str, float]:
    """Those layers with a position in every COARSEST pixels at least; the finest if there is none.

    What a coarser layer sees at a position is more than a stroke.
    """
    strides = {name: extractor.stride(name) for name in layers}
    most = max(COARSEST, min(strides.values()))
    return {name: weight for name, weight in layers.items() if strides[name] <= most}


def slant(
    extractor: FeatureExtractor, layers: Mapping[str, float], by: float
) -> Mapping[str, float]:
    """The layers' weights, shifted to the finest (-1) or coarsest (1) layers, at most STEEP times.

    Geometric in the logarithm of the receptive field, as anishathalye/neural-style's
    `--style-layer-weight-exp` is in the layers' numbers.
    """
    if by == 0 or len(layers) < 2:
        return layers
    seen = {name: math.log(extractor.stride(name) + 2 * extractor.radius(name)) for name in layers}
    low, high = min(seen.values()), max(seen.values())
    return {
        name: weight * STEEP ** (by * (2 * (seen[name] - low) / max(high - low, TINY) - 1))
        for name, weight in layers.items()
    }
