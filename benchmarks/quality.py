"""Judges stylised pictures by networks that did not make them: style, content and grain.

    python benchmarks/quality.py --weights DIR
    python benchmarks/quality.py --weights DIR --way gram=style:style_loss=gram
    python benchmarks/quality.py --weights DIR --way fast=fast_apply: --strengths 40,70,100
    python benchmarks/quality.py --weights DIR --way published=style:net=published,weights=FILE
    python benchmarks/quality.py --weights DIR --way long=style:iterations=750 --strengths 50

`--weights` is a folder with the judges: VGG-19 as far as conv3_1 and SqueezeNet 1.1, as
training/slim's teachers; with VGG-16 among them, also strokes, cover, shape and edge (strokes.py).
Style distance: the mean over VGG-19's relu1_1, 2_1, 3_1 and SqueezeNet's
7 and 10 of |G(picture) - G(painting)| / |G(photo) - G(painting)|: 1 is the photo untouched, 0 the
painting. Content similarity: the cosine of SqueezeNet's centred features 7 of picture and photo.
Grain as in style_sheet.py. Every way paints every pair at every strength; ways are compared at the
content similarity that the first way has at the default strength, interpolated (so with two
strengths or more), and strength by strength. A way that paints with SqueezeNet is judged without
it. With `--kept FILE` a run that was cut short goes on, and more ways or pairs can be added to it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any, TypeAlias

import published  # noqa: F401 -- a network more
from machine import machine
from style_sheet import _files, _value, grain
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.ops.resize import fit, resize
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "training" / "slim"))
from strokes import StrokesJudge  # noqa: E402
from teachers import Teachers  # noqa: E402

STYLE = ("vgg19/relu1_1", "vgg19/relu2_1", "vgg19/relu3_1", "squeezenet/7", "squeezenet/10")
CONTENT = "squeezenet/7"
DEFAULT_STRENGTH = 50.0  # of `artgen style`: its content similarity is what ways are compared at
LEAST = 2  # judges of style, whatever a way has painted with


@dataclass(frozen=True)
class Way:
    """A name, a technique, and what is not at its default."""

    name: str
    technique: str
    changes: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> Way:
        """Reads `name=technique:key=value,key=value`."""
        name, _, rest = text.partition("=")
        technique, _, changes = rest.partition(":")
        pairs = (pair.partition("=") for pair in changes.split(",") if pair)
        return cls(name, technique or "style", {key: _value(value) for key, _, value in pairs})


@dataclass(frozen=True)
class Score:
    """Of one picture: see above for what the numbers mean; and the seconds it took."""

    style: float
    content: float
    grain: float
    strokes: float = math.nan
    cover: float = math.nan
    shape: float = math.nan
    edge: float = math.nan
    seconds: float = 0.0

    def __str__(self) -> str:
        return "  ".join(f"{name} {value:.3f}" for name, value in asdict(self).items())


def gram(features: Tensor) -> Tensor:
    """(C, C), the mean product of the features of a map (1, C, H, W)."""
    rows = features[0].flatten(1)
    return rows @ rows.T / rows.shape[1]


Scores: TypeAlias = Mapping[tuple[str, float], Sequence[Score]]
"""Of each way at each strength, pair by pair."""


class Judge:
    """Scores pictures against a photo and a painting, all seen at the picture's size."""

    def __init__(self, weights: Path) -> None:
        self.teachers = Teachers(weights)
        there = (weights / "vgg16.safetensors").exists()
        self.strokes = StrokesJudge(weights) if there else None

    def look(self, picture: Tensor, size: tuple[int, int]) -> Mapping[str, Tensor]:
        """The judges' activations of a picture at another size."""
        return self.teachers(resize(picture, size))

    def score(self, picture: Tensor, photo: Tensor, painting: Tensor, *, squeezenet: bool) -> Score:
        """One picture's score; `squeezenet` says whether it may judge style."""
        size = (picture.shape[-2], picture.shape[-1])
        style_size = fit((painting.shape[-2], painting.shape[-1]), max(size))
        made, before = self.look(picture, size), self.look(photo, size)
        wanted = self.look(painting, style_size)
        shares = []
        for layer in STYLE:
            if layer.startswith("squeezenet") and not squeezenet:
                continue
            goal = gram(wanted[layer])
            apart, untouched = ((gram(x[layer]) - goal).norm() for x in (made, before))
            shares.append(float(apart / untouched))
        assert len(shares) >= LEAST
        one, two = (x[CONTENT] - x[CONTENT].mean((2, 3), keepdim=True) for x in (made, before))
        content = float((one * two).sum() / (one.norm() * two.norm()))
        found = Score(statistics.mean(shares), content, grain(picture) / grain(painting))
        if self.strokes is None:
            return found
        return replace(found, **asdict(self.strokes.score(picture, photo, painting)))


