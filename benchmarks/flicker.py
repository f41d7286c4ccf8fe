"""Measures how much a film flickers that is made frame by frame, and how strong its dream is.

    python benchmarks/flicker.py CLIP
    python benchmarks/flicker.py CLIP --size 192 --frames 24 --steady 50,70,90 --set layer=block4
    python benchmarks/flicker.py CLIP --paint starry,wave,painting.jpg

`flicker` is the mean absolute difference of a frame from the one before it, moved along the optical
flow, over that of the film it comes from; the flow is the film's own. `strength` is the mean
activation of the layers that are dreamt of. Both are given over those of films frame by frame
(`--steady 0`), too. The first frames, in which a dream builds up, do not count. With `--paint` the
film is painted in one pass, in each of the styles.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch
from machine import machine
from style_sheet import _value
from torch import Tensor

from artgen import images, video
from artgen.core.events import Step
from artgen.core.parsing import weighted
from artgen.ops.optical_flow import flow, warp
from artgen.ops.resize import resize
from artgen.runs import films
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

LEFT_OUT = 4  # frames


def difference(frames: list[Tensor], motions: list[Tensor]) -> float:
    """How far frames are, on average, from those before them, moved along."""
    pairs = zip(pairwise(frames), motions, strict=True)
    return statistics.mean(
        float((after - warp(before, moved)).abs().mean()) for (before, after), moved in pairs
    )


@dataclass(frozen=True)
class Shot:
    """The first frames of a film, for one technique after the other."""

    clip: video.Clip
    count: int
    runtime: Runtime

    def frames(
        self, technique: str, changes: Mapping[str, Any], style: Sequence[Tensor] = ()
    ) -> list[Tensor]:
        """The frames that a technique makes of them, but for the first."""
        settings, given = settings_from(technique, changes), {"style": style} if style else {}
        events = films.shoot(settings, given, self.clip, self.runtime)
        steps = (one for one in events if isinstance(one, Step))
        return [step.picture() for step in islice(steps, self.count)][LEFT_OUT:]

    def own(self, size: tuple[int, int]) -> list[Tensor]:
        """The film's own frames, at a size (H, W)."""
        every = islice(video.frames(self.clip), self.count)
        return [resize(frame, size) for frame in every][LEFT_OUT:]


def flickering(shot: Shot, technique: str, changes: dict[str, Any], steadies: list[float]) -> None:
    """Prints a line for each value of `--steady`, the first of which is 0."""
    own, base = list[Tensor](), (0.0, 0.0)
    style = str(changes.get("style", ""))
    pictures = [images.load(style).picture] if Path(style).is_file() else []
    for steady in steadies:
        began = time.perf_counter()
        frames = shot.frames(technique, {**changes, "steady": steady}, pictures)
        took = time.perf_counter() - began
        if not own:
            own = shot.own((frames[0].shape[-2], frames[0].shape[-1]))
            motions = [flow(after, before) for before, after in pairwise(own)]
            still = difference(own, motions)
        found = difference(frames, motions) / still, strength(shot, technique, changes, frames)
        base = base if base[0] else found
        said = f"strength {found[1]:.3f} ({found[1] / base[1]:.2f})  " if base[1] else ""
        print(
            f"{Path(style).stem:12} steady {steady:3.0f}  "
            f"flicker {found[0]:5.2f} ({found[0] / base[0]:.2f})  {said}{took:6.1f} s",
            flush=True,
        )


@torch.no_grad()
def strength(shot: Shot, technique: str, changes: dict[str, Any], frames: list[Tensor]) -> float:
    """Mean activation of the layers that are dreamt of; 0 for a film that is no dream."""
    if technique != "dream":
        return 0.0
    extractor = shot.runtime.extractor(changes.get("net", "slim"))
    named = changes.get("layer")
    layers = tuple(weighted(named, "--layer") if named else extractor.role("dream").layers)
    seen = [extractor(frame, layers) for frame in frames]
    return statistics.mean(float(one[x].mean()) for one in seen for x in layers)


def main() -> None:
    """Prints a line for each `--steady`, of each style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--steady", default="70", help="values, with commas")
    parser.add_argument("--paint", default="", help="styles, with commas")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    changes = {name: _value(text) for name, _, text in (x.partition("=") for x in given.set)}
    changes["size"] = given.size
    print(machine())
    shot = Shot(video.probe(given.clip), given.frames, Runtime())
    steadies = [0.0, *map(float, given.steady.split(","))]
    if not given.paint:
        flickering(shot, "dream", changes, steadies)
    for style in filter(None, given.paint.split(",")):
        flickering(shot, "fast_apply", {**changes, "style": style}, steadies)


if __name__ == "__main__":
    main()
