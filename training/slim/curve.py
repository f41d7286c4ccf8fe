"""The curve of size against error: what other last blocks of slim would say of SqueezeNet's 12.

    python training/slim/curve.py --pictures DIR --weights DIR --data DIR --out runs/curve
    python training/slim/curve.py --out runs/curve --plot docs/slim-curve.svg

slim is frozen as far as pool4, and what it says there of training crops is kept under `--out`, with
what SqueezeNet says of them. Blocks of several widths and depths learn the one lesson alone, as
train.py teaches it but for the data, which does not change; then they are measured as measure.py
does it. It is an easier task than slim's block 5 has: neither relu5_1 nor SqueezeNet's 10 is to be
explained besides. The data is little, so two errors are told: on held-out pictures, and on crops
of pictures that were learned from.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from data import Crops, Split, split
from measure import Moments, held_out
from muon import Muon
from teachers import SqueezeNet
from torch import Tensor, nn
from train import rate

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo.slim import FIRST

BELOW, TARGET = "pool4", "squeezenet/12"
CHANNELS, TAUGHT, STRIDE = 128, 512, 16
SHAPES = ((120,), (240,), (480,), (120, 120), (240, 240), (480, 480))
CHUNK, FITTED, SIDE, BATCH = 320, 1600, 128, 16
VGG19 = 361_152  # multiply-adds a pixel to relu5_1; slim may have an eighth


@dataclass(frozen=True)
class Point:
    """What came of one block: `fitted` is its error on crops that it learned from."""

    widths: tuple[int, ...]
    parameters: int
    megabytes: float
    multiply_adds: int
    error: float
    fitted: float
    seconds: float


class Cache:
    """What slim says at pool4 and SqueezeNet at 12, in half precision."""

    def __init__(self, folder: Path, every: int, chunks: int) -> None:
        self.folder, self.every, self.chunks = folder, every, chunks

    @torch.no_grad()
    def fill(self, parts: Split, weights: Path) -> None:
        """Writes the files that are not there yet."""
        slim = FeatureExtractor(FIRST)
        teacher = SqueezeNet(weights / "squeezenet1_1.safetensors").eval()

        def said(picture: Tensor) -> tuple[Tensor, Tensor]:
            x = slim(picture, {BELOW})[BELOW]
            y = F.interpolate(teacher(picture)[TARGET], x.shape[-2:], mode="bilinear")
            return x.half(), y.half()

        wanted = {f"train-{n}": (3 + n, CHUNK) for n in range(self.chunks)} | {"fit": (2, FITTED)}
        missing = {name: how for name, how in wanted.items() if not self._file(name).exists()}
        crops = Crops(parts.train if missing else (), SIDE, 8, seed=0)
        for name, (seed, count) in missing.items():
            crops.random.manual_seed(seed)
            pairs = [said(next(crops)) for _ in range(count // 8)]
            self._write(name, [tuple(torch.cat(column) for column in zip(*pairs, strict=True))])
        if not self._file("test").exists():
            files = parts.held_out[:: self.every]
            self._write("test", [said(picture) for picture in held_out(files)])

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.pt"

    def _write(self, name: str, pairs: list[tuple[Tensor, ...]]) -> None:
        torch.save(pairs, self._file(name).with_suffix(".tmp"))
        self._file(name).with_suffix(".tmp").rename(self._file(name))
        print(f"{name} is there", flush=True)

    def read(self, name: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Pairs (B, 128, h, w) and (B, 512, h, w), float32."""
        for x, y in torch.load(self._file(name), weights_only=True):
            yield x.float(), y.float()

    def train(self) -> tuple[Tensor, Tensor]:
        """All training crops, in half precision."""
        files = [self._file(f"train-{n}") for n in range(self.chunks)]
        chunks = [torch.load(file, weights_only=True)[0] for file in files]
        x, y = (torch.cat(column) for column in zip(*chunks, strict=True))
        return x, y


