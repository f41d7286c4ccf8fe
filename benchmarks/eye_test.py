"""The eye test: the same photo, painting, seed and settings with several networks, side by side.

    python benchmarks/eye_test.py --net slim@1 --net slim --net vgg16=FILE --docs
    python benchmarks/eye_test.py --net slim --net squeezenet=FILE --net published=FILE --judge DIR

Styles, textures and dreams of our own examples and styles, at the sizes and settings that a user
gets by default. Every picture lies in out/eye-test before the next one is begun, and what lies
there is not made again. For the eye there is a sheet for each technique, with a column for each
network; `--docs` writes them into docs/. With `--judge`, a folder with VGG-19 to conv3_1 and
SqueezeNet, the painted pictures are scored as quality.py does it, by VGG-19 alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import published  # noqa: F401 -- a network more
from machine import machine
from quality import Judge, Score, middle
from texture_sheet import DRAWN
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.figures.sheet import Cell, sheet
from artgen.ops.resize import fit, resize
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

ROOT = Path(__file__).parents[1]
PAINTED = (
    ("portrait", "starry"),
    ("town", "wave"),
)
SAMPLES = ("bricks", "knit", "mosaic", "starry")
DREAMT = ("cat", "frog", "duck", "town")
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "style": {},
    "texture": {"size": "256x256"},
    "dream": {},
}
SAMPLE, CELL = 224, 400  # long sides: of a sample, and of what sheets show


@dataclass(frozen=True)
class Row:
    """What is made with each network: a technique, and the names of its inputs' pictures."""

    technique: str
    given: tuple[str, ...]

    @property
    def name(self) -> str:
        """As in the names of files."""
        return "-".join((self.technique, *self.given))

    def inputs(self) -> Mapping[str, Sequence[Tensor]]:
        """The pictures, each (1, 3, H, W)."""
        if self.technique == "texture":
            return {"sample": [_sample(self.given[0])]}
        roles = ("content", "style")
        return {
            role: [images.load(_file(name)).picture]
            for role, name in zip(roles, self.given, strict=False)
        }

    def seen(self) -> Cell:
        """What its row begins with: the painting, the sample or the photo."""
        ((*_, picture),) = list(self.inputs().values())[-1:]
        size = (picture.shape[-2], picture.shape[-1])
        shown = resize(picture, fit(size, CELL)) if max(size) > CELL else picture
        return Cell("given", self.given[-1], shown)


def _file(name: str) -> Path:
    """An example or a style."""
    example = ROOT / "examples" / f"{name}.jpg"
    return example if example.exists() else ROOT / "styles" / f"{name}.jpg"


def _sample(name: str) -> Tensor:
    if name in DRAWN:
        return DRAWN[name](SAMPLE)
    picture = images.load(_file(name)).picture
    return resize(picture, fit((picture.shape[-2], picture.shape[-1]), SAMPLE))


def rows() -> list[Row]:
    """All that is compared, in the order of the sheets."""
    return [
        *(Row("texture", (sample,)) for sample in SAMPLES),
        *(Row("dream", (photo,)) for photo in DREAMT),
        *(Row("style", pair) for pair in PAINTED),
    ]


def make(row: Row, net: str, weights: str, runtime: Runtime) -> Tensor:
    """One picture."""
    changes = {**SETTINGS[row.technique], "net": net, "weights": weights}
    for event in settings_from(row.technique, changes).run(row.inputs(), runtime):
        if isinstance(event, Result):
            return event.pictures["picture"].cpu()
    raise AssertionError("a run ends with a result")


def _cell(path: Path, label: str) -> Cell:
    return Cell(path.stem, label, images.thumbnail(path, CELL))


def compared(made: Path, nets: Sequence[str], folder: Path, ending: str) -> None:
    """A sheet for each technique: what it begins with, and a column for each network."""
    groups: dict[str, list[Row]] = {}
    for row in rows():
        groups.setdefault(row.technique, []).append(row)
    for name, group in groups.items():
        cells = []
        for row in group:
            cells.append(row.seen())
            cells += [_cell(made / f"{row.name}-{net}.png", net) for net in nets]
        page = sheet(cells, columns=len(nets) + 1, background="light")
        images.save(page, folder / f"eye-test-{name}{ending}", quality=85)


def scored(made: Path, nets: Sequence[str], judge: Judge) -> None:
    """Prints style distance, content similarity and grain of every painted picture."""
    found: dict[str, list[Score]] = {net: [] for net in nets}
    for row in rows():
        if row.technique != "style":
            continue
        photo, painting = (images.load(_file(name)).picture for name in row.given)
        for net in nets:
            picture = images.load(made / f"{row.name}-{net}.png").picture
            found[net].append(judge.score(picture, photo, painting, squeezenet=False))
        line = "  ".join(f"{net} {_numbers(found[net][-1])}" for net in nets)
        print(f"{row.name:26} {line}", flush=True)
    for net in nets:
        print(f"{net:12} mean {_numbers(middle(found[net]))}")


def _numbers(score: Score) -> str:
    return f"style {score.style:.3f} content {score.content:.3f} grain {score.grain:.2f}"


def main() -> None:
    """Makes what is not there yet, a line for each, and then the sheets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--net", action="append", required=True, metavar="NAME[=FILE]")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "eye-test")
    parser.add_argument("--judge", type=Path, metavar="DIR")
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    nets = dict((one + "=").split("=")[:2] for one in options.net)
    options.out.mkdir(parents=True, exist_ok=True)
    runtime, seconds = Runtime(), dict[str, list[float]]()
    print(machine(), flush=True)
    for row in rows():
        for net, weights in nets.items():
            path = options.out / f"{row.name}-{net}.png"
            if not path.exists():
                began = time.perf_counter()
                images.save(make(row, net, weights, runtime), path)
                seconds.setdefault(net, []).append(time.perf_counter() - began)
                print(f"{path.stem:40} {seconds[net][-1]:6.1f} s", flush=True)
    for net, took in seconds.items():
        print(f"{net:12} median {statistics.median(took):.1f} s a picture")
    compared(options.out, list(nets), options.out, ".png")
    if options.docs:
        compared(options.out, list(nets), ROOT / "docs", ".jpg")
    if options.judge:
        scored(options.out, list(nets), Judge(options.judge))


if __name__ == "__main__":
    sys.exit(main())
