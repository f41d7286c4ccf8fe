"""Makes docs/gallery.jpg, examples in shipped styles, and docs/gallery/presets.jpg, every preset.

python scripts/gallery.py            each is made in out/gallery first; what is there is taken
python scripts/gallery.py fever      only these presets; the sheet has them and what is there
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from artgen import api, images
from artgen.figures.sheet import Cell, sheet
from artgen.ops.resize import resize
from artgen.runs.presets import Preset
from artgen.techniques import technique

ROOT = Path(__file__).resolve().parents[1]
OUT, SHEET = ROOT / "out" / "gallery", ROOT / "docs" / "gallery" / "presets.jpg"
SIDE, SHOWN = 256, 208  # long side at which a preset is made, and shown

PAINTED, WIDE = ROOT / "docs" / "gallery.jpg", 1840
ROWS = (  # of about one height, if each has a portrait and three landscapes
    ("mountain-starry", "cat-engraving", "frog-glass", "duck-mosaic"),
    ("town-watercolour", "mountain-wave", "portrait-cubist", "frog-ink"),
    ("cat-dots", "duck-watercolour", "town-starry", "portrait-wave"),
)
PHOTOS = {
    "aquarelle": "cat",
    "etching": "duck",
    "facets": "portrait",
    "fever": "mountain",
    "filigree": "cat",
    "floor-mosaic": "frog",
    "impasto": "duck",
    "moonlight": "town",
    "night-sky": "mountain",
    "pointillist": "duck",
    "seamless": "mosaic",
    "stained-glass": "cat",
    "storm": "duck",
    "woodblock": "portrait",
}


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    SHEET.parent.mkdir(exist_ok=True)
    wanted = set(sys.argv[1:])
    if not wanted:
        rows = [_row([_painted(name) for name in row]) for row in ROWS]
        images.save(torch.cat(rows, 2), PAINTED, quality=84)
        print(PAINTED)
    files = sorted((ROOT / "styles").glob("*.toml"))
    for path in files:
        photo, made = _photo(path.stem), OUT / f"{path.stem}.png"
        if path.stem in wanted or (not wanted and not made.exists()):
            print(path.stem, photo.stem, flush=True)
            images.save(_made(Preset.read(path), photo), made)
    cells = [_cell(path) for path in files if (OUT / f"{path.stem}.png").exists()]
    images.save(sheet(cells, columns=6, background="light"), SHEET, quality=80)
    print(SHEET)
    return 0


def _painted(name: str) -> Tensor:
    """An example in a style, 512 px long, with default settings."""
    made = OUT / f"{name}.png"
    if not made.exists():
        print(name, flush=True)
        photo, style = name.split("-")
        files = ROOT / "examples" / f"{photo}.jpg", ROOT / "styles" / f"{style}.jpg"
        api.function("style")(*files).save(made)
    return images.load(made).picture


def _row(pictures: Sequence[Tensor]) -> Tensor:
    """Pictures (1, 3, h, w) side by side, resized to one height and WIDE px together."""
    shapes = [picture.shape[-1] / picture.shape[-2] for picture in pictures]
    height, right, cells = round(WIDE / sum(shapes)), 0.0, []
    for picture, shape in zip(pictures, shapes, strict=True):
        left, right = right, right + WIDE * shape / sum(shapes)
        cells.append(resize(picture, (height, round(right) - round(left))))
    return torch.cat(cells, 3)


def _photo(preset: str) -> Path:
    """The example that it is shown on; a texture is made more of a style picture."""
    name = PHOTOS.get(preset, "frog")
    folder = "styles" if preset == "seamless" else "examples"
    return ROOT / folder / f"{name}.jpg"


def _made(preset: Preset, photo: Path) -> Tensor:
    kind = technique(preset.technique)
    given = [preset.pictures.get(one.name, [photo]) for one in kind.inputs]
    pictures = [many if one.many else many[0] for one, many in zip(kind.inputs, given, strict=True)]
    size = str(SIDE // 2) if preset.technique == "texture" else SIDE
    return api.function(preset.technique)(*pictures, **{**preset.settings, "size": size}).tensor


def _cell(path: Path) -> Cell:
    picture = images.thumbnail(OUT / f"{path.stem}.png", SHOWN)
    return Cell(path.stem, path.stem, picture)


if __name__ == "__main__":
    sys.exit(main())
