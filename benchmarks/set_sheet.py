"""Makes docs/sets.jpg: tileable textures, the maps derived from them, in light, and from afar.

    python benchmarks/set_sheet.py --out docs/sets.jpg
    python benchmarks/set_sheet.py --samples DIR

A piece of a shipped style, whose joints are dark, and a drawn wall, whose mortar is light. Of a
folder of samples the strongest repetition in a tile of each is printed, beside the most that the
measure finds, in four copies of a quarter of the sample, and what it finds by chance, in one half.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from depth_sheet import PIECE, SIDE, STYLE
from texture_sheet import bricks
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.figures.sheet import Cell, sheet
from artgen.ops.color import from_light, to_light
from artgen.ops.repetition import strongest_repetition
from artgen.ops.resize import resize
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

SHOWN = 256
LAMP = (-0.55, 0.55, 0.63)  # where the light comes from: the upper left
AROUND = 0.25  # share of the light that comes from everywhere


def made(sample: Tensor, **changes: Any) -> Result:
    """A tileable texture of a sample (1, 3, h, w), with its maps and its proof."""
    asked = {"size": str(SHOWN), "tileable": True, "derive": True, "proof": 3}
    *_, result = settings_from("texture", asked | changes).run({"sample": [sample]}, Runtime())
    assert isinstance(result, Result)
    return result


def lit(picture: Tensor, normal: Tensor) -> Tensor:
    """The texture (1, 3, H, W) as a matt surface with these normals, in the light of one lamp."""
    toward = torch.tensor(LAMP).view(1, 3, 1, 1)
    facing = ((2 * normal - 1) * toward).sum(1, keepdim=True).clamp(min=0) / LAMP[2]
    return from_light((to_light(picture) * (AROUND + (1 - AROUND) * facing)).clamp(0, 1))


def row(name: str, sample: Tensor, result: Result) -> list[Cell]:
    """The cells of one texture."""
    found = {key: one[:, :3] for key, one in result.pictures.items()}
    shown = {
        "sample": (name, sample[..., :SHOWN, :SHOWN]),
        "picture": ("texture", found["picture"]),
        "height": ("NAME-height", found["height"].expand(1, 3, -1, -1)),
        "normal": ("NAME-normal", found["normal"]),
        "lit": ("in the light of a lamp", lit(found["picture"], found["normal"])),
        "distance": ("NAME-distance", found["distance"]),
    }
    return [Cell(key, title, one) for key, (title, one) in shown.items()]


def main() -> None:
    """Reads the command line, and makes a sheet, or measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="the sheet")
    parser.add_argument("--samples", type=Path, help="a folder of samples to measure")
    given = parser.parse_args()
    for path in sorted(given.samples.iterdir()) if given.samples else []:
        sample = images.load(path).picture
        found = made(sample).measured["repetition"]
        most, least = copies(sample), chance(sample)
        print(f"{path.stem}: {found:.3f}, at most {most:.3f}, by chance {least:.3f}", flush=True)
    if given.out:
        draw(given.out)


def copies(sample: Tensor) -> float:
    """The strongest repetition in four copies of a sample's first quarter."""
    quarter = sample[..., : sample.shape[-2] // 2, : sample.shape[-1] // 2]
    return strongest_repetition(quarter.repeat(1, 1, 2, 2), [sample], wraps=True).strength


def chance(sample: Tensor) -> float:
    """What the measure finds where nothing is there twice: one half beyond the other's own."""
    left, right = sample.tensor_split(2, 3)
    return strongest_repetition(left, [right], wraps=False).strength


def draw(out: Path) -> None:
    """Makes the sheet, and prints what was measured."""
    piece = resize(images.load(STYLE).picture[..., PIECE, PIECE], (SIDE, SIDE))
    cells = []
    for name, sample, deep in (
        (f"styles/{STYLE.name}, a piece", piece, "dark"),
        ("a drawn wall, --deep light", bricks(), "light"),
    ):
        result = made(sample, deep=deep)
        print(f"{name}: repetition {result.measured['repetition']:.3f}", flush=True)
        cells += row(name, sample, result)
    images.save(sheet(cells, title="Maps derived from a texture", columns=6), out)


if __name__ == "__main__":
    main()
