"""Measures how much a dreamt film flickers, and how strong its dream is.

    python benchmarks/flicker.py CLIP
    python benchmarks/flicker.py CLIP --size 192 --frames 24 --steady 50,70,90 --set layer=block4

`flicker` is the mean absolute difference of a frame from the one before it, moved along the optical
flow, over that of the film it comes from; the flow is the film's own. `strength` is the mean
activation of the layers that are dreamt of. Both are given over those of dreams frame by frame
(`--steady 0`), too. The first frames, in which a dream builds up, do not count.
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch
from machine import machine
from style_sheet import _value
from torch import Tensor

from artgen import video
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


def shot(clip: video.Clip, count: int, changes: dict[str, Any], runtime: Runtime) -> list[Tensor]:
    """The first frames of a film, dreamt on."""
    settings = settings_from("dream", changes)
    steps = (e for e in films.shoot(settings, {}, clip, runtime) if isinstance(e, Step))
    return [step.picture() for step in islice(steps, count)]


def main() -> None:
    """Prints a line for each `--steady`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--steady", default="70", help="values, with commas")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    changes = {name: _value(text) for name, _, text in (x.partition("=") for x in given.set)}
    changes["size"] = given.size
    print(machine())
    clip, runtime = video.probe(given.clip), Runtime()
    extractor = runtime.extractor(changes.get("net", "slim"))
    named = changes.get("layer")
    layers = tuple(weighted(named, "--layer") if named else extractor.role("dream").layers)
    own: list[Tensor] = []
    base = (0.0, 0.0)
    for steady in (0.0, *map(float, given.steady.split(","))):
        began = time.perf_counter()
        frames = shot(clip, given.frames, {**changes, "steady": steady}, runtime)
        took = time.perf_counter() - began
        if not own:
            size = (frames[0].shape[-2], frames[0].shape[-1])
            films_own = islice(video.frames(clip), len(frames))
            own = [resize(frame, size) for frame in films_own][LEFT_OUT:]
            motions = [flow(after, before) for before, after in pairwise(own)]
            still = difference(own, motions)
        frames = frames[LEFT_OUT:]
        flicker = difference(frames, motions) / still
        with torch.no_grad():
            seen = [extractor(frame, layers) for frame in frames]
        strength = statistics.mean(float(one[x].mean()) for one in seen for x in layers)
        base = base if base[0] else (flicker, strength)
        print(
            f"steady {steady:3.0f}  flicker {flicker:5.2f} ({flicker / base[0]:.2f})  "
            f"strength {strength:.3f} ({strength / base[1]:.2f})  {took:6.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
