"""Makes docs/fast.jpg, an example in every style of the shipped painter, and docs/ways.jpg.

python scripts/fast.py

The latter has a row for each style: the painting, and an example optimised for it, painted by the
network that was trained for it, and painted by the one that takes any picture for a style. The
optimised ones take minutes and are made in out/fast first; what is there is taken.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from artgen import api, images
from artgen.fast import inference
from artgen.figures.sheet import Cell, sheet
from artgen.ops.resize import resize
from artgen.runs.gallery import shipped_styles
from artgen.runtime import Runtime

ROOT = Path(__file__).resolve().parents[1]
OUT, DOCS = ROOT / "out" / "fast", ROOT / "docs"
PHOTOS = tuple(ROOT / "examples" / f"{name}.jpg" for name in ("town", "duck", "frog"))
SIDE, SHOWN = 256, 184  # long side at which a picture is made, and shown


def main() -> None:
    """Paints and writes the sheets."""
    OUT.mkdir(parents=True, exist_ok=True)
    painter = Runtime().painter().painter
    photo = images.load(PHOTOS[0]).picture
    images.save(inference.sheet(painter, photo, side=360), DOCS / "fast.jpg", quality=75)
    cells = []
    for number, (name, path) in enumerate(shipped_styles().items()):
        cells += _ways(name, path, PHOTOS[number % len(PHOTOS)])
    images.save(sheet(cells, columns=4, background="light"), DOCS / "ways.jpg", quality=64)
    print("docs/fast.jpg docs/ways.jpg")


def _ways(name: str, style: Path, photo: Path) -> list[Cell]:
    """The painting, and the photo in its style in three ways."""
    made = OUT / f"{name}.png"
    if not made.exists():
        api.function("style")(photo, style, size=SIDE, iterations=150).save(made)
    fast = api.function("fast_apply")
    pictures = {
        name: images.load(style).picture,
        "optimised": images.load(made).picture,
        "trained": fast(photo, name, size=SIDE).tensor,
        "any picture": fast(photo, style, size=SIDE).tensor,
    }
    height = round(SHOWN * 680 / 960)
    return [Cell(label, label, _shown(picture, height)) for label, picture in pictures.items()]


def _shown(picture: Tensor, height: int) -> Tensor:
    """As high as the others in its row."""
    width = round(picture.shape[-1] * height / picture.shape[-2])
    return resize(picture, (height, width))


if __name__ == "__main__":
    main()
