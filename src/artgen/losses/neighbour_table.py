"""The positions of paintings among which those of a picture have their neighbours.

Kolkin, Kucera, Paris, Sykora, Shechtman & Shakhnarovich, Neural Neighbor Style Transfer, 2022
(arXiv 2203.13215): a position's neighbour is the one whose centred hypercolumn has the most similar
direction. Different from there: layers count by their energy in the paintings and not by their
channels; neighbours are searched among the principal components of at most SEARCHED positions; with
several paintings, weights tilt the choice; and neighbours can be chosen together (`coherence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses.cache import Cache
from artgen.losses.coherence import Atlas, Coherence, CoherentSearch
from artgen.losses.hypercolumns import Hypercolumns, components, energy_factors
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.tiling import tiles
from artgen.ops.numerics import TINY, wide
from artgen.ops.reductions import alone_for, full_sum, product_by_rows

__all__ = ["Neighbours", "nearest"]

MOST = 65536  # positions of all paintings together: those of 1024 x 1024 px
SEARCHED = 16384  # of these, chosen by chance, among which the nearest is searched
PIECE = 16  # side of the squares of positions that are kept where there are more
PARTS = 8  # of the positions that are searched: coherent neighbours begin with the nearest of each
CHUNK = 256  # positions whose neighbours are searched at a time
TILT = 0.1  # of cosine, for a weight e times as large


def nearest(queries: Tensor, keys: Tensor, bonus: Tensor | None = None) -> Tensor:
    """The index (N,) of the key with the largest product, for each query; the first of equals.

    Args:
        queries: (N, K).
        keys: (M, K).
        bonus: (M,), added to the products; nothing if not given.
    """
    bonus = keys.new_zeros(len(keys)) if bonus is None else bonus
    found = torch.empty(len(queries), dtype=torch.int64, device=keys.device)
    products = keys.new_empty((min(CHUNK, len(queries)), len(keys)))
    most = keys.new_empty(len(products))
    for part, index in zip(torch.split(queries, CHUNK), torch.split(found, CHUNK), strict=True):
        here = products[: len(part)]
        with alone_for(len(part), len(keys)):
            torch.addmm(bonus, part, keys.T, out=here)
            torch.max(here, 1, out=(most[: len(part)], index))  # a third of the time of argmax
    return found


@dataclass(frozen=True)
class Neighbours:
    """The positions of paintings among which neighbours are chosen.

    Attributes:
        columns: how hypercolumns are made, for the paintings.
        scales: the factor of each layer.
        aims: of each layer (M, C), its part of the hypercolumns, which are of unit length, times
            its factor once more: what an activation is multiplied by for a cosine. In bfloat16
            where the network computes in half precision.
        basis: (D, K), principal components of the centred hypercolumns, times the factors.
        keys: (M, K), the centred hypercolumns in this basis, of unit length before.
        bonus: (M,), by how much each is preferred.
        searched: (S,), indices of those among which the nearest is searched.
        atlas: where they are in the paintings.
    """

    columns: Hypercolumns
    scales: tuple[Tensor, ...]
    aims: tuple[Tensor, ...]
    basis: Tensor
    keys: Tensor
    bonus: Tensor
    searched: Tensor
    atlas: Atlas

    @classmethod
    def of(
        cls,
        extractor: FeatureExtractor,
        paintings: Sequence[Tensor],
        shares: Sequence[float],
        layers: Mapping[str, float],
        tile: int | None = None,
    ) -> Neighbours:
        """The positions of paintings, thinned by chance to MOST together.

        The last results of an extractor are cached: photos of one batch are painted in the same
        style.

        Args:
            extractor: the feature network.
            paintings: (1, 3, h, w) in [0, 1] each.
            shares: their weights; one of weight 0 is left out.
            layers: layer -> weight, its share of a hypercolumn's energy.
            tile: side of the tiles in pixels; None for one piece.
        """
        chosen = [(one, share) for one, share in zip(paintings, shares, strict=True) if share > 0]
        pictures, weights = zip(*chosen, strict=True)
        return _FOUND.get(
            extractor,
            pictures,
            (weights, tuple(layers.items()), tile),
            lambda: cls._among(Hypercolumns.of(extractor, tuple(layers)), chosen, layers, tile),
        )

    @classmethod
    @torch.no_grad()
    def _among(
        cls,
        columns: Hypercolumns,
        chosen: Sequence[tuple[Tensor, float]],
        layers: Mapping[str, float],
        tile: int | None,
    ) -> Neighbours:
        """The positions of paintings (1, 3, h, w), each with its weight above 0."""
        sizes = [columns.size((one.shape[-2], one.shape[-1])) for one, _ in chosen]
        kept = _kept(sizes, chosen[0][0].device)
        largest = max(share for _, share in chosen)
        found, bonus = [], []
        for (painting, share), mask in zip(chosen, kept, strict=True):
            found.append(_positions(columns, painting, mask, tile))
            preferred = TILT * torch.tensor(share / largest).log()
            bonus.append(preferred.expand(len(found[-1][0])))
        searched = _searched([len(one) for one in bonus]).to(kept[0].device)
        parts = [torch.cat(layer) for layer in zip(*found, strict=True)]
        scales = energy_factors([part[searched] for part in parts], tuple(layers.values()))
        factors = torch.cat(
            [scale.expand(part.shape[1]) for scale, part in zip(scales, parts, strict=True)]
        )
        rows = torch.cat(parts, 1) * factors
        centred = F.normalize(rows - rows[searched].mean(0), dim=1)
        basis = components(centred[searched])
        aims = F.normalize(rows, dim=1) * factors
        if (
            columns.extractor.dtype.itemsize == 2
        ):  # no more precise than what they are compared with
            aims = aims.to(torch.bfloat16)
        return cls(
            columns,
            scales,
            torch.split(aims, [part.shape[1] for part in parts], 1),
            basis * factors[:, None],
            product_by_rows(centred, basis),
            torch.cat(bonus).to(rows),
            searched,
            Atlas.of(kept),
        )

    @torch.no_grad()
    def queries(
        self, extractor: FeatureExtractor, picture: Tensor, tile: int | None = None
    ) -> Tensor:
        """A picture's hypercolumns (N, K) in the basis, not centred.

        Args:
            extractor: the picture's, of the same network.
            picture: (1, 3, H, W) in [0, 1].
            tile: side of the tiles in pixels; None for one piece.
        """
        columns = Hypercolumns(extractor, self.columns.layers, self.columns.grid)
        height, width = columns.size((picture.shape[-2], picture.shape[-1]))
        found = self.keys.new_zeros((height, width, self.basis.shape[1]))
        for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), columns.layers, tile):
            features = extractor(piece.cut(picture), columns.layers)
            parts = columns.parts(features, piece.region)
            bases = torch.split(self.basis, [part.shape[1] for part in parts])
            down, across = piece.region[columns.grid].place
            shape = (down.stop - down.start, across.stop - across.start, -1)
            for part, basis in zip(parts, bases, strict=True):
                found[down, across] += product_by_rows(wide(part), basis).view(shape)
        return found.flatten(0, 1)

    def chosen(
        self,
        queries: Tensor,
        size: tuple[int, int],
        counts: Tensor | None = None,
        coherence: Coherence | None = None,
    ) -> Tensor:
        """The index (H, W) of the neighbour of each query (H * W, K).

        Args:
            queries: (H * W, K).
            size: (H, W), of the grid.
            counts: (H * W,), weights of the positions in the mean that is subtracted; all 1 if
                None.
            coherence: neighbours are chosen together; each for itself if None.
        """
        if counts is None:
            mean = queries.mean(0)
        else:
            counts = counts / full_sum(counts).clamp(min=TINY)
            mean = (queries * counts[:, None]).sum(0)
        centred = F.normalize(queries - mean, dim=1)
        if coherence is None:
            return self._nearest(centred, self.searched).view(size)
        step = -(-len(self.searched) // (16 * PARTS)) * 16
        several = torch.stack(
            [self._nearest(centred, one) for one in torch.split(self.searched, step)]
        )
        near = [(centred * self.keys[one]).sum(1) + self.bonus[one] for one in several]
        best = several.gather(0, torch.stack(near).argmax(0, keepdim=True))
        search = CoherentSearch(
            centred.view(*size, -1),
            self.keys,
            self.bonus,
            torch.cat([best, several]).view(-1, *size),
            self.atlas,
            coherence,
            (centred.new_ones(len(centred)) if counts is None else counts).view(size) > 0,
        )
        return search.found()

    def _nearest(self, queries: Tensor, among: Tensor) -> Tensor:
        """The index (N,) of the nearest among some positions (S,), for each query (N, K)."""
        return among[nearest(queries, self.keys[among], self.bonus[among])]


_FOUND: Cache[Neighbours] = Cache()


def _kept(sizes: Sequence[tuple[int, int]], device: torch.device) -> list[Tensor]:
    """Masks (h, w) of the positions of each painting that are kept: all, or squares by chance."""
    dice = torch.Generator().manual_seed(len(sizes))
    share = min(1.0, MOST / sum(height * width for height, width in sizes))
    found = []
    for height, width in sizes:
        down, across = -(-height // PIECE), -(-width // PIECE)
        order = torch.randperm(down * across, generator=dice)
        pieces = torch.zeros(down * across, dtype=torch.bool)
        pieces[order[: max(int(share * len(order)), 1)]] = True
        mask = pieces.view(down, across).repeat_interleave(PIECE, 0).repeat_interleave(PIECE, 1)
        found.append(mask[:height, :width].to(device))
    return found


def _searched(counts: Sequence[int]) -> Tensor:
    """The positions by chance, of paintings that have so many, that are searched.

    Of each painting they are a multiple of 16, where it has so many.
    """
    share, first, found = min(1.0, SEARCHED / sum(counts)), 0, []
    for count in counts:
        quota = max(int(count * share), 1)
        quota = quota // 16 * 16 or quota
        order = torch.randperm(count, generator=torch.Generator().manual_seed(quota))
        found.append(order[:quota].sort().values + first)
        first += count
    return torch.cat(found)


def _positions(
    columns: Hypercolumns, painting: Tensor, kept: Tensor, tile: int | None
) -> list[Tensor]:
    """Each layer's activations (N, C) at the kept positions (h, w) of a painting (1, 3, H, W)."""
    numbers = kept.flatten().cumsum(0).view_as(kept) - 1
    found = list[Tensor]()
    size = (painting.shape[-2], painting.shape[-1])
    for piece in tiles(columns.extractor, size, columns.layers, tile):
        features = columns.extractor(piece.cut(painting), columns.layers)
        parts = columns.parts(features, piece.region)
        place = piece.region[columns.grid].place
        here, there = kept[place], numbers[place][kept[place]]
        if not found:
            count = int(kept.sum())
            found = [wide(part).new_empty((count, part.shape[1])) for part in parts]
        for rows, part in zip(found, parts, strict=True):
            rows[there] = wide(part[here.flatten()])
    return found
