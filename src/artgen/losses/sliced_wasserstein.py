"""A term: sliced Wasserstein distance of features, sorted along random directions.

Heitz, Vanhoey, Chambon & Belcour, A Sliced Wasserstein Loss for Neural Texture Synthesis, CVPR
2021: it compares the whole distribution of features, and not its first two moments alone. Different
from there: directions are fixed at each scale, for L-BFGS needs a loss that does not change, and so
they are chosen: the painting's principal axes, and as many random orthogonal ones; losses are
relative to the painting's energy; and ranks are weighted, so that paintings and soft masks count by
their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.losses.functional import as_rows
from artgen.losses.guides import Guide
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import TINY, exact, wide
from artgen.ops.reductions import eigh, full_sum, products_of_rows, qr

__all__ = ["quantiles", "ranked_distance", "sliced_term"]

QUANTILES = 4096  # of a painting along each direction


def quantiles(values: Tensor, shares: Tensor, count: int) -> Tensor:
    """Quantiles (C, count) of values (C, N) with weights (N,), at the middles of equal parts."""
    values, order = values.sort(dim=1)
    ends = shares.to(torch.float64)[order].cumsum(1)  # (C, N)
    ranks = (torch.arange(count, device=values.device, dtype=torch.float64) + 0.5) / count
    places = torch.searchsorted(ends, ranks.expand(len(values), -1).contiguous() * ends[:, -1:])
    return values.gather(1, places.clamp(max=values.shape[1] - 1))


def ranked_distance(values: Tensor, table: Tensor, counts: Tensor | None = None) -> Tensor:
    """Mean squared difference of values (C, N) and those of their ranks in a table (C, Q), summed.

    Args:
        values: (C, N), along each direction.
        table: (C, Q), `quantiles` of the target.
        counts: (N,), weight of each position; all equal if None.

    Returns:
        Squared 2-Wasserstein distances in one dimension, summed over directions (0-d).
    """
    values, order = values.sort(dim=1)
    with torch.no_grad():
        shares = torch.ones_like(values) if counts is None else counts.to(values)[order]
        shares = shares / shares.sum(1, keepdim=True).clamp(min=TINY)
        # The fractional column of the table at which each rank lies.
        place = (shares.double().cumsum(1) - shares / 2) * table.shape[1] - 0.5
        place = place.clamp(0, table.shape[1] - 1)
        low = place.long()
        high = (low + 1).clamp(max=table.shape[1] - 1)
        wanted = table.gather(1, low).lerp(table.gather(1, high), (place - low).to(table))
    distance: Tensor = full_sum(shares * (values - wanted).square())
    return distance


@dataclass(frozen=True)
class _Target:
    """Target distribution of a layer's features.

    Attributes:
        directions: (C, 2C), along which features are sorted.
        table: (2C, Q), the paintings' `quantiles` along each.
        energy: mean square of the paintings' features, over channels (0-d).
    """

    directions: Tensor
    table: Tensor
    energy: Tensor

    @classmethod
    def of(
        cls,
        maps: Sequence[Tensor],
        counts: Sequence[Tensor],
        shares: Sequence[float],
        generator: torch.Generator,
    ) -> _Target:
        """From paintings' features (N, C), weights (N,) of their positions, and their shares."""
        each = torch.cat(
            [
                count * (share / sum(shares) / full_sum(count).clamp(min=TINY))
                for count, share in zip(counts, shares, strict=True)
            ]
        )
        rows = torch.cat(list(maps))
        directions = _directions(rows, each, generator)
        energy = full_sum(rows.square().sum(1) * each).clamp(min=TINY)
        along = (rows @ directions).T.contiguous()
        return cls(directions, quantiles(along, each, min(QUANTILES, len(rows))), energy)

    def distance(self, rows: Tensor, counts: Tensor | None) -> Tensor:
        """Distance (0-d) of features (N, C), with weights (N,), not yet relative to `energy`."""
        return ranked_distance((rows @ self.directions.to(rows)).T, self.table.to(rows), counts)


def sliced_term(
    extractor: FeatureExtractor,
    pictures: Sequence[Tensor],
    shares: Sequence[float],
    layers: Mapping[str, float],
    weight: float,
    generator: torch.Generator,
    name: str = "style",
    guide: Guide | None = None,
    guides: Sequence[Guide | None] = (),
) -> Term:
    """The sliced style loss, weighted over layers.

    Args:
        extractor: the feature network.
        pictures: the paintings at this scale, (1, 3, h, w) in [0, 1] each.
        shares: their weights.
        layers: layer -> weight; only their ratios matter.
        weight: factor of the loss.
        generator: of the random directions, on the CPU.
        name: of the term.
        guide: of the picture; everywhere if None.
        guides: one for each painting; everywhere if not given.
    """
    names, whole_weight = tuple(layers), sum(layers.values())
    targets: dict[str, _Target] = {}
    with torch.no_grad():
        seen = [extractor(picture, names) for picture in pictures]
        for layer in names:
            maps = [as_rows(wide(features[layer])) for features in seen]
            counts = [
                one.new_ones(len(one)) if where is None else where.maps[layer].flatten().to(one)
                for one, where in zip(maps, guides or [None] * len(maps), strict=True)
            ]
            targets[layer] = _Target.of(maps, counts, shares, generator)

    def statistics(features: Features, region: Region) -> Tensors:
        found = {layer: as_rows(wide(region[layer].crop(features[layer]))) for layer in names}
        if guide is not None:
            found |= {f"{x} guide": guide.at(x, region[x]).flatten() for x in names}
        return found

    def loss(seen: Tensors) -> Tensor:
        parts = [
            targets[layer].distance(seen[layer], seen.get(f"{layer} guide"))
            * (share / whole_weight)
            / targets[layer].energy
            for layer, share in layers.items()
        ]
        return torch.stack(parts).sum()

    return Term(name, names, statistics, loss, weight, whole=True)


def _directions(rows: Tensor, shares: Tensor, generator: torch.Generator) -> Tensor:
    """(C, 2C): the principal axes of rows (N, C) with weights (N,), and as many random directions.

    Scaled so that squared projections add up to the squared norm: no distance is counted twice.
    """
    gram = exact(products_of_rows(rows, rows * shares[:, None]))
    drawn = torch.randn(gram.shape, generator=generator, dtype=torch.float64)
    chance = qr(drawn).to(gram)
    return (torch.cat([eigh(gram)[1], chance], 1) / 2**0.5).to(rows)
