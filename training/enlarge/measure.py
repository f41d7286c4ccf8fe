"""How near enlargements come to the pictures that were reduced, as outside judges see it.

    PYTHONPATH=training/slim python training/enlarge/measure.py --data DATA --weights WEIGHTS

Prints means over the photos/ and the paintings/ of DATA, of which the middle is reduced four times
by Lanczos, and enlarged by Lanczos and by the network at several --detail:

- PSNR, of RGB;
- vgg16 and squeezenet: LPIPS with unit weights, that is, squared distances of features of unit
  length, summed over layers; neither network has taught the enlarger;
- grid: energy at the frequencies of the sub-pixels (multiples of 1/4 and 1/2) over the original's;
- stroke energy: that of the upper half of frequencies over the original's.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from distances import distance
from PIL import Image
from teachers import SqueezeNet, Vgg16
from torch import Tensor

from artgen.fast import model_files
from artgen.fast.enlarger import TIMES
from artgen.fast.enlarging import enlarge

VGG = tuple(f"vgg16/{name}" for name in ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"))
NEAR = 2  # bins of the spectrum on either side of a frequency of the grid


class Judges:
    """The outside judges, and what needs none."""

    def __init__(self, weights: Path) -> None:
        self.vgg = Vgg16(weights / "vgg16.safetensors").requires_grad_(False)
        self.squeezenet = SqueezeNet(weights / "squeezenet1_1.safetensors").requires_grad_(False)

    @torch.no_grad()
    def known(self, picture: Tensor) -> dict[str, Tensor]:
        """All that is compared of a picture (1, 3, H, W)."""
        seen = {**self.vgg(picture), **self.squeezenet(picture)}
        return {"picture": picture, **seen}

    def __call__(self, made: Tensor, told: Mapping[str, Tensor]) -> dict[str, float]:
        """The figures of an enlargement, beside the original's."""
        seen, large = self.known(made), told["picture"]
        squeeze = [name for name in told if name.startswith("squeezenet")]
        grid, fine = (
            float(one / other) for one, other in zip(energies(made), energies(large), strict=True)
        )
        return {
            "PSNR": float(-10 * (made - large).square().mean().log10()),
            "vgg16": sum(float(distance(seen[n], told[n])) for n in VGG),
            "squeezenet": sum(float(distance(seen[n], told[n])) for n in squeeze),
            "grid": grid,
            "fine": fine,
        }


def energies(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Spectral energy near the frequencies of the grid, and in the upper half of all."""
    grey = picture[0].mean(0)
    window = torch.outer(*(torch.hann_window(length) for length in grey.shape))
    power = torch.fft.fft2((grey - grey.mean()) * window).abs().square()
    near, high = [], []
    for length in grey.shape:
        place = torch.arange(length)
        gap = length / TIMES
        near.append((place - (place / gap).round() * gap).abs() <= NEAR)
        high.append(torch.fft.fftfreq(length).abs() > 0.25)
    grid = torch.outer(*near)
    grid[: NEAR + 1, : NEAR + 1] = grid[-NEAR:, : NEAR + 1] = False  # the frequency 0
    grid[: NEAR + 1, -NEAR:] = grid[-NEAR:, -NEAR:] = False
    return power[grid].mean(), power[high[0][:, None] | high[1]].mean()


def cut(path: Path, side: int) -> Image.Image:
    """The middle of a picture, its sides multiples of the factor."""
    picture = Image.open(path).convert("RGB")
    width, height = (min(length, side) // TIMES * TIMES for length in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def main() -> None:
    """Prints a table for photos, and one for paintings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--enlarger", type=Path, default=model_files.ENLARGER)
    parser.add_argument("--details", type=float, nargs="*", default=[0, 50, 70, 100])
    parser.add_argument("--side", type=int, default=512, help="px of what is cut from a picture")
    parser.add_argument("--every", type=int, default=1, help="take only every so many-th picture")
    options = parser.parse_args()
    judges = Judges(options.weights)
    enlarger, _ = model_files.load_enlarger(options.enlarger)
    for kind in ("photos", "paintings"):
        rows: dict[str, list[dict[str, float]]] = {}
        for path in sorted((options.data / kind).glob("*.jpg"))[:: options.every]:
            large = cut(path, options.side)
            size = (large.width // TIMES, large.height // TIMES)
            small = large.resize(size, Image.Resampling.LANCZOS)
            told = judges.known(tensor(large))
            plain = small.resize(large.size, Image.Resampling.LANCZOS)
            rows.setdefault("lanczos", []).append(judges(tensor(plain), told))
            for detail in options.details:
                *_, (_, _, made) = enlarge(
                    enlarger, tensor(small), (large.height, large.width), detail / 100
                )
                rows.setdefault(f"detail {detail:g}", []).append(judges(made, told))
        print(f"{kind}, {len(rows['lanczos'])}")
        for name, found in rows.items():
            means = {key: sum(one[key] for one in found) / len(found) for key in found[0]}
            print(f"{name:12}", *(f"{key} {value:.3f} " for key, value in means.items()))


if __name__ == "__main__":
    main()
