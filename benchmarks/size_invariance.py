"""Does a small draft predict the large picture? One recipe at several sizes, and how far apart.

python benchmarks/size_invariance.py --sizes 256,512,1024
python benchmarks/size_invariance.py photo.jpg painting.jpg --sizes 256,2048 --out sheet.jpg

Every picture is reduced to the smallest size, where its style distance to the painting is compared
with that of the picture made at that size: 1.00 in the column `to draft` means that the look did
not change. `moved` is the mean difference of the two pictures, from black to white 1.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from torch import Tensor

from artgen import api, images
from artgen.figures.sheet import Cell, sheet
from artgen.losses.style import style_moments, style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.networks.zoo import all_networks
from artgen.ops.resize import fit, resize

ROOT = Path(__file__).resolve().parents[1]
PAIRS = (("frog", "starry"), ("town", "wave"), ("portrait", "engraving"))


@torch.no_grad()
def style_distance(extractor: FeatureExtractor, picture: Tensor, painting: Tensor) -> float:
    """Of a picture to a painting that is made as long as it."""
    layers = extractor.role("style").layers
    size = fit((painting.shape[-2], painting.shape[-1]), max(picture.shape[-2:]))
    targets = style_moments(extractor, [resize(painting, size)], [1.0], tuple(layers))
    term = style_term(targets, layers, "moments", 1.0)
    features = extractor(picture, layers)
    return float(term.loss(term.statistics(features, whole(features))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", metavar="PHOTO PAINTING")
    parser.add_argument("--sizes", default="256,512")
    parser.add_argument("--net", default="slim")
    parser.add_argument("--iterations", type=int, default=250)
    parser.add_argument("--strength", type=float, default=50.0)
    parser.add_argument("--out", type=Path, help="a sheet of the pictures")
    asked = parser.parse_args()
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    pairs = list(zip(asked.pictures[::2], asked.pictures[1::2], strict=True)) or [
        (str(ROOT / "examples" / f"{photo}.jpg"), str(ROOT / "styles" / f"{style}.jpg"))
        for photo, style in PAIRS
    ]
    extractor = FeatureExtractor(all_networks().get(asked.net))
    print(f"{'pair':28} {'size':>5} {'seconds':>8} {'at 256':>8} {'to draft':>8} {'moved':>6}")
    cells: list[Cell | None] = []
    for photo, style in pairs:
        painting, draft, first = images.load(style).picture, None, 0.0
        for size in sizes:
            began = time.perf_counter()
            made = api.function("style")(
                photo,
                style,
                size=size,
                net=asked.net,
                iterations=asked.iterations,
                strength=asked.strength,
            )
            took = time.perf_counter() - began
            draft = made if draft is None else draft
            small = resize(made, (draft.shape[-2], draft.shape[-1]))
            found = style_distance(extractor, small, painting)
            first = first or found
            pair = f"{Path(photo).stem} {Path(style).stem}"
            moved = float((small - draft).abs().mean())
            print(
                f"{pair:28} {size:5} {took:8.1f} {found:8.4f} {found / first:8.2f} {moved:6.3f}",
                flush=True,
            )
            cells.append(Cell(f"{pair} {size}", f"{size}: {found / first:.2f}", small))
    if asked.out:
        images.save(sheet(cells, columns=len(sizes)), asked.out)


if __name__ == "__main__":
    main()
