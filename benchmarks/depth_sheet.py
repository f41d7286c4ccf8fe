"""Makes docs/depths.jpg: a piece of a shipped style, and textures of it by one to five layers.

python benchmarks/depth_sheet.py --out docs/depths.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from texture_sheet import make

from artgen import images
from artgen.figures.sheet import Cell, sheet
from artgen.ops.resize import resize

STYLE = Path(__file__).parents[1] / "styles" / "mosaic.jpg"
PIECE = slice(300, 620)
SIDE, SHOWN = 224, 176


def main() -> None:
    """Reads the command line and makes the sheet, a picture at a time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    sample = resize(images.load(STYLE).picture[..., PIECE, PIECE], (SIDE, SIDE))
    cells = [Cell("sample", f"styles/{STYLE.name}, a piece", sample[..., :SHOWN, :SHOWN])]
    for depth in range(1, 6):
        made, _ = make(sample, {"size": str(SHOWN), "depth": depth, "iterations": 100})
        cells.append(Cell(f"depth-{depth}", f"--depth {depth}", made))
    images.save(sheet(cells, title="How much of a texture is kept", columns=3), given.out)


if __name__ == "__main__":
    main()