def block(widths: tuple[int, ...]) -> nn.Sequential:
    """3 x 3 convolutions, each with its norm (to be folded in) and its ReLU."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = CHANNELS
    for index, width in enumerate(widths, 1):
        conv = nn.Conv2d(channels, width, 3, padding=1, padding_mode="replicate", bias=False)
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        layers[f"conv5_{index}"] = conv
        layers[f"norm5_{index}"] = nn.BatchNorm2d(width, momentum=0.02)
        layers[f"relu5_{index}"] = nn.ReLU()
        channels = width
    return nn.Sequential(layers)


def learn(widths: tuple[int, ...], data: tuple[Tensor, Tensor], steps: int) -> nn.Sequential:
    """A block that has learned to explain SqueezeNet through a linear map, which is thrown away."""
    torch.manual_seed(1)
    made, inputs, truths = block(widths), *data
    linear = nn.Conv2d(widths[-1], TAUGHT, 1)
    kernels = [p for p in made.parameters() if p.ndim == 4]
    others = [p for p in made.parameters() if p.ndim != 4]
    steppers = [
        Muon(kernels, lr=0.02),
        torch.optim.AdamW([*others, *linear.parameters()], lr=2e-3, weight_decay=0.0),
    ]
    base = [[group["lr"] for group in stepper.param_groups] for stepper in steppers]
    variance = truths[:400].float().var((0, 2, 3)).sum()
    for step in range(steps):
        made.train(step < steps // 2)
        picks = torch.randint(len(inputs), (BATCH,))
        x, y = inputs[picks].float(), truths[picks].float()
        if torch.rand(()) < 0.5:
            x, y = x.flip(-1), y.flip(-1)  # not quite what a flipped picture gives, but near
        loss = (linear(made(x)) - y).square().mean((0, 2, 3)).sum() / variance
        for stepper, rates in zip(steppers, base, strict=True):
            stepper.zero_grad(set_to_none=True)
            for group, lr in zip(stepper.param_groups, rates, strict=True):
                group["lr"] = lr * rate(step, steps, 0.5)
        loss.backward()
        for stepper in steppers:
            stepper.step()
    return made.eval()


@torch.no_grad()
def measured(made: nn.Module, cache: Cache) -> tuple[float, float]:
    """Relative errors of the best linear map, on the held-out pictures and where it was fitted."""
    sums = {"test": Moments(), "fit": Moments()}
    for name, moments in sums.items():
        for x, y in cache.read(name):
            moments.add(made(x), y)
    linear = sums["fit"].map()
    (error, variance), (left, whole) = (sums[name].score(linear) for name in ("test", "fit"))
    return error / variance, left / whole


def sizes(widths: tuple[int, ...]) -> tuple[int, float, int]:
    """Parameters of the block; megabytes and multiply-adds a pixel of slim with it as block 5."""
    pairs = list(zip((CHANNELS, *widths), widths, strict=False))
    kernels = sum(9 * a * b for a, b in pairs)
    parameters = kernels + sum(widths)
    slim = FIRST.build()
    rest = [p.numel() for name, p in slim.named_parameters() if not name.startswith("conv5")]
    whole = FeatureExtractor(FIRST).multiply_adds([BELOW], (512, 512)) / 512**2
    return parameters, 2 * (sum(rest) + parameters) / 1e6, round(whole + kernels / STRIDE**2)


def table(points: list[Point]) -> str:
    """As Markdown."""
    lines = [
        "| block 5 | parameters | slim, MB | multiply-adds a pixel | error | on its own crops |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for p in points:
        shape = " + ".join(map(str, p.widths)) or "none"
        lines.append(
            f"| {shape} | {p.parameters:,} | {p.megabytes:.2f} | {p.multiply_adds:,} | "
            f"{p.error:.3f} | {p.fitted:.3f} |"
        )
    return "\n".join(lines)


def plot(points: list[Point], out: Path) -> None:
    """Both errors against the size of slim, on pictures held out and on those learned from."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "artgen"  # the same picture from the same numbers
    figure, panel = plt.subplots(figsize=(6, 3.6), layout="constrained")
    single = [p for p in points if len(p.widths) < 2]
    for name, label in (("error", "held out"), ("fitted", "learned from")):
        line = panel.plot([p.megabytes for p in single], [getattr(p, name) for p in single], "o-")
        line[0].set_label(f"pictures {label}")
        for p in points:
            place = (p.megabytes, getattr(p, name))
            panel.plot(*place, "o", color=line[0].get_color())
            shape = " + ".join(map(str, p.widths)) or "none"
            aside = (0, 5) if p in single else (-20, -12)
            panel.annotate(shape, place, aside, textcoords="offset points", fontsize=8)
    panel.axhline(0.6, color="grey", linestyle=":", label="asked for")
    panel.set(xlabel="slim with such a block 5, MB", ylabel="error at SqueezeNet's 12")
    panel.set(ylim=(0.4, 1.1))
    panel.grid(alpha=0.3)
    panel.legend(frameon=False, fontsize=8, loc="lower left")
    figure.savefig(out, metadata={"Date": None})


def main() -> None:
    """Goes on from what lies under --out, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--chunks", type=int, default=2, help=f"of {CHUNK} crops to learn from")
    parser.add_argument("--every", type=int, default=1, help="which of the held-out pictures")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    results = options.out / "points.json"
    lines = results.read_text().splitlines() if results.exists() else []
    points = [Point(**{**line, "widths": tuple(line["widths"])}) for line in map(json.loads, lines)]
    if options.pictures:
        cache = Cache(options.out, options.every, options.chunks)
        cache.fill(split(options.pictures, options.data), options.weights)
        data = cache.train()
        for widths in ((), *SHAPES):
            if widths in {p.widths for p in points}:
                continue
            began = time.perf_counter()
            made = learn(widths, data, options.steps) if widths else nn.Identity()
            took = time.perf_counter() - began
            points.append(Point(widths, *sizes(widths), *measured(made, cache), took))
            with results.open("a") as file:
                print(json.dumps(asdict(points[-1])), file=file)
            print(points[-1], flush=True)
    print(table(points))
    if options.plot:
        plot(points, options.plot)


if __name__ == "__main__":
    main()
