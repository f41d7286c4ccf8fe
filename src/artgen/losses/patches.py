"""A term: every patch of features of the picture is like a patch of the samples.

Zhou, Chen, Lischinski, Cohen-Or & Huang, Neural Texture Synthesis with Guided Correspondence, CVPR
2023: each patch corresponds to the sample's patch that is nearest by cosine, that lies where a map
of the sample says what the picture's map says, and that is not used too often already. Different
from there: correspondences are found before a scale begins, in rounds of searches among what the
last round's patches agree on (Kwatra et al., Texture Optimization for Example-based Synthesis,
SIGGRAPH 2005), and then stay. They begin with pieces of the samples instead of noise, so that the
things in them are whole from the start, and at finer scales with the coarser ones, never with the
picture. So the loss is a squared difference from a map of features, a sum over positions, and no
rounding of the picture, in tiles or in one piece, decides which patch is the nearest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses import functional
from artgen.losses.hypercolumns import Hypercolumns
from artgen.losses.neighbour_table import nearest
from artgen.losses.patch_table import SIDE, PatchTable, Positions, cells, patches_of
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import TINY
from artgen.ops.reductions import full_mean, product_by_rows

__all__ = ["Layout", "Matches", "matches_of", "patch_term"]

ROUNDS = (20, 8, 6, 5)  # of searches at each scale, from the coarsest; the last for all finer ones
USED = 0.03  # of cosine: what a patch costs that is used as often as its share says, or once
OWED = 0.05  # of cosine, a round, for a part of a sample that is used twice its share or more
CHANCE, DICE = 0.05, 8  # deviation of cosine by which ties are broken, and how many numbers do it
FOLLOWED = 4.0  # of cosine, where maps of picture and sample differ by 1
PIECE = 3  # pieces along a sample's shorter side, with which the first scale begins
ROWS = 16  # of a picture's positions, whose patches are compared at a time
NEAR = 0.8  # of a patch's middle, in positions: the mean of all of a patch is blurred
KEPT = 2**27  # numbers of the maps that are kept; of larger ones, each tile makes its own


@dataclass(frozen=True)
class Layout:
    """Where in the samples each position of a picture is from, at one scale.

    Attributes:
        centres: (h, w, 3), sample, row and column, on the grid.
        sizes: (S, 2), rows and columns of the samples on the grid.
    """

    centres: Tensor
    sizes: Tensor

    def enlarged(self, size: tuple[int, int], sizes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sample, row and column, (h, w) each, of the positions of a finer scale.

        Args:
            size: (h, w) of the grid there.
            sizes: (S, 2), of the samples there.
        """
        spans = [
            (torch.arange(fine, device=sizes.device) + 0.5) * coarse / fine - 0.5
            for fine, coarse in zip(size, self.centres.shape, strict=False)
        ]
        nearest = [one.round().long() for one in spans]
        sample, *middles = self.centres[nearest[0]][:, nearest[1]].unbind(-1)
        found, beyond = [sample], [spans[0][:, None] - nearest[0][:, None], spans[1] - nearest[1]]
        for axis, (middle, more) in enumerate(zip(middles, beyond, strict=True)):
            here, there = sizes[sample, axis], self.sizes[sample, axis]
            place = ((middle + more + 0.5) * here / there - 0.5).round().long()
            found.append(place.clamp(min=0).minimum(here - 1))
        return found[0], found[1], found[2]


