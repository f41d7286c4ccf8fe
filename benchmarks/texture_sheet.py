"""Makes every texture with default settings, as one sheet: the sample beside what came of it.

    python benchmarks/texture_sheet.py --out sheet.png
    python benchmarks/texture_sheet.py --samples DIR --size 384 --out sheet.png --set loss=gram

A brick wall and a knit are drawn here, so that structure has something to get wrong. `seconds`
are those of the whole run. `far` is the mean relative distance of the grey autocorrelation at
16 to 96 px, sample against result: 0 is the same rows and meshes, 1 is none.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime


def _noise(side: int, grain: int, generator: torch.Generator) -> Tensor:
    """Smooth noise (1, 1, side, side) around 0 whose features are about `grain` px."""
    coarse = torch.randn(1, 1, -(-side // grain) + 2, -(-side // grain) + 2, generator=generator)
    return F.interpolate(coarse, (side, side), mode="bicubic")


def bricks(side: int = 320, seed: int = 0) -> Tensor:
    """A brick wall (1, 3, side, side): running bond, mortar, bricks of many reds."""
    random = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    row = y // 32
    shifted = x + (row % 2) * 32 + _noise(side, 40, random)[0, 0].mul(1.5).long()
    column = shifted // 64
    tone = torch.rand(64, 64, generator=random)[row % 64, column % 64]
    edge = torch.minimum(
        torch.minimum(y % 32, 31 - y % 32), torch.minimum(shifted % 64, 63 - shifted % 64)
    ).float()
    mortar = ((2.5 + 0.8 * _noise(side, 6, random)[0, 0] - edge) / 1.2).clamp(0, 1)
    red = torch.stack([0.45 + 0.28 * tone, 0.2 + 0.14 * tone, 0.14 + 0.1 * (1 - tone)])
    light = 1 + 0.06 * _noise(side, 3, random)[0] + 0.08 * _noise(side, 12, random)[0]
    grey = torch.tensor([0.74, 0.72, 0.68]).view(3, 1, 1)
    shade = 1 - 0.25 * ((y % 32) > 27).float()
    return (red * light * shade * (1 - mortar) + grey * light * mortar).clamp(0, 1)[None]


def knit(side: int = 320, seed: int = 0) -> Tensor:
    """A stockinette knit (1, 3, side, side): columns of V-shaped stitches, with fibres."""
    random = torch.Generator().manual_seed(seed)
    y, x = (
        grid.float()
        for grid in torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    )
    x, y = x + _noise(side, 50, random)[0, 0] * 1.5, y + _noise(side, 50, random)[0, 0] * 1.5
    across = (x % 28) / 28 - 0.5  # -0.5 … 0.5 in a column of stitches
    along = (y + 26 * across.abs()) % 20 / 20 - 0.5
    body = (1 - (along / 0.46).square()).clamp(min=0).sqrt()
    arm = (1 - ((across.abs() - 0.26) / 0.25).square()).clamp(min=0).sqrt()
    fibre = torch.sin((along * 20 + across.abs() * 34) * 1.6) * 0.06
    light = 0.25 + 0.75 * body * arm + fibre + 0.03 * _noise(side, 2, random)[0, 0]
    wool = torch.tensor([0.30, 0.52, 0.62]).view(3, 1, 1)
    return (wool * light * 1.35).clamp(0, 1)[None]


DRAWN = {"bricks": bricks, "knit": knit}


def autocorrelation(picture: Tensor) -> Tensor:
    """Of the grey picture, at shifts from 16 to 96 px right and down (2 * 81)."""
    grey = picture.mean(1)[0]
    grey = (grey - grey.mean()) / grey.std()
    right = [(grey[:, s:] * grey[:, :-s]).mean() for s in range(16, 97)]
    down = [(grey[s:] * grey[:-s]).mean() for s in range(16, 97)]
    return torch.stack(right + down)


def far(sample: Tensor, made: Tensor) -> float:
    """How much of the sample's autocorrelation is missed; 1 is all of it."""
    wanted = autocorrelation(sample)
    return float((autocorrelation(made) - wanted).norm() / wanted.norm())


def make(sample: Tensor, changes: dict[str, Any]) -> tuple[Tensor, float]:
    """The picture and the seconds it took."""
    began = time.perf_counter()
    technique = settings_from("texture", changes)
    for event in technique.run({"sample": [sample]}, Runtime()):
        if isinstance(event, Result):
            return event.pictures["picture"], time.perf_counter() - began
    raise AssertionError("a run ends with a result")


def main() -> None:
    """Reads the command line, makes the textures, writes the sheet, prints the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=Path, help="a folder of pictures, beside those drawn")
    parser.add_argument("--only", default="", help="names, with commas")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    changes: dict[str, Any] = {"size": str(given.size)}
    for pair in given.set:
        name, _, text = pair.partition("=")
        try:
            changes[name] = json.loads(text)
        except json.JSONDecodeError:
            changes[name] = text
    samples = {name: draw() for name, draw in DRAWN.items()}
    for path in sorted(given.samples.iterdir()) if given.samples else []:
        samples[path.stem] = images.load(path).picture
    rows = []
    for name, sample in samples.items():
        if given.only and name not in given.only.split(","):
            continue
        made, seconds = make(sample, changes)
        print(f"{name:12} {seconds:6.1f} s  far {far(sample, made):.2f}", flush=True)
        cells = [
            F.pad(one, (0, given.size - one.shape[3], 0, given.size - one.shape[2]), value=1.0)
            for one in (sample[..., : given.size, : given.size], made)
        ]
        rows.append(torch.cat(cells, 3))
        images.save(torch.cat(rows, 2), given.out)


if __name__ == "__main__":
    main()
