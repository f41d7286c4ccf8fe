"""Optical flow between two frames, its reliability, and warping along it.

Each painted frame is warped to the next one, so that a film does not flicker (Ruder,
Dosovitskiy & Brox, Artistic Style Transfer for Videos, GCPR 2016). With `artgen[video]` the flow
is OpenCV's DIS (Kroeger et al., Fast Optical Flow using Dense Inverse Search, ECCV 2016); without
it blocks are matched, from coarse to fine, which is slower and less accurate. A network may
estimate it instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.resize import resample
from artgen.ops.samples import to_bytes

__all__ = [
    "LONGEST",
    "Estimate",
    "Frame",
    "Motion",
    "Steady",
    "alike",
    "chained",
    "flow",
    "match_blocks",
    "motion",
    "reliable",
    "search",
    "warp",
]

LONGEST = 640  # px, long side of the frames in which flow is computed
BLOCK, REACH = 7, 2  # px: side of a block, and search radius at each scale
SMALLEST = 24  # px, short side of the coarsest scale
ALIKE = 1e-4  # mean differences this close, a fortieth of an 8-bit step, are equal
DIFFER = 0.25  # difference of colours at which the flow is not reliable at all

Estimate: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Two frames (1, 3, h, w), of at most LONGEST px -> the flow (1, 2, h, w) between them, in px."""


@dataclass(frozen=True)
class Frame:
    """A frame whose motion is wanted.

    Attributes:
        whole: (1, 3, H, W) in [0, 1].
    """

    whole: Tensor

    @cached_property
    def small(self) -> Tensor:
        """The same of at most LONGEST px, in which flow is estimated."""
        height, width = self.whole.shape[-2:]
        share = min(1.0, LONGEST / max(height, width))
        return resample(self.whole, (max(round(height * share), 1), max(round(width * share), 1)))


def search(after: Tensor, before: Tensor, *, coarse: bool = False) -> Tensor:
    """The flow (1, 2, h, w) between frames (1, 3, h, w) in [0, 1], by DIS or matched blocks.

    `coarse` takes a fifth of the time, and is another third of a pixel off.
    """
    first, second = (frame.mean(1, keepdim=True) for frame in (after, before))
    try:
        return _dense_inverse_search(first, second, coarse)
    except ImportError:
        return match_blocks(first, second)


def flow(after: Tensor, before: Tensor, by: Estimate = search) -> Tensor:
    """Displacement (1, 2, H, W) of each pixel of `after` to its place in `before`, in px.

    The channels are pixels to the right and pixels down.

    Args:
        after, before: frames (1, 3, H, W) in [0, 1], of one size.
        by: estimates it, of the frames reduced to LONGEST px.
    """
    return _flow(Frame(after), Frame(before), by)


def _flow(after: Frame, before: Frame, by: Estimate) -> Tensor:
    height, width = after.whole.shape[-2:]
    found = by(after.small, before.small)
    down, across = height / found.shape[-2], width / found.shape[-1]
    scale = found.new_tensor([across, down]).view(1, 2, 1, 1)
    return F.interpolate(found, (height, width), mode="bilinear", align_corners=False) * scale


def _dense_inverse_search(after: Tensor, before: Tensor, coarse: bool) -> Tensor:
    """The flow (1, 2, H, W) between two grey frames (1, 1, H, W) by OpenCV's DIS.

    Raises:
        ImportError: if OpenCV is not installed, or the frames are too small for it.
    """
    import cv2

    if min(after.shape[-2:]) < 2 * SMALLEST:
        raise ImportError("DIS wants larger frames.")
    first, second = (to_bytes(frame)[..., 0] for frame in (after, before))
    preset = cv2.DISOPTICAL_FLOW_PRESET_FAST if coarse else cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
    search = cv2.DISOpticalFlow.create(preset)
    still = np.zeros((*first.shape, 2), np.float32)  # initial flow
    found = torch.from_numpy(search.calc(first, second, still))  # (H, W, 2)
    return found.permute(2, 0, 1)[None].to(after)


@torch.no_grad()
def match_blocks(after: Tensor, before: Tensor) -> Tensor:
    """The flow (1, 2, H, W) between grey frames (1, 1, H, W), by block matching, coarse to fine."""
    sizes = [(after.shape[-2], after.shape[-1])]
    while min(sizes[-1]) >= 2 * SMALLEST:
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    found = after.new_zeros(1, 2, *sizes[-1])
    for size in reversed(sizes):
        scale = size[1] / found.shape[-1]
        found = F.interpolate(found, size, mode="bilinear", align_corners=False) * scale
        found = _matched(resample(after, size), resample(before, size), found)
    return found


def _matched(after: Tensor, before: Tensor, guess: Tensor) -> Tensor:
    """The best of all displacements within REACH px of a guess (1, 2, H, W), smoothed."""
    best, kept = torch.full_like(after, float("inf")), guess
    moves = [(x, y) for y in range(-REACH, REACH + 1) for x in range(-REACH, REACH + 1)]
    for x, y in sorted(moves, key=lambda move: move[0] ** 2 + move[1] ** 2):
        moved = guess + guess.new_tensor([x, y]).view(1, 2, 1, 1)
        apart = _smooth((after - warp(before, moved)).abs())
        better = apart < best - ALIKE  # the shorter displacement where they are equal
        best, kept = torch.where(better, apart, best), torch.where(better, moved, kept)
    return _smooth(kept)