@dataclass(frozen=True)
class Matches:
    """The sample's patch that each position of a picture corresponds to.

    Attributes:
        table: the samples' patches.
        index: (h, w), into the table, on the grid.
        wraps: whether the picture is periodic.
    """

    table: PatchTable
    index: Tensor
    wraps: bool
    kept: dict[str, Tensor] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """What a finer scale begins with."""
        return Layout(self.table.centres[self.index], self.table.grid.sizes)

    def agreed(
        self, layer: Positions, rows: slice, columns: slice, near: float = math.inf
    ) -> Tensor:
        """The mean (1, C, h, w) of what all patches over a position have there.

        Args:
            layer: the samples' positions of a layer.
            rows, columns: of the picture's positions of this layer.
            near: deviation, in positions of the grid, of a Gaussian about a patch's middle that
                says what it counts; all count the same if it is infinite.
        """
        device, ratio = self.index.device, layer.ratio
        spans = zip((rows, columns), self.index.shape, strict=True)
        y, x = (
            (place, (place // ratio).clamp(max=length - 1))
            for place, length in (
                (torch.arange(one.start, one.stop, device=device), length) for one, length in spans
            )
        )
        inner = [(place - cell * ratio).clamp(max=ratio - 1) for place, cell in (y, x)]
        beyond = [(one + 0.5) / ratio - 0.5 for one in inner]  # of the middles of cells
        total = layer.values.new_zeros((len(y[0]), len(x[0]), layer.values.shape[1]))
        count = layer.values.new_zeros((len(y[0]), len(x[0]), 1))
        for down in range(-(SIDE // 2), SIDE // 2 + 1):
            for right in range(-(SIDE // 2), SIDE // 2 + 1):
                (at, good), (beside, well) = (
                    self._middles(cell - aside, length)
                    for (_, cell), aside, length in zip(
                        (y, x), (down, right), self.index.shape, strict=True
                    )
                )
                sample, row, column = self.table.centres[self.index[at][:, beside]].unbind(-1)
                row = (row + down) * ratio + inner[0][:, None]
                column = (column + right) * ratio + inner[1]
                apart = (beyond[0] + down).square()[:, None] + (beyond[1] + right).square()
                there = (good[:, None] & well) * (-apart / (2 * near**2)).exp()
                total += layer.at(sample, row, column) * there[..., None]
                count += there[..., None]
        return (total / count).permute(2, 0, 1)[None]

    def _middles(self, places: Tensor, length: int) -> tuple[Tensor, Tensor]:
        """Rows or columns (N,) of patches' middles, and which of them there are (N,)."""
        if self.wraps:
            return places % length, torch.ones_like(places, dtype=torch.bool)
        return places.clamp(0, length - 1), (places >= 0) & (places < length)

    def at(self, name: str, region: Region) -> Tensor:
        """What the patches agree on, (1, C, h, w), at a region's positions of a layer."""
        layer, window = self.table.layers[name], region[name]
        numbers = window.positions * sum(x.values.shape[1] for x in self.table.layers.values())
        if numbers > KEPT:
            return self.agreed(layer, *window.place, near=NEAR)
        if name not in self.kept:
            height, width = window.total
            self.kept[name] = self.agreed(layer, slice(0, height), slice(0, width), near=NEAR)
        return self.kept[name][(..., *window.place)]


@torch.no_grad()
def matches_of(
    table: PatchTable,
    extractor: FeatureExtractor,
    size: tuple[int, int],
    coarser: Layout | None,
    rank: int,
    generator: torch.Generator,
    guide: Tensor | None = None,
) -> Matches:
    """The samples' patches that a picture's correspond to, at one scale.

    Args:
        table: the samples' patches.
        extractor: the picture's, of the same network; where it pads circularly, patches wrap.
        size: (H, W) of the picture.
        coarser: that of the scale before; None to begin with pieces of the samples.
        rank: number of the scale, from the coarsest, 0.
        generator: on the CPU; draws pieces and breaks ties.
        guide: (1, G, H, W), the maps to follow; none if None.
    """
    columns = Hypercolumns(extractor, table.columns.layers, table.columns.grid)
    height, width = columns.size(size)
    follow = table.keys.new_zeros((1, 0, height, width))
    follow = follow if guide is None else cells(columns, guide)
    if coarser is None:
        begun = _pieces(table, follow, generator)
    else:
        begun = coarser.enlarged((height, width), table.grid.sizes)
    maps = table.grid.at(*begun).permute(2, 0, 1)[None]
    search = _Search.of(table, follow, extractor.padding == "circular", generator)
    shares, used = table.shares * (height * width), torch.zeros_like(table.shares)
    part, count = table.parts()
    owed = shares.new_zeros(count)
    fair = owed.index_add(0, part, shares).clamp(min=TINY)
    rounds = ROUNDS[min(rank, len(ROUNDS) - 1)]
    for turn in range(rounds):
        index = search.nearest(maps, USED * used / shares.clamp(min=1) + owed[part])
        counts = index.bincount(minlength=len(used)).to(used)
        # A part that is used too much becomes dearer round by round: else one of several wins.
        taken = owed.new_zeros(count).index_add(0, part, counts)
        owed += OWED * (taken / fair - 1).clamp(max=1)
        used = (used + counts) / 2 if turn else counts
        matches = Matches(table, index.view(height, width), search.wraps)
        if turn < rounds - 1:
            maps = matches.agreed(table.grid, slice(0, height), slice(0, width))
    return matches


@dataclass(frozen=True)
class _Search:
    """What is compared beside the patches themselves: maps, and numbers that break ties.

    Attributes:
        table: the samples' patches.
        more: (h, w, G + DICE), of the picture.
        keys: (M, P + G + DICE), of the samples.
        cost: (M,), the part of the maps' squared difference that is the samples' alone.
        wraps: whether the picture is periodic.
    """

    table: PatchTable
    more: Tensor
    keys: Tensor
    cost: Tensor
    wraps: bool

    @classmethod
    def of(
        cls, table: PatchTable, follow: Tensor, wraps: bool, generator: torch.Generator
    ) -> _Search:
        """For the maps (1, G, h, w) that a picture follows."""
        height, width = follow.shape[-2:]
        deviation = (CHANCE / DICE**0.5) ** 0.5  # of each number: of their products it is CHANCE
        mine, theirs = (
            torch.randn((count, DICE), generator=generator).to(table.keys) * deviation
            for count in (height * width, len(table.keys))
        )
        more = torch.cat([follow[0].permute(1, 2, 0), mine.view(height, width, DICE)], 2)
        keys = torch.cat([table.keys, 2 * FOLLOWED * table.guide, theirs], 1)
        return cls(table, more, keys, FOLLOWED * table.guide.square().sum(1), wraps)

    def nearest(self, maps: Tensor, cost: Tensor) -> Tensor:
        """The index (h*w,) of the patch nearest to that of maps (1, K, h, w), less costs (M,)."""
        reach, height = SIDE // 2, maps.shape[-2]
        around = F.pad(maps, (reach,) * 4, mode="circular" if self.wraps else "replicate")
        found = []
        for top in range(0, height, ROWS):
            stop = min(top + ROWS, height)
            strip = patches_of(around[..., top : stop + 2 * reach, :])
            queries = product_by_rows(strip, self.table.frame)
            queries = torch.cat([queries, self.more[top:stop].flatten(0, 1)], 1)
            found.append(nearest(queries, self.keys, -self.cost - cost))
        return torch.cat(found)


def _pieces(
    table: PatchTable, follow: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Pieces of the samples side by side, chosen by the maps (1, G, h, w).

    Returns:
        Sample, row and column of each position, (h, w) each.
    """
    height, width = follow.shape[-2:]
    device = follow.device
    side = max(int(table.grid.sizes.min()) // PIECE, 1)
    y, x = torch.arange(height, device=device), torch.arange(width, device=device)
    middles = [(one[::side] + side // 2).clamp(max=len(one) - 1) for one in (y, x)]
    wanted = follow[0][:, middles[0]][:, :, middles[1]].flatten(1).T  # (B, G)
    drawn = torch.rand((len(wanted), len(table.shares)), generator=generator).to(follow)
    luck = table.shares.log() - (-drawn.clamp(min=TINY).log()).clamp(min=TINY).log()
    apart = torch.cdist(wanted, table.guide).square() if wanted.shape[1] else 0.0
    chosen = table.centres[(luck - FOLLOWED / CHANCE * apart).argmax(1)]
    chosen = chosen.view(len(middles[0]), len(middles[1]), 3)[y // side][:, x // side]
    sample, row, column = chosen.unbind(-1)  # (h, w) each
    row = row + (y % side - side // 2)[:, None]
    column = column + x % side - side // 2
    sizes = table.grid.sizes[sample]
    row, column = (
        one.clamp(min=0).minimum(sizes[..., axis] - 1) for axis, one in enumerate((row, column))
    )
    return sample, row, column


def patch_term(matches: Matches, weight: float, name: str = "patches") -> Term:
    """Squared difference of features from what the patches agree on, the mean over layers.

    Relative to the variance of each layer in the samples.

    Args:
        matches: the patches that the picture's correspond to.
        weight: factor of the loss.
        name: of the term.
    """
    layers = matches.table.layers
    variances = {
        layer: full_mean((one.values - one.values.mean(0)).square().sum(1)).clamp(min=TINY)
        for layer, one in layers.items()
    }

    def statistics(features: Features, region: Region) -> Tensors:
        return {
            layer: functional.content_distance(
                region[layer].crop(features[layer]), matches.at(layer, region)
            )
            / region[layer].positions
            for layer in layers
        }

    def loss(sums: Tensors) -> Tensor:
        return torch.stack([sums[layer] / variances[layer] for layer in layers]).mean()

    return Term(name, tuple(layers), statistics, loss, weight)
