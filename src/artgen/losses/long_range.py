"""Long-range structure: covariances of activations some way apart, so that bricks keep rows.

Berger & Memisevic, Incorporating long-range consistency in CNN-based texture generation, ICLR 2017:
Gram matrices between a layer and itself, shifted. Different from the paper: the mean is subtracted
(what is left describes structure and not colours), only the principal components of a layer are
compared (a tenth of the work), shifts are diagonal, too, and the distance is relative to the
target's norm. Everything is a sum over positions, so tiling stays exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from artgen.losses.guides import Guide
from artgen.losses.style import Moments
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window, whole
from artgen.ops.numerics import TINY, exact, wide
from artgen.ops.reductions import eigh, full_sum, product

__all__ = ["Shift", "shifts_for", "structure_term"]

Shift = tuple[int, int]
"""Positions down (never negative) and right from an activation to its partner."""

COMPONENTS = 24
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


def shifts_for(sizes: Sequence[tuple[int, int]], reach: int) -> list[Shift]:
    """Shifts by 1, 2, 4 … `reach` positions in four directions, as far as every size has room.

    Args:
        sizes: (H, W) of the layer in each picture; a shift may take half of the shorter side.
        reach: the longest shift, in positions.
    """
    room = min(min(size) for size in sizes) // 2
    found, length = [], 1
    while length <= min(reach, room):
        found += [(down * length, right * length) for down, right in DIRECTIONS]
        length *= 2
    return found


def _pairs(features: Tensor, window: Window, shift: Shift, *, wraps: bool) -> tuple[Tensor, Tensor]:
    """Activations (h, w, C) at the positions that count and those a shift away, each (N, C).

    Without wrapping, positions whose partner lies beyond the edge are left out.
    """
    here = there = features
    axes = zip(window.inner, window.place, window.total, shift, strict=True)
    for axis, (inner, place, total, step) in enumerate(axes):
        length = inner.stop - inner.start
        if wraps and there.shape[axis] == total == length:
            there = there.roll(-step, axis)
            continue
        first = 0 if wraps else max(0, -step - place.start)
        last = length if wraps else min(length, total - step - place.start)
        count = max(last - first, 0)
        here = here.narrow(axis, inner.start + first if count else 0, count)
        there = there.narrow(axis, inner.start + first + step if count else 0, count)
    channels = features.shape[-1]
    return here.reshape(-1, channels), there.reshape(-1, channels)


def _counted(
    layer: str, size: tuple[int, int], shift: Shift, guide: Guide | None, *, wraps: bool
) -> float:
    """Number of pairs of positions of a layer (h, w) a shift apart, weighted by both ends."""
    if guide is None:
        lost = (0, 0) if wraps else shift
        return (size[0] - abs(lost[0])) * (size[1] - abs(lost[1]))
    inside = (slice(0, size[0]), slice(0, size[1]))
    map_ = guide.maps[layer][0, 0, ..., None]
    here, there = _pairs(map_, Window(inside, inside, size), shift, wraps=wraps)
    return float(full_sum(here * there))


@dataclass(frozen=True)
class _Lens:
    """Principal components of one layer in the samples, shifts, and target covariances.

    Attributes:
        mean, basis: (C,) and (C, K).
        shifts: those that are compared.
        targets: shift -> covariance (K, K) of the two ends.
    """

    layer: str
    mean: Tensor
    basis: Tensor
    shifts: Sequence[Shift]
    targets: dict[Shift, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, layer: str, moments: Moments, shifts: Sequence[Shift]) -> _Lens:
        """From the samples' moments of a layer."""
        mean, gram = exact(moments.mean), exact(moments.gram)
        _, vectors = eigh(gram - torch.outer(mean, mean))
        basis = vectors[:, -COMPONENTS:].to(moments.mean.device)
        return cls(layer, moments.mean, basis, shifts)

    def statistics(
        self, features: Features, region: Region, guide: Guide | None = None, *, wraps: bool
    ) -> Tensors:
        """For each shift the means of both ends (2, K) and of their products (K, K)."""
        rows = wide(features[self.layer]).permute(0, 2, 3, 1)[0]  # (h, w, C)
        window, sums = region[self.layer], {}
        if guide is None:
            seen = self._components(rows.flatten(0, 1)).view(*rows.shape[:2], -1)  # (h, w, K)
        else:
            counts = guide.around(self.layer, window, (rows.shape[0], rows.shape[1])).to(rows)
            shown = counts.nonzero(as_tuple=True)
            here = torch.cat([self._components(rows[shown]), counts[shown][:, None]], 1)
            seen = here.new_zeros((*counts.shape, here.shape[1])).index_put(shown, here)
        for shift in self.shifts:
            here, there = _pairs(seen, window, shift, wraps=wraps)
            count = _counted(self.layer, window.total, shift, guide, wraps=wraps)
            counted, beyond = here, there
            if guide is not None:
                share = here[:, -1:] * there[:, -1:]
                counted, beyond = here[:, :-1] * share, there[:, :-1] * share
                there = there[:, :-1]
            ends = torch.stack([counted.sum(0), beyond.sum(0)])
            sums[f"{self.layer} {shift} ends"] = ends / count
            sums[f"{self.layer} {shift} products"] = product(counted.T, there) / count
        return sums

    def _components(self, rows: Tensor) -> Tensor:
        """Activations (N, C) in the basis (N, K)."""
        return product(rows - self.mean.to(rows), self.basis.to(rows))

    def aim(self, features: Features, share: float, guide: Guide | None) -> None:
        """Adds the covariances of a whole sample, times `share`, to the targets."""
        sums = self.statistics(features, whole(features), guide, wraps=False)
        for shift in self.shifts:
            part = self.covariance(sums, shift) * share
            self.targets[shift] = self.targets.get(shift, 0) + part

    def covariance(self, sums: Tensors, shift: Shift) -> Tensor:
        """The covariance (K, K) of the components at the two ends of a shift."""
        here, there = sums[f"{self.layer} {shift} ends"]
        return sums[f"{self.layer} {shift} products"] - torch.outer(here, there)

    def distance(self, sums: Tensors) -> Tensor:
        """Squared distance from the targets, over their squared norm (0-d)."""
        missed = [
            full_sum((self.covariance(sums, shift) - target.to(self.mean)).square())
            for shift, target in self.targets.items()
        ]
        energy = torch.stack([full_sum(target.square()) for target in self.targets.values()]).sum()
        return torch.stack(missed).sum() / energy.clamp(min=TINY).to(missed[0])


