"""Inpainting: holes filled with known patches, so that structure continues through the hole.

Wexler, Shechtman & Irani, Space-Time Completion of Video, PAMI 2007: from coarse to fine, each
patch that touches the hole searches for the most similar known patch, and all of them vote on the
pixels that they cover. Newson et al., Video Inpainting of Complex Scenes, SIAM J. Imaging Sciences
2014: the hole is first filled from its edge inwards; roughness is one of the features compared,
since votes are means, which are otherwise found in smooth places only; and in the end no pixel is
a mean, but is copied from the best patch. Where there are too many patches to compare all, they try
their match's and their neighbours' surroundings, as in Barnes et al., PatchMatch, SIGGRAPH 2009.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.numerics import TINY
from artgen.ops.reductions import full_mean
from artgen.techniques.texture.blending import joined
from artgen.techniques.texture.levels import (
    KNOWN,
    PATCH,
    Level,
    atlas_of,
    levels_of,
    patches_of,
    pixels_of,
    sizes_of,
)

__all__ = ["completed", "rounds"]
ROUNDS = (12, 6, 3, 2)  # of votes at each level, from the coarsest; the last for all finer ones
COMPARED = 10**8  # pairs of patches: with more, only nearby candidates are compared
CHUNK = 2**16  # patches that are extracted at once
INWARDS = 1.3  # ratio of a vote's weight to that of one a pixel deeper inside the hole


def rounds(size: tuple[int, int]) -> int:
    """The number of rounds of votes on a picture of a size (H, W), over all levels."""
    return sum(_rounds_at(number) for number in range(len(sizes_of(size))))


@torch.no_grad()
def completed(
    photo: Tensor,
    hole: Tensor,
    samples: Sequence[Tensor],
    masks: Sequence[Tensor | None],
    generator: torch.Generator,
) -> Iterator[Tensor]:
    """Yield the photo (1, 3, H, W) with its hole filled after each round; the last is the result.

    Args:
        photo: (1, 3, H, W), in [0, 1].
        hole: (1, 1, H, W): where it is not 0, the photo is ignored.
        samples: (1, 3, h, w) each, at the photo's scale: the source of the patches.
        masks: (1, 1, h, w) each: the part of a sample to use; all of it if None.
        generator: on the CPU: chooses patches to search where there are too many.

    Raises:
        UsageError: if no patch is known, or the photo is smaller than one.
    """
    sizes = sizes_of((photo.shape[-2], photo.shape[-1]))
    free = (hole > 0).float()
    levels = levels_of(photo, 1 - free, *atlas_of(samples, masks, 2 ** len(sizes)), sizes)
    before, near = None, torch.empty(0)
    for number, level in enumerate(levels):
        if before is None:
            _inwards(level, generator)
        else:
            near = _carried(before, near, level, generator)
        count = _rounds_at(number)
        for turn in range(count):
            near, far = _search(level, near if before or turn else None, generator)
            if turn == count - 1:
                source = _take(level, near, far)
                if level is levels[-1]:
                    _join(level, source)
            else:
                _vote(level, near, far)
            yield level.picture[:, :3]
        before = level


def _rounds_at(number: int) -> int:
    return ROUNDS[min(number, len(ROUNDS) - 1)]


def _inwards(level: Level, generator: torch.Generator) -> None:
    """Fill the hole ring by ring: each pixel from the patch that fits best to the known pixels."""
    corners, middle = level.some(generator), PATCH // 2
    theirs = patches_of(level.atlas, corners)
    squares, channels = theirs.square(), level.picture.shape[1]
    kept = (~level.hole).float()[None, None]
    most = corners.new_tensor(level.hole.shape) - PATCH
    while not kept.all():
        ring = (F.max_pool2d(kept, 3, 1, 1) > kept)[0, 0].nonzero()
        if not len(ring):
            ring = level.hole.nonzero()  # nothing at all is known
        for pixels in torch.split(ring, max(2**26 // len(corners), 1)):
            places = (pixels - middle).clamp(min=0).minimum(most)
            mine = patches_of(level.picture, places)
            seen = kept.flatten()[pixels_of(level.picture, places)].repeat(1, channels)
            apart = seen @ squares.T - 2 * (mine * seen) @ theirs.T
            found = corners[apart.argmin(1)] + pixels - places
            colours = level.atlas[0][:, found[:, 0], found[:, 1]]
            level.picture[0][:, pixels[:, 0], pixels[:, 1]] = colours
        kept[0, 0, ring[:, 0], ring[:, 1]] = 1.0


def _carried(before: Level, near: Tensor, level: Level, generator: torch.Generator) -> Tensor:
    """The matches of the next coarser level, scaled to this one, and the hole filled by them."""
    moves = near.new_zeros(*before.hole.shape, 2)
    moves[before.places[:, 0], before.places[:, 1]] = near - before.places
    most = near.new_tensor(before.hole.shape) - PATCH
    half = (level.places // 2).minimum(most)
    found = level.inside(level.places + 2 * moves[half[:, 0], half[:, 1]])
    known = level.whole[found[:, 0], found[:, 1]]
    others = level.some(generator)
    drawn = torch.randint(len(others), (len(found),), generator=generator).to(others.device)
    found = torch.where(known[:, None], found, others[drawn])
    _take(level, found, torch.where(known, 1.0, 50.0))
    return found


def _search(level: Level, near: Tensor | None, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The known patch most similar to each patch of the hole, and its distance."""
    if near is None or len(level.places) * min(int(level.whole.sum()), KNOWN) <= COMPARED:
        return _nearest(level, level.some(generator))
    moves = near.new_zeros(*level.hole.shape, 2)
    moves[level.places[:, 0], level.places[:, 1]] = near - level.places
    found = [_asked(level, moves, *some) for some in _parts(level.places, near)]
    return torch.cat([one for one, _ in found]), torch.cat([far for _, far in found])


