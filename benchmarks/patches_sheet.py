"""Makes docs/patches.jpg: textures of samples with things in them, by statistics and by patches.

    python benchmarks/patches_sheet.py --weights DIR --out docs/patches.jpg
    python benchmarks/patches_sheet.py --weights DIR --samples DIR --size 512
    python benchmarks/patches_sheet.py --progress --out docs/progress.jpg
    python benchmarks/patches_sheet.py --direction --out docs/direction.jpg

The samples are drawn by examples/drawing/samples.py; those of `--samples` are judged, but not
shown. The judge is VGG-16, at relu3_1, which made none of the textures. `distance` is the mean
cosine distance of a texture's patches of 7 x 7 positions, each third one, to their nearest in the
sample. `used` says how unevenly: of the 64 cells of the sample, how many times its fair share the
one has in which most of them lie. `copied` is textures.py's. *Another* is a second drawing of the
same things, in which nothing is copied. Seconds are those of the processor. `--progress` makes the
sheet of a texture that follows a map of its progress, `--direction` that of one along a flow, and
prints the mean angle between the flow and its lines.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from machine import machine
from textures import ROOT, copied
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.figures.sheet import Cell, sheet
from artgen.losses.hypercolumns import components
from artgen.ops.orientation import doubled_angles
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

sys.path[:0] = [str(ROOT / "training" / "slim"), str(ROOT / "examples")]
from drawing.samples import SAMPLES, THINGS  # noqa: E402
from teachers import Vgg16  # noqa: E402

SAMPLE, SHOWN = 320, 320  # px of a drawn sample, and of a texture that the sheet shows
WAYS = ("statistics", "patches")
LAYER, PATCH, STEP, KEPT = "vgg16/relu3_1", 7, 3, 32  # KEPT principal components of a position

CELLS = 8  # along each side of a sample


@dataclass(frozen=True)
class Score:
    """Of one texture: see above."""

    distance: float
    used: float


class PatchJudge:
    """Compares textures' patches with a sample's."""

    def __init__(self, network: Vgg16, sample: Tensor) -> None:
        self.network = network
        rows = self._features(sample)
        flat = rows[0].flatten(1).T
        self.mean = flat.mean(0)
        self.basis = components(flat - self.mean, KEPT)
        self.keys = self._patches(rows, 1)
        height, width = (length - PATCH + 1 for length in rows.shape[-2:])
        y, x = torch.arange(height), torch.arange(width)
        self.cells = (y * CELLS // height)[:, None] * CELLS + x * CELLS // width
        self.cells = self.cells.flatten()

    @torch.no_grad()
    def score(self, picture: Tensor) -> Score:
        """A texture's score, (1, 3, H, W)."""
        best, places = [], []
        for part in torch.split(self._patches(self._features(picture), STEP), 1024):
            found = (part @ self.keys.T).max(1)
            best.append(found.values)
            places.append(found.indices)
        found = self.cells[torch.cat(places)]
        shares = [one.bincount(minlength=CELLS**2) / len(one) for one in (found, self.cells)]
        return Score(1 - float(torch.cat(best).mean()), float((shares[0] / shares[1]).max()))

    @torch.no_grad()
    def _features(self, picture: Tensor) -> Tensor:
        return self.network(picture)[LAYER].float()

    def _patches(self, features: Tensor, step: int) -> Tensor:
        """Patches (N, KEPT * PATCH^2) of features (1, C, h, w), of unit length."""
        low = (features[0].permute(1, 2, 0) - self.mean) @ self.basis
        return F.normalize(F.unfold(low.permute(2, 0, 1)[None], PATCH, stride=step)[0].T, dim=1)


def made(sample: Tensor, way: str, size: int) -> tuple[Tensor, float]:
    """A texture (1, 3, size, size) of a sample (1, 3, h, w), and processor seconds."""
    began = time.process_time()
    *_, result = settings_from("texture", {"size": str(size), "match": way}).run(
        {"sample": [sample]}, Runtime()
    )
    assert isinstance(result, Result)
    return result.pictures["picture"], time.process_time() - began


def drawn(name: str, seed: int = 1) -> Tensor:
    """A sample (1, 3, SAMPLE, SAMPLE), drawn."""
    return torch.from_numpy(SAMPLES[name](SAMPLE, seed)).float().permute(2, 0, 1)[None].contiguous()


