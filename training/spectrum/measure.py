"""The mean amplitude spectrum of photos, in decorrelated colours: `data/photo_spectrum.json`.

    python training/spectrum/measure.py PICTURES... --out src/artgen/data/photo_spectrum.json

The middle square of every photo is reduced to 256 px and its logits, since a plate is the sigmoid
of its planes, are taken apart into the colours of `optim/fourier.py`. Under a Hann window, which
keeps the edges of the square out of the spectrum, amplitudes are averaged over photos, and within
rings of frequencies by sectors of directions (Fel et al. 2023 keep the whole mean spectrum of
ImageNet instead; of rings and sectors there are so few that the table can be read).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from artgen.optim.fourier import CLIPPED, color_planes
from artgen.optim.phases import RINGS, SECTORS, rings_and_sectors

SIDE = 256


def squares(paths: list[Path]) -> Iterator[Tensor]:
    """The middle square of each photo, (1, 3, SIDE, SIDE) in [0, 1]; small photos are left out."""
    for path in paths:
        with Image.open(path) as opened:
            photo = ImageOps.exif_transpose(opened).convert("RGB")
        if min(photo.size) >= 0.75 * SIDE:
            square = ImageOps.fit(photo, (SIDE, SIDE), Image.Resampling.LANCZOS)
            yield pil_to_tensor(square)[None].float() / 255


def amplitudes(photo: Tensor, window: Tensor) -> Tensor:
    """Amplitudes (3, SIDE, SIDE // 2 + 1) of a photo's logits, relative to the number of pixels."""
    planes = color_planes(photo.clamp(CLIPPED, 1 - CLIPPED).logit())[0]
    planes = (planes - planes.mean((1, 2), keepdim=True)) * window
    return torch.fft.rfft2(planes).abs() / SIDE**2


def table(mean: Tensor) -> list[list[list[float]]]:
    """Mean amplitudes (3, SIDE, SIDE // 2 + 1) by plane, ring and sector."""
    ring, sector = (x.round().long() for x in rings_and_sectors((SIDE, SIDE)))
    sector = sector % SECTORS
    found = []
    for plane in mean:
        rows = []
        for r in range(len(RINGS)):
            inside = ring == r
            whole = plane[inside].mean()
            few = [plane[inside & (sector == s)] for s in range(SECTORS)]
            rows.append([float(f"{float(x.mean() if len(x) else whole):.3g}") for x in few])
        found.append(rows)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="+", type=Path, help="photos, or folders of them")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    paths = [
        f for one in given.pictures for f in (sorted(one.glob("*.jpg")) if one.is_dir() else [one])
    ]
    window = torch.hann_window(SIDE, periodic=True)
    window = window[:, None] * window[None]
    window = window / window.square().mean().sqrt()
    total, count = torch.zeros(3, SIDE, SIDE // 2 + 1, dtype=torch.float64), 0
    for photo in squares(paths):
        total += amplitudes(photo, window)
        count += 1
    contents = {"photos": count, "rings": list(RINGS), "amplitudes": table(total / count)}
    given.out.write_text(json.dumps(contents) + "\n", encoding="utf-8")
    print(f"{count} photos")


if __name__ == "__main__":
    main()
