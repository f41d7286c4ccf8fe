"""Painted keys, propagated along the optical flow to the frames near them.

Where a frame shows what a key shows, the key itself is moved there (as in Jamriska et al.,
Stylizing Video by Example, SIGGRAPH 2019), and only the rest is left to a network: strokes keep to
the things that they are painted on. Flow over seconds is chained from waypoints, frames a third of
a second apart, each with its flow to every key that it shows; a frame needs only the flow to the
waypoint nearest to it, or half-way between two of them to both, so that nothing jumps where the one
gives way to the other. So no frame depends on another one that was painted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import video
from artgen.fast.keys import Pair
from artgen.ops.arrays import TINY
from artgen.ops.optical_flow import (
    LONGEST,
    Estimate,
    alike,
    chained,
    flow,
    reliable,
    search,
    warp,
)
from artgen.ops.resize import fit, resize
from artgen.runs.key_frames import KeyFrame

__all__ = ["Propagation", "Route", "Waypoint"]

APART, REACH = 1 / 3, 10.0  # seconds: between waypoints; from a key to the farthest of them
ENOUGH = 0.25  # share of a frame that has to show a key for the chain to go on
WORST, BEST = 0.25, 0.6  # reliability from which a pixel begins to count, and counts whole
CELL, AROUND = 4, 5  # px, and cells each way: a pixel is known as its neighbourhood is,
MOST = 0.9  # whole if this share of it is
FLAT, SEEN = 9, 0.15  # px, and the contrast within them from which motion is seen
FADE = 0.5  # share of the way from a waypoint to the next in which routes change
NEARER, LEAST = 4, 1e-4  # power of the distance by which the nearer of two keys prevails; a share
LEARNT, TRUSTED = 2.0, 0.5  # seconds from a key, and how far a pixel is known, to learn from it


class Route(NamedTuple):
    """From a frame to a key.

    Attributes:
        motion: (1, 2, h, w), displacement of each pixel to its place in the key's frame, in px.
        trust: (1, 1, h, w) in [0, 1], how reliable that is.
    """

    motion: Tensor
    trust: Tensor


class Seen(NamedTuple):
    """How a frame sees a key.

    Attributes:
        motion: as of a Route.
        known: (1, 1, h, w) in [0, 1], how far each pixel is put where it shows the same.
    """

    motion: Tensor
    known: Tensor

    @classmethod
    def by(cls, route: Route) -> Seen:
        """By one route."""
        return cls(route.motion, _known(route.trust))


@dataclass(frozen=True)
class Waypoint:
    """A frame, and its routes to the keys that it shows.

    Attributes:
        index: the frame's number, from 0.
        seen: (1, 3, h, w), the frame in bytes, at most LONGEST px long.
        routes: number of a key -> route.
    """

    index: int
    seen: Tensor
    routes: dict[int, Route]

    @property
    def frame(self) -> Tensor:
        """The frame (1, 3, h, w) in [0, 1]."""
        return self.seen.float() / 255


class Propagation:
    """The keys of a film, moved to any of its frames.

    Args:
        clip: the film.
        keys: its painted frames.
        by: estimates the flow.
    """

    def __init__(self, clip: video.Clip, keys: Sequence[KeyFrame], by: Estimate = search) -> None:
        self.clip, self.keys, self.by = clip, keys, by
        self.size = fit(clip.size, min(LONGEST, max(clip.size)))
        self.step = max(round(APART * float(clip.rate)), 1)
        self.waypoints = list(self._found())

    def __call__(self, index: int, frame: Tensor, painted: Tensor) -> tuple[Tensor, Tensor | None]:
        """A painted frame with the keys where it shows them, and how far it does.

        Args:
            index: the frame's number, from 0.
            frame, painted: (1, 3, H, W) in [0, 1].

        Returns:
            (1, 3, H, W), and (1, 1, H, W) in [0, 1]; None for nowhere.
        """
        near = self._near(index)
        if not near:
            return painted, None
        small = resize(frame.cpu(), self.size)
        seen = _faded([(self._routes(index, small, one), share) for one, share in near])
        moved, known = self._mixed(index, seen, frame.to(painted), painted)
        return torch.lerp(painted, moved, known), known

    def _near(self, index: int) -> list[tuple[Waypoint, float]]:
        """The waypoints whose routes a frame takes, one or two, and their shares."""
        near = [one for one in self.waypoints if abs(one.index - index) <= self.step]
        before = [one for one in near if one.index <= index][-1:]
        after = [one for one in near if one.index >= index][:1]
        if not before or not after or before[0] is after[0]:
            return [(one, 1.0) for one in before or after]
        way = (index - before[0].index) / (after[0].index - before[0].index)
        share = min(max((way - 0.5) / FADE + 0.5, 0.0), 1.0)
        found = ((before[0], 1 - share), (after[0], share))
        return [(one, part) for one, part in found if part]

    def _routes(self, index: int, small: Tensor, near: Waypoint) -> dict[int, Route]:
        """A frame's routes to the keys by way of a waypoint; the frame is of the flow's size."""
        if near.index == index:
            return near.routes
        motion = flow(small, near.frame, self.by)  # so small that alike colours are enough
        return _joined(Route(motion, alike(small, near.frame, motion)), near.routes)

    def _mixed(
        self, index: int, seen: Mapping[int, Seen], frame: Tensor, painted: Tensor
    ) -> tuple[Tensor, Tensor]:
        """All keys that a frame sees, moved to it, and how far it is known; like `painted`.

        Where a key is not painted, the frame stays as it is.
        """
        found = []
        for number, place in seen.items():
            key = self.keys[number]
            moved, known = (one.to(painted) for one in _moved(key.painted, place, painted))
            if key.share is not None and frame.shape == painted.shape:
                touched, _ = _moved((key.share > 0).float(), place, painted)
                moved = torch.lerp(frame, moved, touched.to(painted))
            found.append((moved, known, (1 + abs(key.index - index) / self.step) ** -NEARER))
        if len(found) == 1:
            return found[0][:2]
        moved, known = (torch.cat(one) for one in list(zip(*found, strict=True))[:2])
        weights = known.new_tensor([weight for *_, weight in found]).view(-1, 1, 1, 1)
        shares = weights * (known + LEAST)
        mixed = (shares * moved).sum(0, keepdim=True) / shares.sum(0, keepdim=True)
        return mixed, known.amax(0, keepdim=True)

    def beside(self) -> Iterator[Pair]:
        """Waypoints near a key, with that key moved there: further frames to learn from."""
        taken = {key.index for key in self.keys}
        wanted = {one.index: one.routes for one in self.waypoints if one.index not in taken}
        far = LEARNT * float(self.clip.rate)
        for index, frame in self._frames(sorted(wanted)):
            for number, route in wanted[index].items():
                if abs(self.keys[number].index - index) <= far:
                    moved, there = _moved(self.keys[number].painted, Seen.by(route), frame)
                    yield Pair.of(frame, moved, there > TRUSTED)

    def _found(self) -> list[Waypoint]:
        """All waypoints: the chains that begin at each key, forward and back."""
        reach = REACH * float(self.clip.rate)
        taken = {key.index for key in self.keys}
        grid = {*range(0, self.clip.count, self.step), *taken}
        wanted = sorted(n for n in grid if min(abs(n - key) for key in taken) <= reach)
        found = {
            n: Waypoint(n, (255 * resize(frame, self.size)).round().byte(), {})
            for n, frame in self._frames(wanted)
        }
        for number, key in enumerate(self.keys):
            here = [n for n in found if abs(n - key.index) <= reach]
            for far in (
                [n for n in here if n > key.index],
                [n for n in reversed(here) if n < key.index],
            ):
                self._chain(number, [found[n] for n in (key.index, *far)])
        return [one for one in found.values() if one.routes]

    def _chain(self, number: int, along: Sequence[Waypoint]) -> None:
        """Add routes to a key, from its own frame on, as long as the key is seen."""
        first, *rest = along
        still = torch.zeros(1, 2, *self.size)
        route, before = Route(still, still[:, :1] + 1), first.frame
        first.routes[number] = route
        for one in rest:
            after = one.frame
            (route,) = _joined(_route(after, before, self.by), {number: route}).values()
            if float(_known(route.trust).mean()) < ENOUGH:
                return
            one.routes[number], before = route, after

    def _frames(self, indices: Sequence[int]) -> Iterator[tuple[int, Tensor]]:
        """These frames of the film, in order."""
        if indices:
            begin, stop = indices[0], indices[-1] + 1
            wanted = set(indices)
            frames = islice(video.frames(self.clip, begin), stop - begin)
            yield from (one for one in enumerate(frames, begin) if one[0] in wanted)


def _route(after: Tensor, before: Tensor, by: Estimate) -> Route:
    """From one frame (1, 3, h, w) to another.

    Where a frame is flat, as a sky is, motion cannot be seen, and is that of what is around.
    """
    motion = flow(after, before, by)
    trust = reliable(after, before, motion, by)
    around = _spread(motion, trust)
    grey = F.pad(after.mean(1, keepdim=True), (FLAT // 2,) * 4, mode="replicate")
    contrast = F.max_pool2d(grey, FLAT, 1) + F.max_pool2d(-grey, FLAT, 1)
    flat = (1 - contrast / SEEN).clamp(0, 1)
    believed = flat * alike(after, before, around)
    return Route(torch.where(believed > trust, around, motion), torch.maximum(trust, believed))


def _spread(motion: Tensor, trust: Tensor) -> Tensor:
    """A motion (1, 2, h, w) by the nearest that is trusted, (1, 1, h, w), from fine to coarse.

    Gortler, Grzeszczuk, Szeliski & Cohen, The Lumigraph, SIGGRAPH 1996, section 3.4 (pull-push).
    """
    levels = [torch.cat([motion * trust, trust], 1)]
    while min(levels[-1].shape[-2:]) > 1:
        levels.append(F.avg_pool2d(levels[-1], 2, ceil_mode=True))
    found = motion.new_zeros(1, 2, 1, 1)
    for level in reversed(levels):
        size = (level.shape[-2], level.shape[-1])
        coarse = F.interpolate(found, size, mode="bilinear", align_corners=False)
        share = level[:, 2:]
        found = torch.lerp(coarse, level[:, :2] / (share + TINY), share)
    return found


def _joined(first: Route, routes: Mapping[int, Route]) -> dict[int, Route]:
    """Routes that begin with another one."""
    return {
        number: Route(
            chained(first.motion, route.motion),
            torch.minimum(first.trust, warp(route.trust, first.motion, "bilinear")),
        )
        for number, route in routes.items()
    }


def _faded(found: Sequence[tuple[Mapping[int, Route], float]]) -> dict[int, Seen]:
    """How a frame sees each key by way of one or two waypoints, by their shares."""
    parts: dict[int, list[tuple[Seen, float]]] = {}
    for routes, share in found:
        for number, route in routes.items():
            parts.setdefault(number, []).append((Seen.by(route), share))
    faded = {}
    for number, several in parts.items():
        weights = torch.cat([share * (one.known + LEAST) for one, share in several])
        motions = torch.cat([one.motion for one, _ in several])
        motion = (weights * motions).sum(0, keepdim=True) / weights.sum(0, keepdim=True)
        known = torch.cat([share * one.known for one, share in several])
        faded[number] = Seen(motion, known.sum(0, keepdim=True))
    return faded


def _known(trust: Tensor) -> Tensor:
    """How far each pixel is known, (1, 1, h, w) in [0, 1], by what is reliable around it."""
    counts = ((trust - WORST) / (BEST - WORST)).clamp(0, 1)
    size = (trust.shape[-2], trust.shape[-1])
    cells = F.avg_pool2d(counts, CELL, ceil_mode=True)
    share = F.avg_pool2d(cells, AROUND, 1, AROUND // 2, count_include_pad=False)
    known = ((share - 1 + MOST) / (2 * MOST - 1)).clamp(0, 1)
    return F.interpolate(known, size, mode="bilinear", align_corners=False)


def _moved(key: Tensor, seen: Seen, picture: Tensor) -> tuple[Tensor, Tensor]:
    """A key (1, 3, H, W), moved to a picture of that size, and how far it is known there."""
    size = (picture.shape[-2], picture.shape[-1])
    small = (seen.motion.shape[-2], seen.motion.shape[-1])
    motion, known = seen
    if size != small:
        scale = motion.new_tensor([size[1] / small[1], size[0] / small[0]]).view(1, 2, 1, 1)
        motion, known = (
            F.interpolate(one, size, mode="bilinear", align_corners=False)
            for one in (motion * scale, known)
        )
    return warp(key, motion).clamp(0, 1), known
