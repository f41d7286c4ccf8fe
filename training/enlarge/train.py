"""Trains the network of `artgen enlarge`: from pixels to features, in one set of lines of kernels.

    PYTHONPATH=training/slim python training/enlarge/train.py --pictures DIR --data DIR --out DIR

DIR of --pictures is train.tar unpacked; that of --data holds pictures that are never learned from.
A checkpoint is written every few minutes, and a run that is started again goes on from it, also
with another --steps.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from course import Course, add_options, train
from data import split
from degraded import Pairs
from distances import distance, gram_distance
from safetensors.torch import load_file
from torch import Tensor, nn

from artgen.fast.enlarger import Enlarger
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network

EYES = "slim@2"
SEEN = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")  # layers whose features are to be the same
STROKES = ("relu1_1", "relu2_1", "relu3_1")  # and whose Gram matrices are
FEATURES, STYLE, PHASES = 0.012, 0.006, 20.0  # weights, beside that of the pixels
FLOOR = 0.05  # of the energy of features; see `distance`
PIXELS_LEFT = 0.05  # what the pixels' weight falls to at detail 1
FAITHFUL, INVENTIVE = 0.25, 0.5  # shares of steps at detail 0, and at 1; the others lie between
LOOKED = 80  # px, side of what is seen of an enlargement
TRIED = 16  # crops never learned from
MUON, ADAM, WARM_UP = 0.003, 3e-4, 200
SLOWER = 0.5  # the rate of what changes with detail, which moves beside what does not
LENGTH = 1e-3  # of every gradient: those of features have long tails


class Lessons:
    """The enlarger's course, its pairs of pictures, and its losses."""

    def __init__(self, options: argparse.Namespace) -> None:
        files = split(options.pictures, options.data, "textures")
        self.pairs, self.batch = Pairs(files.train, options.side), options.batch
        trial = Pairs(files.held_out[:: options.every], options.side)
        self.trial = trial.draw(0, TRIED)
        dtype = torch.bfloat16 if options.bfloat16 else torch.float32
        self.eyes = FeatureExtractor(network(EYES)).half_precision(dtype)
        self.seed = options.seed
        torch.manual_seed(options.seed)
        self.enlarger = Enlarger().half_precision(dtype)
        if options.earlier:
            self.enlarger.load_state_dict(load_file(options.earlier))
        self.course = Course.of(
            self.enlarger, _groups, (MUON, ADAM), options, warm_up=WARM_UP, length=LENGTH
        )

    def step(self) -> dict[str, float]:
        """One batch; its losses."""
        number = self.seed * 1_000_003 + self.course.index
        dice = random.Random(number)
        kind, detail = dice.random(), dice.random()
        detail = 0.0 if kind < FAITHFUL else 1.0 if kind < FAITHFUL + INVENTIVE else detail
        small, large = self.pairs.draw(number, self.batch if detail else 2 * self.batch)
        found = self.losses(self.enlarger(small, detail), large, detail, dice)
        self.course.update(found.values())
        where = "0" if detail == 0 else "1" if detail == 1 else "between"
        return {f"{name} at {where}": float(value.detach()) for name, value in found.items()}

    def losses(
        self, made: Tensor, large: Tensor, detail: float, dice: random.Random
    ) -> dict[str, Tensor]:
        """The weighted losses of enlargements (B, 3, H, W)."""
        wrong = made - large
        found = {
            "pixels": wrong.abs().mean() * (1 + (PIXELS_LEFT - 1) * detail),
            "phases": PHASES * phases(wrong),
        }
        if detail:
            # Pooling sees a grid: each time another one, or the network would learn it.
            down, along = (dice.randint(0, length - LOOKED) for length in made.shape[-2:])
            asked, told = (
                x[..., down : down + LOOKED, along : along + LOOKED] for x in (made, large)
            )
            features, style = self.unlike(asked, told)
            found |= {"features": detail * FEATURES * features, "style": detail * STYLE * style}
        return found

    def unlike(self, made: Tensor, large: Tensor) -> tuple[Tensor, Tensor]:
        """How unlike the features are, and their Gram matrices, each summed over layers."""
        layers = (*SEEN, *STROKES)
        with torch.no_grad():
            told = self.eyes(large, layers)
        seen = self.eyes(made, layers)
        features = sum(distance(seen[name].float(), told[name].float(), FLOOR) for name in SEEN)
        style = sum(gram_distance(seen[name], told[name]) for name in STROKES)
        return features, style

    def test(self) -> dict[str, float]:
        """On crops never learned from: PSNR at detail 0, unlike features at 1; beside bicubic."""
        return self.course.averaged(self._tried)

    def _tried(self) -> dict[str, float]:
        small, large = self.trial
        plain = F.interpolate(small, scale_factor=4.0, mode="bicubic", align_corners=False)
        found = {}
        for name, made in (
            ("bicubic", plain),
            ("0", self.enlarger(small, 0.0)),
            ("1", self.enlarger(small, 1.0)),
        ):
            made = made.clamp(0, 1)
            wrong = (made - large).square().mean((1, 2, 3))
            found[f"psnr {name}"] = float(-10 * wrong.log10().mean())
            found[f"features {name}"], found[f"style {name}"] = map(float, self.unlike(made, large))
        return found


_ENDS = ("first", "last")  # layers from and to three channels, which Adam teaches


def _groups(named: Mapping[str, nn.Parameter], rate: float, *, inside: bool) -> list[dict]:
    """The kernels inside, for Muon, or all else: what is there at detail 0, and what changes."""
    found: dict[bool, list[nn.Parameter]] = {False: [], True: []}
    for name, value in named.items():
        layer, _, kind = name.partition(".")
        if inside == (value.dim() == 4 and layer not in _ENDS):
            found[kind.endswith("change")].append(value)
    rates = {False: rate, True: rate * SLOWER}
    return [{"params": many, "rate": rates[changes]} for changes, many in found.items()]


def phases(wrong: Tensor) -> Tensor:
    """How far errors (B, 3, H, W) have a pattern of period 4: the checkerboard.

    Over windows of 32 px, the variance of the mean errors of the sixteen sub-pixels.
    """
    parts = F.avg_pool2d(F.pixel_unshuffle(wrong, 4), 8, 4)  # (B, 3 * 16, h, w)
    parts = parts.unflatten(1, (3, 16))
    return (parts - parts.mean(2, keepdim=True)).square().mean()


def main() -> None:
    """Trains; logs a line of JSON every 50 steps, and how it does on other pictures every 250."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, steps=5000, fall=0.85, batch=6)
    parser.add_argument("--side", type=int, default=32, help="px of a small crop")
    options = parser.parse_args()
    lessons = Lessons(options)
    train(lessons.course, options, lessons.step, lessons.test)


if __name__ == "__main__":
    main()