def _smooth(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, BLOCK, 1, BLOCK // 2, count_include_pad=False)


def warp(picture: Tensor, moved: Tensor, mode: str = "bicubic") -> Tensor:
    """A picture (1, C, H, W) warped along a flow (1, 2, H, W) in px: each pixel from where it was.

    Beyond the border the edge pixels repeat. `mode` is that of torch's grid_sample: bilinear takes
    half the time, and is good enough for what is smooth or only compared.
    """
    height, width = moved.shape[-2:]
    limits = moved.new_tensor([width, height]).view(1, 2, 1, 1)
    grid = (2 * (_places(moved) + moved + 0.5) / limits - 1).permute(0, 2, 3, 1).to(picture)
    return F.grid_sample(picture, grid, mode, "border", align_corners=False)


def chained(first: Tensor, then: Tensor) -> Tensor:
    """The flow (1, 2, H, W) along one flow, and from there along another; all in px.

    Args:
        first: from a frame to a second one.
        then: from the second one to a third.
    """
    return first + warp(then, first, "bilinear")


def _places(moved: Tensor) -> Tensor:
    """Coordinates of each pixel, x and y in px: (1, 2, H, W)."""
    height, width = moved.shape[-2:]
    down, across = (torch.arange(length).to(moved) for length in (height, width))
    return torch.stack(torch.meshgrid(across, down, indexing="xy"))[None]


def reliable(after: Tensor, before: Tensor, moved: Tensor, by: Estimate = search) -> Tensor:
    """Reliability of a flow (1, 2, H, W) between frames (1, 3, H, W): (1, 1, H, W) in [0, 1].

    That of `alike`, and 0 where the flow there and back does not end where it began (Sundaram, Brox
    & Keutzer, Dense Point Trajectories, ECCV 2010, eq. 5).

    Args:
        after, before: frames, in [0, 1].
        moved: `flow(after, before, by)`, in px.
        by: as of `flow`.
    """
    return _reliable(Frame(after), Frame(before), moved, by)


def _reliable(after: Frame, before: Frame, moved: Tensor, by: Estimate) -> Tensor:
    quick = partial(search, coarse=True) if by is search else by
    back = warp(_flow(before, after, quick), moved, "bilinear")
    apart = (moved + back).square().sum(1, keepdim=True)
    length = (moved.square() + back.square()).sum(1, keepdim=True)
    closed = apart < 0.01 * length + 0.5
    found = alike(after.whole, before.whole, moved)
    return closed.to(found) * found


def alike(after: Tensor, before: Tensor, moved: Tensor) -> Tensor:
    """How alike the colours at both ends of a flow are: (1, 1, H, W) in [0, 1].

    It is 0 where the flow leads out of the frame.

    Args:
        after, before: frames (1, 3, H, W) in [0, 1].
        moved: `flow(after, before)`, in px.
    """
    height, width = moved.shape[-2:]
    limits = moved.new_tensor([width, height]).view(1, 2, 1, 1)
    inside = (_places(moved) + moved + 0.5) / limits
    inside = ((inside >= 0) & (inside <= 1)).all(1, keepdim=True)
    differ = (after - warp(before, moved, "bilinear")).abs().amax(1, keepdim=True)
    return (1 - differ / DIFFER).clamp(0, 1) * inside


@dataclass(frozen=True)
class Motion:
    """How a frame moved since the one before.

    Attributes:
        flow: (1, 2, H, W) in px, as of `flow`.
        trust: (1, 1, H, W) in [0, 1], as of `reliable`.
    """

    flow: Tensor
    trust: Tensor


def motion(after: Frame, before: Frame, by: Estimate = search) -> Motion:
    """How a frame moved since the one before, of one size; `by` as of `flow`."""
    moved = _flow(after, before, by)
    return Motion(moved, _reliable(after, before, moved, by))


class Steady:
    """Temporal consistency: each painted frame is blended with the last one, warped along the flow.

    Args:
        share: weight of the warped frame where the flow is reliable; 0 for independent frames.
        by: estimates the flow; see `flow`.
    """

    def __init__(self, share: float, by: Estimate = search) -> None:
        self.share, self.by = share, by
        self.frame: Tensor | None = None
        self.painted: Tensor | None = None
        self._trust: Tensor | None = None
        self._moved: Tensor | None = None

    def motion(self, frame: Frame, before: Frame | None) -> Motion | None:
        """How a frame moved since the one before.

        None for the first frame, for one of another size, and where frames are independent.
        """
        if not self.share or before is None or before.whole.shape != frame.whole.shape:
            return None
        return motion(frame, before, self.by)

    def moved(self, motion: Motion | None) -> Tensor | None:
        """The last painted frame (1, 3, H, W) in [0, 1], warped to the next one, if that moved."""
        self._moved = None
        if motion is not None and self.painted is not None:
            self._trust = self.share * motion.trust
            self._moved = warp(self.painted, motion.flow).clamp(0, 1)
        return self._moved

    def __call__(self, frame: Tensor, painted: Tensor, held: Tensor | None = None) -> Tensor:
        """The painted frame blended with what `moved` gave; all (1, 3, H, W) in [0, 1].

        Args:
            frame: the one whose motion `moved` was called with.
            painted: its painting.
            held: (1, 1, H, W) in [0, 1], how far the painting stays as it is; nowhere if None.
        """
        if self._moved is not None and self._trust is not None:
            trust = self._trust if held is None else self._trust * (1 - held)
            painted = torch.lerp(painted, self._moved, trust)
        # As a state that was read from a file has them, whose tensors are contiguous: kernels may
        # round differently for another order in memory.
        self.frame, self.painted = frame.contiguous(), painted.contiguous()
        return painted
