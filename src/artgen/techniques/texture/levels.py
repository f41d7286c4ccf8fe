"""A picture with a hole and what is known of it, at every size; and their patches."""

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
PATCH = 7  # pixels, as wide as high
ROUGHNESS = 3.0  # weight of how rough a place is, against its colours
COARSEST = 96  # pixels of the longer side, and up to twice as many
KNOWN = 30_000  # patches, chosen by chance, that are looked through one by one


@dataclass
class Level:
    """Picture and atlas at one size; both have the three colours and two channels of roughness.

    Attributes:
        picture: (1, 5, H, W), with the hole as it is filled by now.
        hole: (H, W), where it is free.
        atlas: (1, 5, h, w), what patches are taken from.
        whole: (h - PATCH + 1, w - PATCH + 1), the upper left corners of known patches.
        places: (N, 2), the corners of patches that touch the hole.
    """

    picture: Tensor
    hole: Tensor
    atlas: Tensor
    whole: Tensor
    places: Tensor

    def some(self, generator: torch.Generator) -> Tensor:
        """(M, 2): corners of known patches, as many as can be looked through."""
        corners = self.whole.nonzero()
        if len(corners) <= KNOWN:
            return corners
        chosen = torch.randperm(len(corners), generator=generator)[:KNOWN]
        return corners[chosen.to(corners.device)]

    def inside(self, corners: Tensor) -> Tensor:
        """Corners (N, 2) moved into the atlas."""
        most = corners.new_tensor(self.whole.shape) - 1
        return corners.clamp(min=0).minimum(most)

    def distances(self, patches: Tensor, near: Tensor) -> Tensor:
        """(N,): from each patch to that of the atlas with this corner (N, 2); inf if unknown."""
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
    """The samples below each other, a gap of pixels between; and what is known, (1, 1, h, w)."""
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
    """All levels at which there are patches, from coarse to fine; the holes are not yet filled."""
    found, mine, theirs = [], _Described.of(photo, known), _Described.of(atlas, there)
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
class _Described:
    """A picture and how rough it is, where that is known: all that patches are compared by.

    Attributes:
        colours, rough: (1, 3, H, W), (1, 2, H, W).
        known, sure: (1, 1, H, W), 1 where they are; no difference is one across an edge.
    """

    colours: Tensor
    rough: Tensor
    known: Tensor
    sure: Tensor

    @classmethod
    def of(cls, picture: Tensor, known: Tensor) -> _Described:
        grey = picture.mean(1, keepdim=True)
        across = F.pad(grey, (0, 1, 0, 0), mode="replicate").diff(dim=3).abs()
        down = F.pad(grey, (0, 0, 0, 1), mode="replicate").diff(dim=2).abs()
        return cls(picture, torch.cat([across, down], 1), known, -F.max_pool2d(-known, 3, 1, 1))

    def at(self, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """All channels at a size, of what is known alone; and (1, 1, H, W), where all is."""
        colours, share = _shrunk(self.colours, self.known, size)
        rough, sure = _shrunk(self.rough, self.sure, size)
        near = F.avg_pool2d(rough * sure, 3, 1, 1) / F.avg_pool2d(sure, 3, 1, 1).clamp(min=TINY)
        return torch.cat([colours, near * ROUGHNESS], 1), (share > 0.999).float()


def _shrunk(picture: Tensor, known: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    share = F.interpolate(known, size, mode="area")
    return F.interpolate(picture * known, size, mode="area") / share.clamp(min=TINY), share


def pixels_of(picture: Tensor, corners: Tensor) -> Tensor:
    """(N, PATCH^2): the pixels, counted by rows, of the patches with these corners."""
    width, steps = picture.shape[3], torch.arange(PATCH, device=picture.device)
    within = (steps[:, None] * width + steps).flatten()
    return (corners[:, :1] * width + corners[:, 1:]) + within


def patches_of(picture: Tensor, corners: Tensor) -> Tensor:
    """The patches (N, C * PATCH^2) with these corners."""
    return picture[0].flatten(1)[:, pixels_of(picture, corners)].transpose(0, 1).flatten(1)
