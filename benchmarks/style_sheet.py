"""Paints every photo in every style, as one sheet, with grain and seconds in numbers.

    python benchmarks/style_sheet.py --out sheet.jpg
    python benchmarks/style_sheet.py --out sheet.jpg --set size=320 --set iterations=200
    python benchmarks/style_sheet.py --contents DIR --styles DIR --out sheet.jpg --set tv_weight=20

Grain is the mean of |x - its 3 x 3 median| over the standard deviation, grey, at 384 px, over the
painting's own: 1 is as grainy as the painting, less is smoother.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.ops.resize import fit, resize
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

CELL = 320


def grain(picture: Tensor) -> float:
    """Mean |x - 3 x 3 median| over the standard deviation of a picture (1, 3, H, W), at 384 px."""
    small = resize(picture, fit((picture.shape[-2], picture.shape[-1]), 384))
    grey = small.mean(1, keepdim=True)
    padded = F.pad(grey, (1, 1, 1, 1), mode="replicate")
    patches = F.unfold(padded, 3).view(1, 9, *grey.shape[-2:])
    return float((grey[:, 0] - patches.median(1).values).abs().mean() / grey.std())


def paint(photo: Tensor, painting: Tensor, changes: dict[str, Any], runtime: Runtime) -> Tensor:
    """The picture of one run with default settings, but for the changes."""
    technique = settings_from("style", changes)
    for event in technique.run({"content": [photo], "style": [painting]}, runtime):
        if isinstance(event, Result):
            return event.pictures["picture"]
    raise AssertionError("a run ends with a result")


def _cell(picture: Tensor) -> Tensor:
    """The picture in the middle of a white square."""
    height, width = fit((picture.shape[-2], picture.shape[-1]), CELL - 8)
    top, left = (CELL - height) // 2, (CELL - width) // 2
    small = resize(picture.cpu(), (height, width))
    return F.pad(small, (left, CELL - width - left, top, CELL - height - top), value=1.0)


def sheet(rows: list[list[Tensor]]) -> Tensor:
    """Pictures as one: rows of cells."""
    return torch.cat([torch.cat([_cell(cell) for cell in row], dim=3) for row in rows], dim=2)


def _files(folder: Path, names: str) -> list[Path]:
    kinds = {".jpg", ".jpeg", ".png"}
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in kinds)
    wanted = names.split(",") if names else [path.stem for path in found]
    return [path for name in wanted for path in found if path.stem == name]


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def main() -> None:
    """Prints a line for each pair, the medians, and saves the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contents", type=Path, default=Path("examples"))
    parser.add_argument("--styles", type=Path, default=Path("styles"))
    parser.add_argument("--only-contents", default="", help="names, with commas")
    parser.add_argument("--only-styles", default="", help="names, with commas")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=Path, help="a folder for the single pictures")
    parser.add_argument("--set", action="append", default=[], help="setting=value")
    options = parser.parse_args()
    changes = {key: _value(value) for key, _, value in (x.partition("=") for x in options.set)}
    runtime = Runtime()
    photos = {
        p.stem: images.load(p).picture for p in _files(options.contents, options.only_contents)
    }
    styles = {p.stem: images.load(p).picture for p in _files(options.styles, options.only_styles)}
    rows, grains, seconds = [[torch.ones(1, 3, CELL, CELL), *styles.values()]], [], []
    for name, photo in photos.items():
        row = [photo]
        for style, painting in styles.items():
            began = time.monotonic()
            row.append(paint(photo, painting, changes, runtime))
            seconds.append(time.monotonic() - began)
            grains.append(grain(row[-1].cpu()) / grain(painting))
            print(f"{name:16} {style:16} grain {grains[-1]:.2f}  {seconds[-1]:.1f} s", flush=True)
            if options.each:
                options.each.mkdir(parents=True, exist_ok=True)
                images.save(row[-1].cpu(), options.each / f"{name}-{style}.png")
        rows.append(row)
        images.save(sheet(rows), options.out, quality=76)
    print(f"median grain {statistics.median(grains):.2f}, seconds {statistics.median(seconds):.1f}")


if __name__ == "__main__":
    main()
