"""Makes docs/gallery/presets.jpg: every preset that ships, on one of the example pictures.

python scripts/gallery.py            each is made in out/gallery first; what is there is taken
python scripts/gallery.py fever      only these; the sheet has them and what is there
"""

from __future__ import annotations

import sys
from pathlib import Path

from torch import Tensor

from artgen import api, images
from artgen.figures.sheet import Cell, sheet
from artgen.runs.presets import Preset
from artgen.techniques import technique

ROOT = Path(__file__).resolve().parents[1]
OUT, SHEET = ROOT / "out" / "gallery", ROOT / "docs" / "gallery" / "presets.jpg"
SIDE, SHOWN = 256, 208  # long side at which a preset is made, and shown

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
    return api.function(preset.technique)(*pictures, **{**preset.settings, "size": size})


def _cell(path: Path) -> Cell:
    picture = images.thumbnail(OUT / f"{path.stem}.png", SHOWN)
    return Cell(path.stem, path.stem, picture)


if __name__ == "__main__":
    sys.exit(main())
