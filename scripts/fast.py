"""Makes docs/fast.jpg: an example picture as it is, and in every style of the shipped painter.

python scripts/fast.py
"""

from __future__ import annotations

from pathlib import Path

from artgen import images, painting
from artgen.runtime import Runtime

ROOT = Path(__file__).resolve().parents[1]
PHOTO, SHEET = ROOT / "examples" / "town.jpg", ROOT / "docs" / "fast.jpg"


def main() -> None:
    """Paints and writes the sheet."""
    painter = Runtime().painter(None)
    photo = images.load(PHOTO).picture
    images.save(painting.sheet(painter, photo, side=360), SHEET, quality=75)
    print(SHEET.relative_to(ROOT))


if __name__ == "__main__":
    main()
