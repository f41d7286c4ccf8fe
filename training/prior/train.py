"""Trains the network that makes pictures from slim's deepest layer: features and pixels.

    PYTHONPATH=training/slim python training/prior/train.py --pictures DIR --data DIR --out DIR

DIR of --pictures is train.tar unpacked; that of --data holds pictures that are never learned from.
A checkpoint is written every few minutes, and a run that is started again goes on from it, also
with another --steps.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from course import Course, add_options, train
from data import split
from distances import distance, gram_distance
from PIL import Image, ImageOps
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.utils import save_image

from artgen.fast.prior import CODE, EXTRACTOR, Prior
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network

SEEN = {"relu1_2": 0.3, "relu2_2": 0.5, "relu3_3": 1.0, "relu4_3": 1.0, CODE: 1.5}  # weights
STROKES = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")  # layers whose Gram matrices are the same
STYLE, PIXELS = 0.25, 3.0  # weights, beside those of features
COARSE = 4  # px of a cell whose mean colour is to be right: pixels alone would ask for a blur
FLOOR = 0.05  # of the energy of features; see `distance`
MUON, ADAM, WARM_UP, LENGTH = 0.02, 1e-3, 100, 1.0
MEASURED, RARE = 400, 0.999  # pictures that say what codes are like; quantile of a channel
SPARE = 16  # px, by which what is compared is smaller, so that it begins anywhere
TRIED = 12  # crops never learned from
RIDGE = 0.01  # of the variance, added to it, where the colours are fitted
CLIPPED = 0.02  # distance from 0 and 1 of pixels whose logits are taken
_ENDS = ("coarse", "last")  # layers to the picture's channels, which Adam teaches


class Crops:
    """Squares of photos and paintings: most of the picture, mirrored in one of two."""

    def __init__(self, files: Sequence[Path], side: int) -> None:
        self.pictures = [Image.open(file).convert("RGB") for file in files]
        self.side = side

    def draw(self, seed: int, batch: int) -> Tensor:
        """A batch of this number, (B, 3, side, side) in [0, 1]."""
        dice = random.Random(seed)
        return torch.stack([self._crop(dice) for _ in range(batch)])

    def _crop(self, dice: random.Random) -> Tensor:
        picture = dice.choice(self.pictures)
        cut = round(min(picture.size) * dice.uniform(0.6, 1.0))
        left, top = (dice.randint(0, length - cut) for length in picture.size)
        box = (left, top, left + cut, top + cut)
        piece = picture.resize((self.side, self.side), Image.Resampling.LANCZOS, box)
        piece = ImageOps.mirror(piece) if dice.random() < 0.5 else piece
        return torch.from_numpy(np.array(piece)).permute(2, 0, 1).float() / 255


class Lessons:
    """The prior's course, its pictures, and its losses."""

    def __init__(self, options: argparse.Namespace) -> None:
        files = split(options.pictures, options.data, "textures")
        self.crops = Crops(files.train, options.side)
        self.batch, self.seed, self.out = options.batch, options.seed, options.out
        held = [path for path in files.held_out if path.parent.name == "photos"]
        self.trial = Crops(held[:: options.every], options.side).draw(0, TRIED)
        dtype = torch.bfloat16 if options.bfloat16 else torch.float32
        self.extractor = FeatureExtractor(network(EXTRACTOR)).half_precision(dtype)
        torch.manual_seed(options.seed)
        self.prior = Prior()
        self.half = options.bfloat16
        if options.earlier:
            self.prior.load_state_dict(load_file(options.earlier))
        elif not (options.out / "state.safetensors").exists():
            self.measure()
        self.course = Course.of(
            self.prior, _groups, (MUON, ADAM), options, warm_up=WARM_UP, length=LENGTH
        )

    @torch.no_grad()
    def measure(self) -> None:
        """What codes are like, and the colours that they tell linearly: by ridge regression."""
        photos = torch.cat([self.crops.draw(-1 - n, 8) for n in range(MEASURED // 8)])
        codes = torch.cat([self.seen(batch)[CODE].float() for batch in photos.split(8)])
        channels = codes.transpose(0, 1).flatten(1)
        self.prior.centre.copy_(channels.mean(1))
        self.prior.spread.copy_(channels.std(1) + 1e-3)
        self.prior.most.copy_(channels.quantile(RARE, dim=1))
        values, vectors = torch.linalg.eigh(channels.double().cov())
        self.prior.root.copy_(vectors * values.clamp(min=0).sqrt())
        level = codes - self.prior.centre[:, None, None]
        level /= self.prior.spread[:, None, None]
        rows = F.unfold(F.pad(level, (1,) * 4, mode="reflect"), 3).mT.flatten(0, 1).double()
        cells = F.avg_pool2d(photos, self.prior.COARSE).clamp(CLIPPED, 1 - CLIPPED).logit()
        told = F.pixel_unshuffle(cells, self.prior.stride // self.prior.COARSE)
        told = told.flatten(2).mT.flatten(0, 1).double()
        mean = told.mean(0)
        square = rows.T @ rows + RIDGE * len(rows) * torch.eye(rows.shape[1]).double()
        kernel = torch.linalg.solve(square, rows.T @ (told - mean)).T
        self.prior.coarse.weight.copy_(kernel.view_as(self.prior.coarse.weight))
        self.prior.coarse.bias.copy_(mean)

    def seen(self, picture: Tensor) -> Mapping[str, Tensor]:
        """The features that are compared, and the code."""
        return self.extractor(picture, (*SEEN, *STROKES))

    def step(self) -> dict[str, float]:
        """One batch; its losses."""
        number = self.seed * 1_000_003 + self.course.index
        found = self.losses(self.crops.draw(number, self.batch), number)
        self.course.update(found.values())
        return {name: float(value.detach()) for name, value in found.items()}

    def made(self, code: Tensor) -> Tensor:
        """The pictures (B, 3, H, W) of codes (B, C, h, w)."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            picture: Tensor = self.prior(code.float())
        return picture.float()

    def losses(self, photos: Tensor, seed: int = 0) -> dict[str, Tensor]:
        """The weighted losses of what is made from the codes of photos (B, 3, H, W).

        `seed` says which part of both is compared.
        """
        with torch.no_grad():
            code = self.extractor(photos, [CODE])[CODE]
        made = self.made(code)
        # Pooling sees a grid: each time another one, or the network would learn it.
        part = slice(start := random.Random(seed).randint(0, SPARE), start - SPARE or None)
        asked, shown = (picture[..., part, part] for picture in (made, photos))
        with torch.no_grad():
            told = self.seen(shown)
        seen = self.seen(asked)
        found = {
            name: weight * distance(seen[name].float(), told[name].float(), FLOOR)
            for name, weight in SEEN.items()
        }
        style = sum(gram_distance(seen[name], told[name]) for name in STROKES)
        cells = (F.avg_pool2d(picture, COARSE) for picture in (made, photos))
        wrong = (next(cells) - next(cells)).abs().mean()
        return {**found, "style": STYLE * style, "pixels": PIXELS * wrong}

    def test(self) -> dict[str, float]:
        """The losses on crops never learned from; a sheet of them beside what was made."""

        def work() -> dict[str, float]:
            found = self.losses(self.trial)
            made = self.made(self.seen(self.trial)[CODE])
            rows = torch.cat([self.trial, made]).unflatten(0, (4, -1))
            order = rows[[0, 2, 1, 3]].flatten(0, 1)
            save_image(order, self.out / f"trial-{self.course.index:06}.png", nrow=TRIED // 2)
            return {f"test {name}": float(value) for name, value in found.items()}

        return self.course.averaged(work)


def _groups(named: Mapping[str, nn.Parameter], rate: float, *, inside: bool) -> list[dict]:
    """The kernels inside, for Muon, or all else."""
    found = [
        value
        for name, value in named.items()
        if inside == (value.dim() == 4 and name.split(".")[0] not in _ENDS)
    ]
    return [{"params": found, "rate": rate}]


def main() -> None:
    """Trains; logs a line of JSON every 50 steps, and how it does on other pictures every 250."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, steps=5000, fall=0.85, batch=6)
    parser.add_argument("--side", type=int, default=144, help="px of a crop")
    options = parser.parse_args()
    lessons = Lessons(options)
    train(lessons.course, options, lessons.step, lessons.test)


if __name__ == "__main__":
    main()
