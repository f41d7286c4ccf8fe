"""Which layers a style transfer looks at, how strongly, and the scales that they can see."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from artgen.core.parsing import weighted
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.numerics import TINY
from artgen.optim.pyramid import Scale

__all__ = ["Layers", "slant"]

STEEP = 8.0  # how many times more, and less, the outermost layers weigh at a slant of 1


@dataclass(frozen=True)
class Layers:
    """Style and content layers with weights, their scales, and the shortest side for them all."""

    style: Mapping[str, float]
    content: Mapping[str, float]
    style_scale: float
    content_scale: float
    least: int

    @classmethod
    def of(cls, extractor: FeatureExtractor, style: str, content: str, by: float) -> Layers:
        """What is asked for, as `name=weight,…`, or what the network recommends.

        Args:
            extractor: the network.
            style, content: the layers asked for; empty for its own choice.
            by: slant of the style layers, -1 to 1.

        Raises:
            UsageError: for a list that cannot be read, or a layer that it has not.
        """
        roles = extractor.role("style"), extractor.role("content")
        chosen = [
            weighted(text, f"--{name}-layers") if text else role.layers
            for name, text, role in zip(("style", "content"), (style, content), roles, strict=True)
        ]
        least = max(extractor.smallest(name) for layers in chosen for name in layers)
        slanted = slant(extractor, chosen[0], by)
        return cls(slanted, chosen[1], roles[0].scale, roles[1].scale, least)

    @property
    def names(self) -> tuple[str, ...]:
        """All layers that are looked at."""
        return tuple(sorted({*self.style, *self.content}))

    def usable(self, scales: list[Scale]) -> list[Scale]:
        """Without the scales at which the picture is too small; the next takes their share."""
        kept: list[Scale] = []
        owed = 0
        for scale in scales:
            if min(scale.size) < self.least and scale is not scales[-1]:
                owed += scale.iterations
            else:
                kept.append(Scale(scale.size, scale.iterations + owed))
                owed = 0
        return kept


def slant(
    extractor: FeatureExtractor, layers: Mapping[str, float], by: float
) -> Mapping[str, float]:
    """The layers' weights, raised towards the finest (-1) or the broadest (1), at most STEEP times.

    Along the logarithm of what a position sees, as anishathalye/neural-style's
    `--style-layer-weight-exp` does along the layers' numbers.
    """
    if by == 0 or len(layers) < 2:
        return layers
    seen = {name: math.log(extractor.stride(name) + 2 * extractor.radius(name)) for name in layers}
    low, high = min(seen.values()), max(seen.values())
    return {
        name: weight * STEEP ** (by * (2 * (seen[name] - low) / max(high - low, TINY) - 1))
        for name, weight in layers.items()
    }