def _asked(level: Level, moves: Tensor, places: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
    """The best of some patches' own matches, those nearby, and those of their neighbours."""
    mine = patches_of(level.picture, places)
    most = near.new_tensor(level.hole.shape) - 1
    far = level.distances(mine, near)
    aside = near.new_tensor([(0, 1), (1, 0), (0, -1), (-1, 0)])
    for step in aside:
        near, far = _better(level, mine, near, far, near + step)
    for step in aside:
        beside = (places + step).clamp(min=0).minimum(most)
        near, far = _better(level, mine, near, far, places + moves[beside[:, 0], beside[:, 1]])
    return near, far


def _nearest(level: Level, corners: Tensor) -> tuple[Tensor, Tensor]:
    """Among known patches at the corners (M, 2), the one most similar to each, and its distance."""
    theirs = patches_of(level.atlas, corners)
    lengths = theirs.square().sum(1)
    near, far = [], []
    for places in torch.split(level.places, max(2**26 // len(corners), 1)):
        mine = patches_of(level.picture, places)
        near.append(corners[torch.addmm(lengths, mine, theirs.T, alpha=-2).argmin(1)])
        far.append(level.distances(mine, near[-1]))
    return torch.cat(near), torch.cat(far)


def _better(
    level: Level, mine: Tensor, near: Tensor, far: Tensor, other: Tensor
) -> tuple[Tensor, Tensor]:
    other = level.inside(other)
    there = level.distances(mine, other)
    better = there < far
    return torch.where(better[:, None], other, near), torch.where(better, there, far)


def _vote(level: Level, near: Tensor, far: Tensor) -> None:
    """Set each free pixel to the mean of the patches over it, weighted by similarity."""
    scale = 2 * far[:: len(far) // 10**6 + 1].quantile(0.75) + TINY
    sure, channels = _sureness(level.hole), level.picture.shape[1]
    sums = level.picture.new_zeros(channels, level.hole.numel())
    shares = level.picture.new_zeros(level.hole.numel())
    for places, corners, distances in _parts(level.places, near, far):
        values = patches_of(level.atlas, corners).view(len(places), channels, -1)
        pixels = pixels_of(level.picture, places)
        votes = (-distances / scale).exp() * sure.flatten()[pixels].mean(1)
        for channel in range(channels):
            spoken = (values[:, channel] * votes[:, None]).flatten()
            sums[channel].index_add_(0, pixels.flatten(), spoken)
        shares.index_add_(0, pixels.flatten(), votes[:, None].expand_as(pixels).flatten())
    mean = (sums / shares.clamp(min=torch.finfo(shares.dtype).tiny)).view_as(level.picture)
    told = level.hole & (shares > 0).view_as(level.hole)
    level.picture = torch.where(told, mean, level.picture)


def _take(level: Level, near: Tensor, far: Tensor) -> Tensor:
    """Copy each free pixel from the patch over it that fits best, of equal ones the most central.

    Returns (H, W): the index in the atlas, row by row, that each free pixel was copied from.
    """
    steps = torch.arange(PATCH, device=far.device) - PATCH // 2
    aside = 0.5 * (steps.abs()[:, None] + steps.abs()).flatten()
    costs = far / (full_mean(far) + TINY)
    least = far.new_full((level.hole.numel(),), torch.inf)
    for places, cost in _parts(level.places, costs):
        pixels = pixels_of(level.picture, places)
        least.scatter_reduce_(0, pixels.flatten(), (cost[:, None] + aside).flatten(), "amin")
    source = level.places.new_zeros(level.hole.numel())
    for places, corners, cost in _parts(level.places, near, costs):
        pixels = pixels_of(level.picture, places)
        best = cost[:, None] + aside == least[pixels]
        source[pixels[best]] = pixels_of(level.atlas, corners)[best]
    source = source.view_as(level.hole)
    level.picture = torch.where(level.hole, level.atlas[0].flatten(1)[:, source], level.picture)
    return source


def _join(level: Level, source: Tensor) -> None:
    """Blend the patches with each other and with their surroundings."""
    around = (PATCH - 1,) * 4
    known = F.max_pool2d(F.pad(level.whole.float()[None, None], around), PATCH, 1)[0, 0] > 0
    colours = joined(level.picture[:, :3], level.hole, level.atlas[:, :3], known, source)
    level.picture = torch.cat([colours, level.picture[:, 3:]], 1)


def _parts(*several: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Rows of all tensors, in chunks that fit into memory."""
    return zip(*(torch.split(one, CHUNK) for one in several), strict=True)


def _sureness(hole: Tensor) -> Tensor:
    """Weights (H, W) of the votes: 1 where known, and lower the deeper inside the hole."""
    left, depth = hole.float()[None, None], torch.zeros_like(hole, dtype=torch.float32)
    while left.any() and float(depth.max()) < 64:
        depth += left[0, 0]
        left = -F.max_pool2d(-left, 3, 1, 1)
    return INWARDS**-depth
