"""A picture with a hole, and the atlas of known pixels, at every size; and their patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.errors import UsageError
from artgen.ops.numerics import TINY

__all__ = [
    "KNOWN",
    "PATCH",
    "Level",
    "atlas_of",
    "levels_of",
    "patches_of",
    "pixels_of",
    "sizes_of",
]
PATCH = 7  # side in pixels
ROUGHNESS = 3.0  # weight of the roughness channels, relative to the colours
COARSEST = 96  # pixels of the longer side, and up to twice as many
KNOWN = 30_000  # patches, chosen at random, that are searched exhaustively


@dataclass
class Level:
    """Picture and atlas at one size; both have the three colours and two channels of roughness.

    Attributes:
        picture: (1, 5, H, W), with the hole as it is filled so far.
        hole: (H, W), True where it is free.
        atlas: (1, 5, h, w), the source of the patches.
        whole: (h - PATCH + 1, w - PATCH + 1), the upper left corners of known patches.
        places: (N, 2), the corners (row, column) of patches that touch the hole.
    """

    picture: Tensor
    hole: Tensor
    atlas: Tensor
    whole: Tensor
    places: Tensor

    def some(self, generator: torch.Generator) -> Tensor:
        """(M, 2): corners of known patches, as many as are searched exhaustively."""
        corners = self.whole.nonzero()
        if len(corners) <= KNOWN:
            return corners
        chosen = torch.randperm(len(corners), generator=generator)[:KNOWN]
        return corners[chosen.to(corners.device)]

    def inside(self, corners: Tensor) -> Tensor:
        """Corners (N, 2) clamped to the atlas."""
        most = corners.new_tensor(self.whole.shape) - 1
        return corners.clamp(min=0).minimum(most)

    def distances(self, patches: Tensor, near: Tensor) -> Tensor:
        """Distances (N,) between patches (N, C * PATCH^2) and the atlas's at the corners (N, 2).

        Infinite where the atlas is unknown.
        """
        theirs = patches_of(self.atlas, near)
        known = self.whole[near[:, 0], near[:, 1]]
        return torch.where(known, theirs.sub_(patches).square_().sum(1), torch.inf)


def sizes_of(size: tuple[int, int]) -> list[tuple[int, int]]:
    """(H, W) of the levels, from coarse to fine, each half of the next."""
    found = [size]
    while max(found[-1]) >= 2 * COARSEST:
        found.append((max(round(found[-1][0] / 2), 1), max(round(found[-1][1] / 2), 1)))
    return found[::-1]


def atlas_of(
    samples: Sequence[Tensor], masks: Sequence[Tensor | None], gap: int
) -> tuple[Tensor, Tensor]:
    """The samples stacked with a gap, (1, C, h, w), and where they are known, (1, 1, h, w).

    Args:
        samples: (1, C, h, w) each.
        masks: (1, 1, h, w) each, 1 where a sample is to be used; None for all of it.
        gap: unknown pixels between one sample and the next.
    """
    wide = max(sample.shape[-1] for sample in samples)
    pictures, known = [], []
    for sample, mask in zip(samples, masks, strict=True):
        around = (0, wide - sample.shape[-1], 0, gap)
        shown = torch.ones_like(sample[:, :1]) if mask is None else (mask > 0.999).float()
        pictures.append(F.pad(sample, around))
        known.append(F.pad(shown, around))
    return torch.cat(pictures, 2), torch.cat(known, 2)


def levels_of(
    photo: Tensor,
    known: Tensor,
    atlas: Tensor,
    there: Tensor,
    sizes: Sequence[tuple[int, int]],
) -> list[Level]:
    """All levels that are large enough for patches, from coarse to fine, with an unfilled hole.

    Args:
        photo: (1, 3, H, W).
        known: (1, 1, H, W), 1 where the photo is known, 0 in the hole.
        atlas: (1, 3, h, w), the source of the patches.
        there: (1, 1, h, w), 1 where the atlas is known.
        sizes: (H, W) of each level.

    Raises:
        UsageError: if no patch is known at the photo's own size.
    """
    found, mine, theirs = [], _PatchFeatures.of(photo, known), _PatchFeatures.of(atlas, there)
    for number, size in enumerate(sizes):
        part = 2 ** (len(sizes) - 1 - number)
        of_atlas = (max(round(atlas.shape[2] / part), 1), max(round(atlas.shape[3] / part), 1))
        if min(*size, *of_atlas) < PATCH:
            continue
        picture, kept = mine.at(size)
        source, whole = theirs.at(of_atlas)
        whole = -F.max_pool2d(-whole, PATCH, 1)[0, 0] > 0.5
        touched = F.max_pool2d(1 - kept, PATCH, 1)[0, 0] > 0.5
        if whole.any():
            hole = kept[0, 0] < 0.5
            found.append(Level(picture, hole, source, whole, touched.nonzero()))
    if not found or found[-1].hole.shape != photo.shape[-2:]:
        raise UsageError(
            f"No patch of {PATCH} x {PATCH} px is known, to fill the hole from.",
            "Take a smaller mask, or --fill statistics.",
        )
    return found


@dataclass(frozen=True)
class _PatchFeatures:
    """A picture and its roughness, where known: the features that patches are compared by.

    Attributes:
        colours, rough: (1, 3, H, W), (1, 2, H, W).
        known, sure: (1, 1, H, W), 1 where they are; no roughness is taken across the hole's edge.
    """

    colours: Tensor
    rough: Tensor
    known: Tensor
    sure: Tensor

    @classmethod
    def of(cls, picture: Tensor, known: Tensor) -> _PatchFeatures:
        grey = picture.mean(1, keepdim=True)
        across = F.pad(grey, (0, 1, 0, 0), mode="replicate").diff(dim=3).abs()
        down = F.pad(grey, (0, 0, 0, 1), mode="replicate").diff(dim=2).abs()
        return cls(picture, torch.cat([across, down], 1), known, -F.max_pool2d(-known, 3, 1, 1))

    def at(self, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """All channels at a size, from known pixels alone; and (1, 1, H, W) where known."""
        colours, share = _shrunk(self.colours, self.known, size)
        rough, sure = _shrunk(self.rough, self.sure, size)
        near = F.avg_pool2d(rough * sure, 3, 1, 1) / F.avg_pool2d(sure, 3, 1, 1).clamp(min=TINY)
        return torch.cat([colours, near * ROUGHNESS], 1), (share > 0.999).float()


def _shrunk(picture: Tensor, known: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    share = F.interpolate(known, size, mode="area")
    return F.interpolate(picture * known, size, mode="area") / share.clamp(min=TINY), share


def pixels_of(picture: Tensor, corners: Tensor) -> Tensor:
    """(N, PATCH^2): the pixel indices, row by row, of the patches at the corners (N, 2)."""
    width, steps = picture.shape[3], torch.arange(PATCH, device=picture.device)
    within = (steps[:, None] * width + steps).flatten()
    return (corners[:, :1] * width + corners[:, 1:]) + within


def patches_of(picture: Tensor, corners: Tensor) -> Tensor:
    """The patches (N, C * PATCH^2) of a picture (1, C, H, W) at the corners (N, 2)."""
    return picture[0].flatten(1)[:, pixels_of(picture, corners)].transpose(0, 1).flatten(1)
