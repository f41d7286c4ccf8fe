"""What the trainings of one network have in common: Muon and Adam, a running average, checkpoints.

A run that is started again goes on from its last checkpoint, also with another number of steps.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from muon import Muon
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

__all__ = ["Course", "add_options", "keep", "train"]

AVERAGE = 0.998  # decay of the running average of the weights
Groups = list[dict]


class Course:
    """A network, the optimisers of its parameters, and all it takes to go on.

    Args:
        learner: the network.
        muon, adam: groups of parameters with their `rate`.
        steps: how many there will be.
        fall: the last share of them, in which the rate falls.
        warm_up: steps until the full rate.
        length: of a gradient, at most.
    """

    def __init__(
        self,
        learner: nn.Module,
        muon: Groups,
        adam: Groups,
        *,
        steps: int,
        fall: float,
        warm_up: int,
        length: float,
    ) -> None:
        self.learner, self.steps, self.fall = learner, steps, fall
        self.warm_up, self.length = warm_up, length
        self.average = {k: value.detach().clone() for k, value in learner.named_parameters()}
        self.steppers = [Muon(muon, lr=0.0), torch.optim.Adam(adam)]
        self.index = 0

    @classmethod
    def of(
        cls,
        learner: nn.Module,
        groups: Callable[..., Groups],
        rates: tuple[float, float],
        options: argparse.Namespace,
        *,
        warm_up: int,
        length: float,
    ) -> Course:
        """With the options of `add_options`.

        `groups(named, rate, inside=...)` parts the named parameters into those inside the network,
        for Muon, and the others, for Adam; `rates` are of these two.
        """
        named = dict(learner.named_parameters())
        muon, adam = (
            groups(named, rate, inside=inside)
            for rate, inside in zip(rates, (True, False), strict=True)
        )
        shape = {"steps": options.steps, "fall": options.fall}
        return cls(learner, muon, adam, **shape, warm_up=warm_up, length=length)

    def update(self, found: Iterable[Tensor]) -> None:
        """Goes a step down the sum of some losses."""
        for stepper in self.steppers:
            stepper.zero_grad(set_to_none=True)
        sum(found).backward()
        left = (self.steps - self.index) / (self.steps * self.fall)
        share = min((self.index + 1) / self.warm_up, 1.0, max(left, 0.01))
        torch.nn.utils.clip_grad_norm_(self.learner.parameters(), self.length)
        for stepper in self.steppers:
            for group in stepper.param_groups:
                group["lr"] = group["rate"] * share
            stepper.step()
        self.index += 1
        decay = min(AVERAGE, self.index / (self.index + 10))
        for name, value in self.learner.named_parameters():
            self.average[name].lerp_(value.detach(), 1 - decay)

    @torch.no_grad()
    def averaged(self, work: Callable[[], dict[str, float]]) -> dict[str, float]:
        """What `work` finds while the network has its averaged weights."""
        named = dict(self.learner.named_parameters())
        now = {name: value.detach().clone() for name, value in named.items()}
        for weights in (self.average, now):
            for name, value in named.items():
                value.copy_(weights[name])
            if weights is self.average:
                found = work()
        return found

    def state(self) -> dict[str, Tensor]:
        """All it takes to go on."""
        found = {"index": torch.tensor(self.index)}
        found |= {f"weight {k}": v for k, v in self.learner.state_dict().items()}
        found |= {f"average {k}": v for k, v in self.average.items()}
        for name, value in self.learner.named_parameters():
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
        kept = self.learner.state_dict()
        self.learner.load_state_dict({k: state[f"weight {k}"] for k in kept})
        for name, value in self.learner.named_parameters():
            self.average[name].copy_(state[f"average {name}"])
            for stepper, keys in zip(
                self.steppers, (("mean",), ("step", "exp_avg", "exp_avg_sq")), strict=True
            ):
                held = any(value is p for group in stepper.param_groups for p in group["params"])
                kept = {k: state[f"{k} {name}"].clone() for k in keys if f"{k} {name}" in state}
                if held and kept:
                    stepper.state[value] = kept


def keep(state: Mapping[str, Tensor], path: Path) -> None:
    """Writes a state, whole or not at all."""
    draft = path.with_suffix(".new")
    save_file(dict(state), draft)
    draft.replace(path)


def add_options(parser: argparse.ArgumentParser, *, steps: int, fall: float, batch: int) -> None:
    """The options of every such training, with these defaults."""
    for name in ("pictures", "data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--earlier", type=Path, help="a packed network to begin with")
    parser.add_argument("--fall", type=float, default=fall, help="last part, of falling rate")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--every", type=int, default=4, help="of the pictures held out, to test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bfloat16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--checkpoint", type=float, default=3.0, help="minutes")


def train(
    course: Course,
    options: argparse.Namespace,
    step: Callable[[], dict[str, float]],
    test: Callable[[], dict[str, float]],
) -> None:
    """Trains; logs a line of JSON every 50 steps, and how it does on other pictures every 250.

    Args:
        course: what is trained.
        options: those of `add_options`.
        step: makes one step and returns its losses.
        test: returns figures on pictures never learned from.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    part = options.out / "state.safetensors"
    if part.exists():
        course.load(load_file(part))
    began = kept = time.monotonic()
    smooth: dict[str, float] = {}
    while course.index < course.steps:
        for name, value in step().items():
            smooth[name] = 0.95 * smooth.get(name, value) + 0.05 * value
        if course.index % 50 == 0:
            found = {**smooth, **(test() if course.index % 250 == 0 else {})}
            said = {name: round(value, 5) for name, value in found.items()}
            seconds = round(time.monotonic() - began)
            print(json.dumps({"step": course.index, "seconds": seconds, **said}), flush=True)
        if time.monotonic() - kept > 60 * options.checkpoint or course.index == course.steps:
            kept = time.monotonic()
            keep(course.state(), part)