def paint(
    way: Way, strength: float, photo: Tensor, painting: Path, size: int, runtime: Runtime
) -> Tensor:
    """One picture; a trained network has the painting by name, all else as an input."""
    changes = {"size": size, "strength": strength, **way.changes}
    inputs = {"content": [photo]}
    if way.technique == "fast_apply":
        changes.setdefault("style", painting.stem)
    if way.technique != "fast_apply" or changes["style"] != painting.stem:
        inputs["style"] = [images.load(painting).picture]
    for event in settings_from(way.technique, changes).run(inputs, runtime):
        if isinstance(event, Result):
            return event.pictures["picture"]
    raise AssertionError("a run ends with a result")


def at(content: float, scores: Sequence[Score]) -> float | None:
    """The style distance at a content similarity, between the two strengths nearest to it.

    None for a way that never has that much content, or always more.
    """
    points = sorted((score.content, score.style) for score in scores)
    for (low, below), (high, above) in pairwise(points):
        if low <= content <= high:
            return below + (above - below) * (content - low) / max(high - low, 1e-9)
    return None


def middle(scores: Sequence[Score], of: Callable[[list[float]], float] = statistics.mean) -> Score:
    """The mean, or another middle, of several pictures' scores."""
    rows = [tuple(asdict(score).values()) for score in scores]
    return Score(*(of(list(column)) for column in zip(*rows, strict=True)))


