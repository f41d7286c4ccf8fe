"""Painted key frames of a film: where each belongs, and what of it is painted.

A key is given as `0=a.png`, by the number of its frame, from 0; as `2.5s=b.png`, by its time; or as
`c.png`, and then its frame is the one that a network finds most like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images, video
from artgen.core.events import Note
from artgen.errors import UsageError
from artgen.images import Loaded
from artgen.ops.resize import fit, resize
from artgen.runtime import Runtime
from artgen.techniques.common.masks import checked_mask, covering

__all__ = ["KeyFrame", "Place", "place_of", "read_keys", "typical_frames"]

LOOKED, SIDE = 200, 256  # frames that a key is compared with first; their long side in px
LIKE = 0.2  # likeness that a key has to have: of the wrong film it is below 0.1, else above 0.4
ROUNDING = 1e-6  # seconds
MOST, ADDED = 3, 0.1  # keys that are proposed at most; likeness that a further one has to add
PAINTED = 2 / 255  # of a transparent layer: less than this is not painted


@dataclass(frozen=True)
class Place:
    """A key's file, and where its frame is said to be: by number, by time, or nowhere."""

    path: str
    index: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class KeyFrame:
    """A frame with its painting.

    Attributes:
        index: the frame's number, from 0.
        frame: (1, 3, H, W) in [0, 1].
        painted: (1, 3, H, W), the painting where there is any, and else the frame.
        files: the painting's file, and its mask's.
        share: (1, 1, H, W) in [0, 1], how far each pixel is painted; None for wholly.
    """

    index: int
    frame: Tensor
    painted: Tensor
    files: Sequence[images.Loaded]
    share: Tensor | None = None


def place_of(text: str) -> Place:
    """What a `--key` says."""
    found = re.fullmatch(r"(\d{1,9})(\.\d{1,9})?(s?)=(.+)", text, re.ASCII)
    if not found or Path(text).exists():
        return Place(text)
    whole, part, seconds, path = found.groups()
    if seconds or part:
        return Place(path, seconds=float(whole + (part or "")))
    return Place(path, index=int(whole))


def read_keys(
    clip: video.Clip, keys: Sequence[str], masks: Sequence[str], runtime: Runtime, net: str
) -> Iterator[KeyFrame | Note]:
    """Each key with its frame; and sentences that the user should read.

    Args:
        clip: the film.
        keys: files, each with its place or without.
        masks: files, one for each key, or none: what is white is painted.
        runtime, net: device, and the network that finds the frames of keys without a place.

    Raises:
        UsageError: for a key of other proportions, beyond the end, of no frame of the film, or
            nowhere painted; for two of the same frame; for another number of masks.
        PictureError: for a file that cannot be read.
    """
    if len(masks) not in (0, len(keys)):
        raise UsageError(
            f"There are {len(keys)} keys and {len(masks)} masks.",
            "Give --mask once for each --key, in the same order, or not at all.",
        )
    places = [place_of(text) for text in keys]
    loaded = [images.load(place.path, reads="layer") for place in places]
    pictures = [_over(one, clip) for one in loaded]
    looks = _Looks(clip, runtime, net)
    indices: list[int] = []
    for place, picture in zip(places, pictures, strict=True):
        index = _said(place, clip)
        if index is None:
            index, likeness = looks.find(picture)
            if likeness < LIKE:
                raise UsageError(
                    f"{place.path} resembles no frame of {clip.path.name}.",
                    f"Say which frame it is, as in --key 0={place.path}, or --key 2.5s=….",
                )
            at = f"{clip.timing.seconds(index):.2f} s"
            yield Note(f"{place.path} is most like frame {index}, at {at}.")
        if index in indices:
            raise UsageError(
                f"{place.path} and {places[indices.index(index)].path} are both of frame {index}.",
                "Give each its own place.",
            )
        indices.append(index)
    for number, index in enumerate(indices):
        frame = next(video.frames(clip, index))
        mask = images.load(masks[number], reads="mask") if masks else None
        painted = _covered(loaded[number], mask, clip)
        if painted is not None:
            share = float(painted.mean())
            yield Note(f"{places[number].path} is painted in {share:.0%} of the frame.")
            made = torch.lerp(frame, pictures[number], painted)
        else:
            made = pictures[number]
        files = [one for one in (loaded[number], mask) if one]
        yield KeyFrame(index, frame, made, files, painted)