def _possible(
    extractor: FeatureExtractor,
    layer: str,
    looked_at: Sequence[tuple[tuple[int, int], Guide | None, bool]],
    reach: int,
) -> list[Shift]:
    """The shifts, of positions of a layer, for which every picture has pairs.

    Args:
        extractor: the feature network.
        layer: one of its layers.
        looked_at: of each picture its size (H, W), its guide, and whether it wraps round.
        reach: the longest shift, in positions.
    """
    here = [
        ((extractor.length(layer, height), extractor.length(layer, width)), guide, wraps)
        for (height, width), guide, wraps in looked_at
    ]
    return [
        shift
        for shift in shifts_for([size for size, _, _ in here], reach)
        if all(_counted(layer, size, shift, one, wraps=on) for size, one, on in here)
    ]


@torch.no_grad()
def structure_term(
    extractor: FeatureExtractor,
    samples: Sequence[Tensor],
    weights: Sequence[float],
    moments: Mapping[str, Moments],
    layers: Mapping[str, float],
    size: tuple[int, int],
    *,
    reach: int,
    weight: float,
    wraps: bool = False,
    guides: Sequence[Guide | None] = (),
    guide: Guide | None = None,
    name: str = "structure",
) -> Term | None:
    """Distance of a picture's shifted covariances from those of the samples.

    Args:
        extractor: the feature network.
        samples: pictures (1, 3, h, w) in [0, 1], at the canvas's scale.
        weights: one for each sample; only their ratios matter.
        moments: `style_moments` of the samples, of these layers at least.
        layers: layer -> weight; only their ratios matter.
        size: (H, W) of the canvas, in pixels.
        reach: the longest shift, in positions of a layer.
        weight: factor of the loss.
        wraps: whether the canvas wraps round; samples never do.
        guides: one for each sample; everywhere if not given.
        guide: of the picture, everywhere if None; a pair is weighted by both its ends.
        name: of the term.

    Returns:
        The term; None where the samples or the canvas have no room for any shift.
    """
    several = guides or [None] * len(samples)
    looked_at = [(size, guide, wraps)]
    for sample, shown in zip(samples, several, strict=True):
        looked_at.append(((sample.shape[-2], sample.shape[-1]), shown, False))
    shifts = {layer: _possible(extractor, layer, looked_at, reach) for layer in layers}
    lenses = [_Lens.of(layer, moments[layer], some) for layer, some in shifts.items() if some]
    if not lenses:
        return None
    names = tuple(lens.layer for lens in lenses)
    for sample, share, shown in zip(samples, weights, several, strict=True):
        seen = extractor(sample, names)
        for lens in lenses:
            lens.aim(seen, share / sum(weights), shown)
    whole_weight = sum(layers[name] for name in names)

    def statistics(features: Features, region: Region) -> Tensors:
        sums: dict[str, Tensor] = {}
        for lens in lenses:
            sums |= lens.statistics(features, region, guide, wraps=wraps)
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = [lens.distance(sums) * (layers[lens.layer] / whole_weight) for lens in lenses]
        return torch.stack(parts).sum()

    return Term(name, names, statistics, loss, weight, reach)
