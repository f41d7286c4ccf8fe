"""Makes docs/dreams.jpg: the frog through every block of slim, and other dreams beside it.

python scripts/dreams.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import artgen
from artgen import images
from artgen.figures.sheet import Cell, sheet

ROOT = Path(__file__).resolve().parents[1]
SHEET = ROOT / "docs" / "dreams.jpg"
SIDE, COLUMNS = 352, 3

NOISE = {"init": "noise", "layer": "block4", "iterations": 25, "step": 0.006}
DREAMS: list[tuple[str, str, dict[str, Any]]] = [
    *((f"block{n}", "frog", {"layer": f"block{n}"}) for n in range(1, 6)),
    ("town, block5", "town", {"layer": "block5"}),
    ("mountain, block5", "mountain", {"layer": "block5"}),
    ("noise, block4", "frog", NOISE),
]


def main() -> int:
    frog = images.thumbnail(ROOT / "examples" / "frog.jpg", SIDE)
    cells = [Cell("frog", "the frog", frog)]
    for number, (label, photo, settings) in enumerate(DREAMS):
        print(label, flush=True)
        picture = artgen.dream(ROOT / "examples" / f"{photo}.jpg", size=SIDE, **settings)
        cells.append(Cell(f"dream-{number}", label, picture.tensor))
    images.save(sheet(cells, columns=COLUMNS, background="light"), SHEET, quality=85)
    print(SHEET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
