"""How well slim explains its teachers, beside the published small VGG-19, on pictures held out.

    python training/slim/measure.py --pictures DIR --weights DIR --data DIR [--slim FILE]
    python training/slim/measure.py --pictures DIR --weights DIR --data DIR --exact FILE

For each lesson: the squared error of the best linear map (ridge least squares with bias, no ReLU,
fitted on training crops) from the network's layer to the teacher's, summed over the held-out
pictures at 384 px, over the teacher's summed variance there. 0 is VGG itself, 1 is knowing nothing.
With the weights as they were before they were packed, a further column, and how far rounding moves
activations and the gradient that reaches the picture from them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from data import Crops, split
from PIL import Image
from teachers import Stand, Teachers
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo.slim import SPEC

SIDE, CROPS, RIDGE = 384, 320, 1e-4
ROWS = (
    ("relu1_1", "vgg19/relu1_1"),
    ("relu1_2", "vgg19/relu1_2"),
    ("relu2_1", "vgg19/relu2_1"),
    ("relu2_2", "vgg19/relu2_2"),
    ("relu3_1", "vgg19/relu3_1"),
    ("relu4_1", "stand/relu4_1"),
    ("relu5_1", "stand/relu5_1"),
    ("relu3_3", "squeezenet/4"),
    ("relu4_3", "squeezenet/7"),
    ("relu5_1", "squeezenet/10"),
    ("relu5_1", "squeezenet/12"),
)
Network = Callable[[Tensor], dict[str, Tensor]]


class Fit:
    """A linear map with bias from (C,) to (D,), by its normal equations in float64."""

    def __init__(self) -> None:
        self.inputs: Tensor | float = 0.0
        self.outputs: Tensor | float = 0.0
        self.map = torch.empty(0)
        self.error = self.count = 0.0
        self.sum: Tensor | float = 0.0
        self.squares = 0.0

    @staticmethod
    def _rows(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Positions as rows, with a one for the bias; the teacher on the student's grid."""
        if y.shape[-2:] != x.shape[-2:]:
            y = F.interpolate(y, x.shape[-2:], mode="bilinear", align_corners=False)
        rows, answers = (t.movedim(1, -1).flatten(0, 2).double() for t in (x, y))
        return F.pad(rows, (0, 1), value=1.0), answers

    def learn(self, x: Tensor, y: Tensor) -> None:
        rows, answers = self._rows(x, y)
        self.inputs = self.inputs + rows.T @ rows
        self.outputs = self.outputs + rows.T @ answers

    def solve(self) -> None:
        assert isinstance(self.inputs, Tensor)
        ridge = RIDGE * self.inputs.diagonal().mean() * torch.eye(len(self.inputs))
        self.map = torch.linalg.solve(self.inputs + ridge.double(), self.outputs)

    def test(self, x: Tensor, y: Tensor) -> None:
        rows, answers = self._rows(x, y)
        self.error += float((rows @ self.map - answers).square().sum())
        self.sum = self.sum + answers.sum(0)
        self.squares += float(answers.square().sum())
        self.count += len(answers)

    @property
    def relative(self) -> float:
        """Summed squared error over summed variance."""
        assert isinstance(self.sum, Tensor)
        return self.error / (self.squares - float(self.sum.square().sum()) / self.count)


def held_out(files: Iterable[Path]) -> Iterable[Tensor]:
    """Each picture (1, 3, H, W) at 384 px on its long side."""
    for file in files:
        picture = Image.open(file).convert("RGB")
        factor = SIDE / max(picture.size)
        size = (round(picture.width * factor), round(picture.height * factor))
        yield pil_to_tensor(picture.resize(size, Image.Resampling.LANCZOS))[None].float() / 255


@torch.no_grad()
def table(
    networks: dict[str, Network],
    teachers: Teachers,
    crops: Crops,
    count: int,
    test: Iterable[Tensor],
) -> dict[str, dict[tuple[str, str], float]]:
    """Relative errors, by network and row; rows that ask a network about itself are left out."""
    fits = {
        (name, row): Fit()
        for name in networks
        for row in ROWS
        if not (name == "published" and row[1].startswith("stand"))
    }

    def both(picture: Tensor, act: Callable[[Fit, Tensor, Tensor], None]) -> None:
        truths = teachers(picture)
        answers = {name: network(picture) for name, network in networks.items()}
        for (name, row), fit in fits.items():
            if row[0] in answers[name]:
                act(fit, answers[name][row[0]], truths[row[1]])

    for _ in range(count // crops.batch):
        both(next(crops), Fit.learn)
    for fit in fits.values():
        fit.solve()
    for picture in test:
        both(picture, Fit.test)
    return {
        name: {row: fit.relative for (other, row), fit in fits.items() if other == name}
        for name in networks
    }


def rounding(exact: FeatureExtractor, packed: FeatureExtractor, test: Iterable[Tensor]) -> None:
    """Prints the relative squared difference of each layer, and of its energy's gradient."""
    layers = [f"relu{block}_1" for block in range(1, 6)]
    sums = torch.zeros(len(layers), 4, dtype=torch.float64)
    for picture in test:
        for row, layer in zip(sums, layers, strict=True):
            found = []
            for network in (exact, packed):
                x = picture.clone().requires_grad_()
                answer = network(x, {layer})[layer]
                (slope,) = torch.autograd.grad(answer.square().sum(), x)
                found.append((answer.detach(), slope))
            for place, (one, other) in zip((0, 2), zip(*found, strict=True), strict=True):
                row[place] += (one - other).square().sum()
                row[place + 1] += one.square().sum()
    print("| layer | activations | gradient |\n|---|---|---|")
    for (value, values, slope, slopes), layer in zip(sums.tolist(), layers, strict=True):
        print(f"| {layer} | {value / values:.1e} | {slope / slopes:.1e} |")


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--slim", type=Path, help="another weights file than the packaged one")
    parser.add_argument("--crops", type=int, default=CROPS, help="that the maps are fitted on")
    parser.add_argument("--every", type=int, default=1, help="which of the held-out pictures")
    parser.add_argument("--exact", type=Path, help="slim's weights as trained, in float32")
    options = parser.parse_args()
    parts = split(options.pictures, options.data)
    slim = FeatureExtractor(SPEC, file=options.slim)
    stand = Stand(options.weights / "vgg19_distilled_16x.safetensors", "published")

    def published(picture: Tensor) -> dict[str, Tensor]:
        return {key.removeprefix("published/"): value for key, value in stand(picture).items()}

    networks: dict[str, Network] = {
        "slim": lambda picture: slim(picture, {row[0] for row in ROWS}),
        "published": published,
    }
    if options.exact:
        exact = FeatureExtractor(SPEC, file=options.exact)
        networks["float32"] = lambda picture: exact(picture, {row[0] for row in ROWS})
    crops = Crops(parts.train, 192, 8, seed=2)
    files = parts.held_out[:: options.every]
    result = table(networks, Teachers(options.weights), crops, options.crops, held_out(files))
    print(f"{len(files)} pictures held out, {len(parts.train)} trained on")
    print(f"| layer | teacher | {' | '.join(networks)} |\n|---|---|{'---|' * len(networks)}")
    for row in ROWS:
        cells = [result[name].get(row) for name in networks]
        print(f"| {row[0]} | {row[1]} |", " | ".join(f"{c:.4f}" if c else "-" for c in cells), "|")
    if options.exact:
        rounding(exact, slim, held_out(files))


if __name__ == "__main__":
    main()
