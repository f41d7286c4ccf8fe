"""Makes the sheets of docs/enlarge.md from examples/ and styles/: crops, one pixel a pixel.

python scripts/enlarge.py

docs/enlarge-photos.jpg and docs/enlarge-paintings.jpg have pictures that were reduced four times by
Lanczos, enlarged again in several ways, and the original; docs/enlarge-manner.jpg has a painted
picture enlarged in its painting's manner, and one painted at that size, which takes long: they are
kept in out/enlarge, and what is there is taken.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from artgen import api, images
from artgen.figures.sheet import Cell, sheet

ROOT = Path(__file__).resolve().parents[1]
OUT, DOCS = ROOT / "out" / "enlarge", ROOT / "docs"
TIMES, SIDE = 4, 200  # of the reduction; px, side of a crop
DETAILS = (0, 70, 100)
# Names, and where a crop begins: left and top, in px.
PHOTOS = {"town": (380, 240), "cat": (420, 350), "duck": (640, 80), "frog": (500, 180)}
PAINTINGS = {"starry": (300, 180), "wave": (380, 160), "engraving": (300, 200), "dots": (360, 240)}
SMALL, LARGE, ITERATIONS = 256, 768, 250  # px; of the pictures painted for the third sheet
MANNER = {"starry": ((200, 100), (440, 240))}


def main() -> None:
    """Makes and writes the sheets."""
    OUT.mkdir(parents=True, exist_ok=True)
    for kind, names, folder in (
        ("photos", PHOTOS, "examples"),
        ("paintings", PAINTINGS, "styles"),
    ):
        cells = []
        for name, place in names.items():
            cells += _ways(name, _read(ROOT / folder / f"{name}.jpg"), place)
        _write(cells, len(DETAILS) + 3, f"enlarge-{kind}.jpg")
    cells = []
    for name, places in MANNER.items():
        cells += _manner(name, places)
    _write(cells, 5, "enlarge-manner.jpg")


def _ways(name: str, large: Image.Image, place: tuple[int, int]) -> list[Cell]:
    """A picture reduced, enlarged again in several ways, and as it was."""
    small = large.resize((large.width // TIMES, large.height // TIMES), Image.Resampling.LANCZOS)
    found = {
        "reduced": small.resize(large.size, Image.Resampling.NEAREST),
        "Lanczos": small.resize(large.size, Image.Resampling.LANCZOS),
    }
    shown = {key: _tensor(one) for key, one in found.items()}
    for detail in DETAILS:
        made = api.function("enlarge")(_tensor(small), times=float(TIMES), detail=float(detail))
        shown[f"--detail {detail}"] = made.tensor
    shown["original"] = _tensor(large)
    return _crops(name, shown, place)


def _manner(style: str, places: Sequence[tuple[int, int]]) -> list[Cell]:
    """The town painted small and enlarged in three ways, and painted at that size."""
    photo = ROOT / "examples" / "town.jpg"
    small = OUT / f"{style}-{SMALL}.png"
    _made(small, "style", photo, style, size=SMALL, iterations=ITERATIONS)
    plain = _read(small)
    size = (LARGE, round(plain.height * LARGE / plain.width))
    shown = {
        "Lanczos": _tensor(plain.resize(size, Image.Resampling.LANCZOS)),
        "--detail 0": _enlarged(small, f"{style}-0.png", detail=0.0),
        "--detail 100": _enlarged(small, f"{style}-100.png", detail=100.0),
        "--style own": _enlarged(small, f"{style}-own.png", style="own"),
    }
    whole = OUT / f"{style}-{LARGE}.png"
    _made(whole, "style", photo, style, size=LARGE, iterations=ITERATIONS)
    shown["painted at this size"] = images.load(whole).picture
    return [cell for place in places for cell in _crops(style, shown, place)]


def _enlarged(small: Path, name: str, **settings: object) -> Tensor:
    _made(OUT / name, "enlarge", small, size=LARGE, **settings)
    return images.load(OUT / name).picture


def _made(path: Path, technique: str, *pictures: object, **settings: object) -> None:
    """Makes a picture that is not there yet."""
    if path.exists():
        return
    began = time.process_time()
    api.function(technique)(*pictures, **settings).save(path)
    print(f"{path.name}: {time.process_time() - began:.0f} s of processor time", flush=True)


def _crops(name: str, shown: Mapping[str, Tensor], place: tuple[int, int]) -> list[Cell]:
    left, top = place
    return [
        Cell(f"{name}-{number}", label, one[..., top : top + SIDE, left : left + SIDE])
        for number, (label, one) in enumerate(shown.items())
    ]


def _read(path: Path) -> Image.Image:
    picture = Image.open(path).convert("RGB")
    return picture.crop((0, 0, picture.width // TIMES * TIMES, picture.height // TIMES * TIMES))


def _tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def _write(cells: list[Cell], columns: int, name: str) -> None:
    made = sheet(cells, columns=columns, background="light")
    images.save(made, DOCS / name, quality=84)
    print(f"docs/{name}", flush=True)


if __name__ == "__main__":
    main()