def progressing() -> Tensor:
    """A sheet: a sample of scales under leaves, the map of a texture, and the texture."""
    y, x = torch.meshgrid(torch.linspace(0, 1, SAMPLE), torch.linspace(0, 1, SAMPLE), indexing="ij")
    edge = 0.5 + 0.06 * torch.sin(23 * y)
    sample = drawn("scales").lerp(drawn("leaves"), ((x - edge) * 20 + 0.5).clamp(0, 1))
    wanted = (1.1 - torch.hypot(x - 0.5, y - 0.5) * 1.88).clamp(0, 1).expand(1, 3, -1, -1)
    changes = {"match": "patches", "progress_": "map.png", "sample_progress": ["own.png"]}
    inputs = {"sample": [sample], "progress": [wanted], "sample_progress": [x.expand(1, 3, -1, -1)]}
    *_, result = settings_from("texture", changes).run(inputs, Runtime())
    assert isinstance(result, Result)
    cells = [
        Cell("sample", "sample, further to the right", sample),
        Cell("map", "--progress", wanted),
        Cell("texture", "by patches", result.pictures["picture"]),
    ]
    return sheet(cells, title="A texture that follows a map", columns=3)


def flowing() -> Tensor:
    """A sheet: a sample of fur, lines that turn about a whorl, and the fur along them."""
    y, x = torch.meshgrid(*[torch.arange(SHOWN) - 0.5 * SHOWN] * 2, indexing="ij")
    radius, angle = torch.hypot(x, y), torch.atan2(y, x)
    wave = torch.sin(8 * (angle - torch.log1p(radius / 40))) / 2 + 0.5
    wanted, sample = wave.expand(1, 3, -1, -1).contiguous(), drawn("fur")
    changes = {"match": "patches", "direction": "flow.png"}
    *_, result = settings_from("texture", changes).run(
        {"sample": [sample], "direction": [wanted]}, Runtime()
    )
    assert isinstance(result, Result)
    picture = result.pictures["picture"]
    angles = (doubled_angles(one, 8.0) for one in (wanted, picture))
    there, here = (torch.atan2(one[:, 1], one[:, 0]) for one in angles)
    apart = torch.remainder(here - there + torch.pi, 2 * torch.pi) - torch.pi
    print(f"fur: {float(apart.abs().mean().rad2deg()) / 2:.1f} degrees beside the flow")
    cells = [
        Cell("sample", "sample", sample),
        Cell("flow", "--direction", wanted),
        Cell("texture", "by patches", picture),
    ]
    return sheet(cells, title="A texture along a flow", columns=3)


def main() -> None:
    """Reads the command line, prints a line for each texture, and writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--weights", type=Path, help="with vgg16.safetensors")
    parser.add_argument("--samples", type=Path, help="a folder of pictures, beside those drawn")
    parser.add_argument("--only", default="", help="names, with commas")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--out", type=Path, help="the sheet of what is drawn")
    for name in ("--progress", "--direction"):
        parser.add_argument(name, action="store_true", help="make that sheet instead")
    given = parser.parse_args()
    if given.progress or given.direction:
        images.save(progressing() if given.progress else flowing(), given.out)
        return
    wanted = given.only.split(",") if given.only else None
    network = Vgg16(given.weights / "vgg16.safetensors").requires_grad_(False).eval()
    samples = {name: drawn(name) for name in THINGS if wanted is None or name in wanted}
    shown = set(samples)
    for path in sorted(given.samples.iterdir()) if given.samples else []:
        if wanted is None or path.stem in wanted:
            samples[path.stem] = images.load(path).picture[:, :3]
    print(machine())
    cells = []
    for name, sample in samples.items():
        judge = PatchJudge(network, sample)
        row = [Cell(f"{name}-sample", name, sample)]
        if name in shown:
            other = drawn(name, 2)
            print(f"{name:14} another    {_said(judge.score(other), copied(other, sample))}")
        for way in WAYS:
            picture, seconds = made(sample, way, given.size)
            said = _said(judge.score(picture), copied(picture, sample))
            print(f"{name:14} {way:10} {said}  {seconds:6.1f} s", flush=True)
            row.append(Cell(f"{name}-{way}", f"by {way}", picture[..., :SHOWN, :SHOWN]))
        cells += row if name in shown else []
        if given.out and cells:
            title = "Things in a texture: by statistics, and by patches"
            images.save(sheet(cells, title=title, columns=1 + len(WAYS)), given.out)


def _said(score: Score, share: float) -> str:
    return f"distance {score.distance:.3f}  used {score.used:5.1f}  copied {100 * share:5.1f} %"


if __name__ == "__main__":
    main()