def pairs(photos: Sequence[Path], paintings: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """All of them, in an order in which the first few have each photo and painting as often."""
    for turn in range(len(paintings)):
        for place, photo in enumerate(photos):
            yield photo, paintings[(place + turn) % len(paintings)]


class Kept:
    """Scores by what they are of: a line of JSON each, in a file if there is one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path and path.exists() else []
        self.known = {key: Score(**score) for key, score in map(json.loads, lines)}

    def get(self, key: str) -> Score | None:
        """None if it is not known yet."""
        return self.known.get(key)

    def add(self, key: str, score: Score) -> None:
        """Keeps it at once."""
        self.known[key] = score
        if self.path:
            with self.path.open("a") as file:
                file.write(json.dumps([key, asdict(score)]) + "\n")


class Studio:
    """Paints and judges, or remembers; with a folder, the pictures are kept in it."""

    def __init__(
        self, judge: Judge, runtime: Runtime, size: int, kept: Kept, out: Path | None = None
    ) -> None:
        self.judge, self.runtime, self.size, self.kept, self.out = judge, runtime, size, kept, out

    def score(self, way: Way, strength: float, photo: Path, painting: Path) -> Score:
        """Of one way with one pair."""
        key = f"{way.technique} {sorted(way.changes.items())} {strength:g} {self.size} "
        key += f"{photo.stem} {painting.stem}"
        known = self.kept.get(key)
        if known is None:
            picture, wanted = images.load(photo).picture, images.load(painting).picture
            began = time.perf_counter()
            made = paint(way, strength, picture, painting, self.size, self.runtime).cpu()
            took = time.perf_counter() - began
            if self.out:
                self.out.mkdir(parents=True, exist_ok=True)
                name = f"{photo.stem}-{painting.stem}-{way.name}-{strength:g}.png"
                images.save(made, self.out / name)
            alone = way.changes.get("net") == "squeezenet"
            known = self.judge.score(made, picture, wanted, squeezenet=not alone)
            known = replace(known, seconds=took)
            self.kept.add(key, known)
        return known


def report(
    ways: Sequence[Way],
    strengths: Sequence[float],
    found: Scores,
    bounds: Mapping[str, float],
) -> None:
    """Means, medians and ranges of each way at each strength, and the ways against the first.

    Of each of the `bounds`, a score's name and the most it may be, also how many keep it.
    """
    means: dict[str, list[Score]] = {}
    for way in ways:
        for strength in strengths:
            scores, first = found[way.name, strength], found[ways[0].name, strength]
            mean = middle(scores)
            means.setdefault(way.name, []).append(mean)
            shares = [one.style / other.style for one, other in zip(scores, first, strict=True)]
            print(
                f"{way.name:12} strength {strength:5.0f}  style {mean.style:.3f}  content "
                f"{mean.content:.3f}  grain {mean.grain:.2f}  {mean.seconds:6.1f} s a picture  "
                f"style over {ways[0].name}'s {statistics.mean(shares):.3f} "
                f"({min(shares):.2f} to {max(shares):.2f})"
            )
            print(f"{'':12} medians: {middle(scores, statistics.median)}")
            for of in (min, max):
                print(f"{'':12} {of.__name__:>7}: {middle(scores, of)}")
            for name, most in bounds.items():
                count = sum(getattr(score, name) <= most for score in scores)
                print(f"{'':12} {name} at most {most:g}: {count} of {len(scores)}")
    if len(strengths) < 2:
        return
    nearest = min(range(len(strengths)), key=lambda i: abs(strengths[i] - DEFAULT_STRENGTH))
    reference = means[ways[0].name][nearest]
    print(f"At content similarity {reference.content:.3f}:")
    for name, scores in means.items():
        style = at(reference.content, scores)
        if style is None:
            print(f"{name:12} does not come there")
        else:
            print(f"{name:12} style {style:.3f}, {style / reference.style:.2f} times as far")


def main() -> None:
    """Prints a line for each picture as it is judged, and then the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--photos", type=Path, default=ROOT / "examples")
    parser.add_argument("--paintings", type=Path, default=ROOT / "styles")
    parser.add_argument("--photo-names", default="")
    parser.add_argument("--painting-names", default="")
    parser.add_argument("--way", action="append", default=[], help="name=technique:key=value,…")
    parser.add_argument("--set", action="append", default=[], help="setting=value, for every way")
    parser.add_argument("--strengths", default="25,50,75")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--most", type=int, help="so many pairs; all if not given")
    parser.add_argument(
        "--bound", action="append", default=[], help="score=most: how many pictures keep it"
    )
    parser.add_argument("--kept", type=Path, help="a file of scores to go on from")
    parser.add_argument("--out", type=Path, help="a folder for the pictures")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    shared = ",".join(options.set)
    asked = dict.fromkeys(["default=style:", *options.way])  # default is there, said or not
    ways = [Way.parse(text + "," + shared) for text in asked]
    strengths = [float(text) for text in options.strengths.split(",")]
    engines = Judge(options.weights), Runtime(options.device)
    studio = Studio(*engines, options.size, Kept(options.kept), options.out)
    print(machine())
    photos = _files(options.photos, options.photo_names)
    paintings = _files(options.paintings, options.painting_names)
    found: dict[tuple[str, float], list[Score]] = {}
    for photo, painting in [*pairs(photos, paintings)][: options.most]:
        for way, strength in product(ways, strengths):
            score = studio.score(way, strength, photo, painting)
            found.setdefault((way.name, strength), []).append(score)
            print(
                f"{photo.stem:16} {painting.stem:16} {way.name:12} {strength:5.0f}  {score}",
                flush=True,
            )
    bounds = {name: float(most) for name, _, most in (one.partition("=") for one in options.bound)}
    report(ways, strengths, found, bounds)


if __name__ == "__main__":
    main()
