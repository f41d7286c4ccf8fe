"""How far a picture made in tiles is from the same one made whole, in each precision.

    python benchmarks/tile_difference.py
    python benchmarks/tile_difference.py --size 256 --iterations 10 --precision float32

Both are the same sums, added up in another order. L-BFGS blows rounding up from step to step, until
the two runs are two ways to one loss: therefore the losses at the end are printed too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from machine import machine
from torch import Tensor

from artgen import api
from artgen.core.events import Result, Step

ROOT = Path(__file__).parents[1]
PRECISIONS = ("float64", "float32")


def made(size: int, iterations: int, precision: str, tile: str) -> tuple[Tensor, float]:
    """The picture, and the loss of its last iteration."""
    photo, painting = ROOT / "examples" / "frog.jpg", ROOT / "styles" / "starry.jpg"
    loss, picture = 0.0, torch.empty(0)
    for event in api.steps(
        *("style", photo, painting),
        size=size,
        iterations=iterations,
        precision=precision,
        tile=tile,
        device="cpu",
    ):
        if isinstance(event, Step):
            loss = float(torch.stack([one.double() for one in event.losses.values()]).sum())
        elif isinstance(event, Result):
            picture = event.pictures["picture"]
    return picture, loss


def main() -> None:
    """Prints a line for each precision: differences out of 255, and both losses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--tile", default="128")
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--precision", action="append", help="float64 and float32 if not given")
    asked = parser.parse_args()
    print(machine())
    for precision in asked.precision or PRECISIONS:
        words = (asked.size, asked.iterations, precision)
        (whole, first), (tiled, second) = (made(*words, tile) for tile in ("off", asked.tile))
        apart = (whole - tiled).abs() * 255
        print(
            f"{precision:9} {asked.size} px, {asked.iterations} iterations: mean "
            f"{float(apart.mean()):.2f}/255, largest {float(apart.max()):.0f}; "
            f"loss whole {first:.4f}, in tiles of {asked.tile} {second:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
