"""The patches of features of samples, as a table of bounded size that a picture's search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.errors import UsageError
from artgen.losses.hypercolumns import Hypercolumns, components, energy_factors
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.networks.tiling import tiles
from artgen.ops.numerics import wide
from artgen.ops.reductions import full_sum, product_by_rows

__all__ = ["SIDE", "PatchTable", "Positions", "Source", "cells", "patches_of"]

SIDE = 5  # of a patch, in positions
BLOCK = 512  # px of a sample's side that a network sees at once, whatever the picture's tiles are
MOST = 24_000  # patches of all samples, chosen at random
PARTS = 4  # along each side of a sample: each of them is used as often as its share
PIXEL, PATCH = 32, 64  # principal components of a position, and of a patch


@dataclass(frozen=True)
class Source:
    """A sample, and what of it may be used.

    Attributes:
        picture: (1, C, h, w).
        share: its weight.
        mask: (1, 1, h, w), where it may be used; everywhere if None.
        guide: (1, G, h, w), maps that the picture's guide is compared with; none if None.
    """

    picture: Tensor
    share: float
    mask: Tensor | None = None
    guide: Tensor | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(h, w), in pixels."""
        return self.picture.shape[-2], self.picture.shape[-1]


@dataclass(frozen=True)
class Positions:
    """The positions of one layer of all samples, row after row, one sample after the other.

    Attributes:
        values: (N, C).
        starts: (S,), the first position of each sample.
        sizes: (S, 2), the rows and columns of each.
        ratio: positions of the layer along the side of one of the grid's.
    """

    values: Tensor
    starts: Tensor
    sizes: Tensor
    ratio: int

    @classmethod
    def of(cls, maps: Sequence[Tensor], ratio: int) -> Positions:
        """From each sample's map (1, C, h, w)."""
        sizes = torch.tensor([one.shape[-2:] for one in maps], device=maps[0].device)
        counts = sizes.prod(1)
        rows = torch.cat([one[0].flatten(1).T for one in maps])
        return cls(rows.contiguous(), counts.cumsum(0) - counts, sizes, ratio)

    def at(self, sample: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """The values (..., C) at rows and columns of samples, three tensors of one shape (...)."""
        return self.values[self.starts[sample] + row * self.sizes[sample, 1] + column]


@dataclass(frozen=True)
class PatchTable:
    """The patches of samples that a picture's are compared with.

    Attributes:
        columns: how hypercolumns are made.
        basis: (D, K), principal components of the hypercolumns, times the layers' factors.
        mean: (K,), of the samples in this basis.
        frame: (SIDE^2 * K, P), principal components of the patches.
        keys: (M, P), the patches in this frame, of unit length before.
        guide: (M, G), the maps of the samples at the middle of each patch.
        centres: (M, 3), sample, row and column of that middle, on the grid.
        shares: (M,), the share of a picture's positions that is each patch's.
        grid: the hypercolumns in the basis.
        layers: those whose features are compared, no coarser than the grid.
    """

    columns: Hypercolumns
    basis: Tensor
    mean: Tensor
    frame: Tensor
    keys: Tensor
    guide: Tensor
    centres: Tensor
    shares: Tensor
    grid: Positions
    layers: Mapping[str, Positions]

    @classmethod
    @torch.no_grad()
    def of(
        cls,
        extractor: FeatureExtractor,
        sources: Sequence[Source],
        layers: Mapping[str, float],
        generator: torch.Generator,
    ) -> PatchTable:
        """The patches of some samples, thinned at random to MOST together.

        Args:
            extractor: the feature network, for the samples.
            sources: the samples; those of weight 0 are left out.
            layers: layer -> weight, its share of a hypercolumn's energy.
            generator: on the CPU; chooses patches where there are too many.

        Raises:
            UsageError: if there is no patch that may be used.
        """
        sources = [one for one in sources if one.share > 0]
        columns = Hypercolumns.of(extractor, tuple(layers))
        stride = extractor.stride(columns.grid)
        seen = [_seen(columns, one.picture) for one in sources]
        parts = [torch.cat(layer) for layer in zip(*(rows for rows, _ in seen), strict=True)]
        scales = energy_factors(parts, tuple(layers.values()))
        factors = torch.cat(
            [scale.expand(part.shape[1]) for scale, part in zip(scales, parts, strict=True)]
        )
        rows = torch.cat(parts, 1) * factors
        basis = components(rows - rows.mean(0), PIXEL)
        mean = product_by_rows(rows.mean(0)[None], basis)[0]
        sizes = [columns.size(one.size) for one in sources]
        several = torch.split(product_by_rows(rows, basis) - mean, [h * w for h, w in sizes])
        maps = [one.T.view(1, -1, *size) for one, size in zip(several, sizes, strict=True)]
        places = [_usable(columns, one, size) for one, size in zip(sources, sizes, strict=True)]
        centres, guide, shares = _listed(sources, columns, places)
        if not len(centres):
            raise UsageError(
                f"The sample has no patch of {SIDE * stride} x {SIDE * stride} px that may be "
                "used, at the size at which it is seen.",
                "Take a larger sample, a larger --scale, or --match statistics.",
            )
        kept = torch.randperm(len(centres), generator=generator)[:MOST].sort().values
        centres, guide, shares = (one[kept.to(one.device)] for one in (centres, guide, shares))
        grid = Positions.of(maps, 1)
        patches = _around(grid, centres)
        frame = components(patches, PATCH)
        near = [name for name in layers if extractor.stride(name) <= stride]
        return cls(
            *(columns, basis * factors[:, None], mean, frame, product_by_rows(patches, frame)),
            *(guide, centres, shares / full_sum(shares)),
            grid,
            {
                name: Positions.of([one[name] for _, one in seen], stride // extractor.stride(name))
                for name in near
            },
        )

    def parts(self) -> tuple[Tensor, int]:
        """The part of a sample that each patch is in (M,), and how many parts there are.

        Where maps are followed, they say which parts are used: a sample is then one part.
        """
        sample, *places = self.centres.unbind(1)
        along, part = 1 if self.guide.shape[1] else PARTS, sample
        for axis, place in enumerate(places):
            part = part * along + place * along // self.grid.sizes[sample, axis]
        return part, len(self.grid.starts) * along**2


def patches_of(maps: Tensor) -> Tensor:
    """The patches (N, K * SIDE^2) that lie inside maps (1, K, h, w), of unit length."""
    return F.normalize(F.unfold(maps, SIDE)[0].T, dim=1)


def _seen(columns: Hypercolumns, picture: Tensor) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Each layer of a sample (1, C, h, w) at the grid's positions (N, C), and its own map."""
    extractor, size = columns.extractor, (picture.shape[-2], picture.shape[-1])
    maps: dict[str, Tensor] = {}
    for piece in tiles(extractor, size, columns.layers, BLOCK):
        features = extractor(piece.cut(picture), columns.layers)
        for layer in columns.layers:
            window = piece.region[layer]
            here = wide(window.crop(features[layer]))
            if layer not in maps:
                maps[layer] = here.new_empty((1, here.shape[1], *window.total))
            maps[layer][(..., *window.place)] = here
    return columns.parts(maps, whole(maps)), maps


def cells(columns: Hypercolumns, picture: Tensor) -> Tensor:
    """The means (1, G, h, w) of maps (1, G, H, W) over the cells of the grid."""
    height, width = columns.size((picture.shape[-2], picture.shape[-1]))
    stride = columns.extractor.stride(columns.grid)
    found = F.avg_pool2d(picture, stride, ceil_mode=True, count_include_pad=False)
    return found[..., :height, :width]


def _usable(columns: Hypercolumns, source: Source, size: tuple[int, int]) -> Tensor:
    """Rows and columns (N, 2) of the middles of patches that lie inside a sample and its mask.

    `size` is that of the sample's grid, (h, w).
    """
    if min(size) < SIDE:
        return torch.zeros((0, 2), dtype=torch.long, device=source.picture.device)
    shown = source.picture.new_ones((1, 1, *size))
    if source.mask is not None:
        shown = (cells(columns, source.mask) > 0.5).to(shown)
    inside = -F.max_pool2d(-shown, SIDE, 1)[0, 0] > 0.5
    return inside.nonzero() + SIDE // 2


def _listed(
    sources: Sequence[Source], columns: Hypercolumns, several: Sequence[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Centres (N, 3), maps at the centres (N, G) and shares (N,) of all samples' patches.

    `several` are rows and columns (n, 2) of each sample's.
    """
    centres, guides, shares = [], [], []
    for number, (one, places) in enumerate(zip(sources, several, strict=True)):
        centres.append(torch.cat([torch.full_like(places[:, :1], number), places], 1))
        guide = one.picture.new_zeros((len(places), 0))
        if one.guide is not None:
            guide = cells(columns, one.guide)[0][:, places[:, 0], places[:, 1]].T
        guides.append(guide)
        shares.append(guide.new_full((len(places),), one.share / max(len(places), 1)))
    return torch.cat(centres), torch.cat(guides), torch.cat(shares)


def _around(grid: Positions, centres: Tensor) -> Tensor:
    """The patches (N, K * SIDE^2) about centres (N, 3), as `patches_of` has them."""
    beside = torch.arange(SIDE, device=centres.device) - SIDE // 2
    sample, row, column = centres[:, :, None, None].unbind(1)
    values = grid.at(
        sample.expand(-1, SIDE, SIDE), row + beside[:, None], column + beside
    )  # (N, SIDE, SIDE, K)
    return F.normalize(values.permute(0, 3, 1, 2).flatten(1), dim=1)