def typical_frames(clip: video.Clip, runtime: Runtime, net: str) -> list[int]:
    """Numbers of the frames, at most MOST, that are together most like all frames of a film.

    The first is the one most like all others; each further one is that which adds most, as long as
    it adds ADDED to the mean likeness of a frame to the key that is most like it.
    """
    looks = _Looks(clip, runtime, net)
    rows = torch.stack([one.flatten() for one in looks.all()]).float()  # (frames, positions * C)
    alike = rows @ rows.T / len(looks.all()[0])
    best, chosen = torch.zeros(len(rows)), list[int]()
    while len(chosen) < MOST:
        gains = torch.maximum(alike, best).mean(1) - best.mean()
        number = int(gains.argmax())
        if chosen and float(gains[number]) < ADDED:
            break
        chosen.append(number)
        best = torch.maximum(alike[number], best)
    return sorted(number * looks.step for number in chosen)


def _said(place: Place, clip: video.Clip) -> int | None:
    """The number of the frame that a key's place says.

    Raises:
        UsageError: if it is beyond the film's end.
    """
    index, ends = place.index, clip.timing.seconds(clip.count)
    if place.seconds is not None:
        if place.seconds < ends:
            starts = map(clip.timing.seconds, range(clip.count))
            return sum(start <= place.seconds + ROUNDING for start in starts) - 1
        index = clip.count
    if index is not None and index >= clip.count:
        where = f"{place.seconds:g} s" if place.seconds is not None else f"frame {index}"
        raise UsageError(
            f"{place.path} is said to be at {where}, and {clip.path.name} ends before that.",
            f"It has {clip.count} frames, from 0 on, in {ends:.2f} s.",
        )
    return index


def _over(loaded: Loaded, clip: video.Clip) -> Tensor:
    """A key (1, 3, H, W), resized to the film.

    Raises:
        UsageError: if its proportions differ.
    """
    name = str(loaded.path)
    return covering(loaded.picture, clip.size, f"--key {name}", f"the film {clip.path.name}")


def _covered(loaded: Loaded, masked: Loaded | None, clip: video.Clip) -> Tensor | None:
    """Where a key is painted, (1, 1, H, W) in [0, 1], by its mask and transparency; None for all.

    Raises:
        UsageError: if that is nowhere.
    """
    found: Tensor | None = None
    if loaded.alpha is not None:
        found = resize(loaded.alpha, clip.size).clamp(0, 1)
        if float(found.max()) < PAINTED:
            raise UsageError(
                f"{loaded.path} is transparent everywhere: nothing of it is painted.",
                "Export the layer that has the painting.",
            )
    if masked is not None:
        mask = checked_mask(masked.picture, "--mask", str(masked.path))
        mask = covering(mask, clip.size, f"--mask {masked.path}", f"the film {clip.path.name}")
        found = mask if found is None else found * mask
    return found


class _Looks:
    """Features of a film's frames, to find those that are most like a picture.

    Features are compared position by position, as the cosine of standardised channels, which
    leaves what is where and forgets colours.
    """

    def __init__(self, clip: video.Clip, runtime: Runtime, net: str) -> None:
        self.clip, self.runtime = clip, runtime
        self.extractor = runtime.extractor(net)
        self.step = max(-(-clip.count // LOOKED), 1)
        self.looks: list[Tensor] = []

    def find(self, picture: Tensor) -> tuple[int, float]:
        """The number of the frame most like a picture (1, 3, H, W), and the likeness, up to 1."""
        wanted = self._look(picture)
        likeness, number = max((_alike(wanted, one), -n) for n, one in enumerate(self.all()))
        index = -number * self.step
        if self.step > 1:  # those between
            begin = max(index - self.step + 1, 0)
            near = islice(video.frames(self.clip, begin), 2 * self.step - 1)
            found = ((_alike(wanted, self._look(one)), -n) for n, one in enumerate(near, begin))
            likeness, number = max(found)
            index = -number
        return index, likeness

    def all(self) -> list[Tensor]:
        """The features of every `step`-th frame."""
        if not self.looks:
            every = islice(video.frames(self.clip), 0, None, self.step)
            self.looks = [self._look(frame) for frame in every]
        return self.looks

    @torch.no_grad()
    def _look(self, picture: Tensor) -> Tensor:
        """(positions, C), each of length 1, in half precision: a long film has many."""
        size = fit((picture.shape[-2], picture.shape[-1]), SIDE)
        layer = next(iter(self.extractor.role("content").layers))
        least = self.extractor.smallest(layer)
        seen = resize(picture, (max(size[0], least), max(size[1], least)))
        features = self.extractor(seen.to(self.runtime.torch_device), [layer])[layer]
        rows = features[0].flatten(1).T.float()
        rows = (rows - rows.mean(0)) / (rows.std(0, correction=0) + 1e-3)
        return F.normalize(rows, dim=1).half().cpu()


def _alike(one: Tensor, other: Tensor) -> float:
    return float((one.float() * other.float()).sum(1).mean())
