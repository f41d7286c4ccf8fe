"""Trains the network of `artgen enlarge`: from pixels to features, in one set of lines of kernels.

    PYTHONPATH=training/slim python training/enlarge/train.py --pictures DIR --data DIR --out DIR

DIR of --pictures is train.tar unpacked; that of --data holds pictures that are never learned from.
A checkpoint is written every few minutes, and a run that is started again goes on from it, also
with another --steps.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from data import split
from degraded import Pairs
from muon import Muon
from safetensors.torch import load_file, save_file
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
MUON, ADAM, WARM_UP, AVERAGE = 0.003, 3e-4, 200, 0.998
SLOWER = 0.5  # the rate of what changes with detail, which moves beside what does not
LENGTH = 1e-3  # of every gradient: those of features have long tails


class Course:
    """All that a training is made of, and what is known on the way."""

    def __init__(self, options: argparse.Namespace) -> None:
        files = split(options.pictures, options.data, "textures")
        self.pairs, self.batch = Pairs(files.train, options.side), options.batch
        trial = Pairs(files.held_out[:: options.every], options.side)
        self.trial = trial.draw(0, TRIED)
        dtype = torch.bfloat16 if options.bfloat16 else torch.float32
        self.eyes = FeatureExtractor(network(EYES)).half_precision(dtype)
        self.steps, self.seed, self.fall = options.steps, options.seed, options.fall
        torch.manual_seed(options.seed)
        self.enlarger = Enlarger().half_precision(dtype)
        if options.earlier:
            self.enlarger.load_state_dict(load_file(options.earlier))
        named = dict(self.enlarger.named_parameters())
        self.average = {name: value.detach().clone() for name, value in named.items()}
        self.steppers = [
            Muon(_groups(named, MUON, inside=True), lr=MUON),
            torch.optim.Adam(_groups(named, ADAM, inside=False), lr=ADAM),
        ]
        self.index = 0

    def step(self) -> dict[str, float]:
        """One batch; its losses."""
        number = self.seed * 1_000_003 + self.index
        dice = random.Random(number)
        kind, detail = dice.random(), dice.random()
        detail = 0.0 if kind < FAITHFUL else 1.0 if kind < FAITHFUL + INVENTIVE else detail
        small, large = self.pairs.draw(number, self.batch if detail else 2 * self.batch)
        for stepper in self.steppers:
            stepper.zero_grad(set_to_none=True)
        found = self.losses(self.enlarger(small, detail), large, detail, dice)
        sum(found.values()).backward()
        left = (self.steps - self.index) / (self.steps * self.fall)
        share = min((self.index + 1) / WARM_UP, 1.0, max(left, 0.01))
        torch.nn.utils.clip_grad_norm_(self.enlarger.parameters(), LENGTH)
        for stepper in self.steppers:
            for group in stepper.param_groups:
                group["lr"] = group["rate"] * share
            stepper.step()
        self.index += 1
        decay = min(AVERAGE, self.index / (self.index + 10))
        for name, value in self.enlarger.named_parameters():
            self.average[name].lerp_(value.detach(), 1 - decay)
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
        style = torch.zeros(())
        for name in STROKES:
            one, other = (_gram(each[name]).float() for each in (seen, told))
            size = other.square().sum((1, 2))
            style = style + ((one - other).square().sum((1, 2)) / size).add(1e-8).sqrt().mean()
        return features, style

    @torch.no_grad()
    def test(self) -> dict[str, float]:
        """On crops never learned from: PSNR at detail 0, unlike features at 1; beside bicubic."""
        now = {name: value.detach().clone() for name, value in self.enlarger.named_parameters()}
        self.enlarger.load_state_dict(self.average)
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
        self.enlarger.load_state_dict(now)
        return found

    def state(self) -> dict[str, Tensor]:
        """All it takes to go on."""
        found = {"index": torch.tensor(self.index)}
        found |= {f"average {k}": v for k, v in self.average.items()}
        for name, value in self.enlarger.named_parameters():
            found[f"weight {name}"] = value
            for stepper in self.steppers:
                found |= {
                    f"{k} {name}": v
                    for k, v in stepper.state.get(value, {}).items()
                    if torch.is_tensor(v)
                }
        return {name: value.detach().clone().contiguous() for name, value in found.items()}

    @torch.no_grad()
    def load(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from a state of a course made alike."""
        self.index = int(state["index"])
        for name, value in self.enlarger.named_parameters():
            value.copy_(state[f"weight {name}"])
            self.average[name].copy_(state[f"average {name}"])
            for stepper, keys in zip(
                self.steppers, (("mean",), ("step", "exp_avg", "exp_avg_sq")), strict=True
            ):
                held = any(value is p for group in stepper.param_groups for p in group["params"])
                kept = {k: state[f"{k} {name}"].clone() for k in keys if f"{k} {name}" in state}
                if held and kept:
                    stepper.state[value] = kept


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


def distance(one: Tensor, other: Tensor, floor: float = 0.0) -> Tensor:
    """Squared distance of features (B, C, h, w) of unit length at each position, mean of those.

    Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, CVPR 2018,
    without the learned weights. Where features are faint, their direction is noise: `floor` is the
    share of their mean energy in `other` that is added to that of each position.
    """
    energies = one.square().sum(1), other.square().sum(1)
    added = floor * energies[1].mean() + 1e-6
    mine, its = (energy + added for energy in energies)
    squares = energies[0] / mine + energies[1] / its
    return (squares - 2 * (one * other).sum(1) * (mine * its).rsqrt()).mean()


def phases(wrong: Tensor) -> Tensor:
    """How far errors (B, 3, H, W) have a pattern of period 4: the checkerboard.

    Over windows of 32 px, the variance of the mean errors of the sixteen sub-pixels.
    """
    parts = F.avg_pool2d(F.pixel_unshuffle(wrong, 4), 8, 4)  # (B, 3 * 16, h, w)
    parts = parts.unflatten(1, (3, 16))
    return (parts - parts.mean(2, keepdim=True)).square().mean()


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)
    return flat @ flat.mT / flat.shape[-1]


def keep(course: Course, path: Path) -> None:
    """The state, whole or not at all."""
    draft = path.with_suffix(".new")
    save_file(course.state(), draft)
    draft.replace(path)


def main() -> None:
    """Trains; logs a line of JSON every 50 steps, and how it does on other pictures every 250."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("pictures", "data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--earlier", type=Path, help="a packed network to begin with")
    parser.add_argument("--fall", type=float, default=0.85, help="last part, of falling rate")
    parser.add_argument("--batch", type=int, default=6, help="twice that at detail 0")
    parser.add_argument("--side", type=int, default=32, help="px of a small crop")
    parser.add_argument("--every", type=int, default=4, help="of the pictures held out, to test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bfloat16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--checkpoint", type=float, default=3.0, help="minutes")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    course, part = Course(options), options.out / "state.safetensors"
    if part.exists():
        course.load(load_file(part))
    began = kept = time.monotonic()
    smooth: dict[str, float] = {}
    while course.index < course.steps:
        for name, value in course.step().items():
            smooth[name] = 0.95 * smooth.get(name, value) + 0.05 * value
        if course.index % 50 == 0:
            found = {**smooth, **(course.test() if course.index % 250 == 0 else {})}
            said = {name: round(value, 5) for name, value in found.items()}
            seconds = round(time.monotonic() - began)
            print(json.dumps({"step": course.index, "seconds": seconds, **said}), flush=True)
        if time.monotonic() - kept > 60 * options.checkpoint or course.index == course.steps:
            kept = time.monotonic()
            keep(course, part)


if __name__ == "__main__":
    main()
