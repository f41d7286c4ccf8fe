"""Trains a painter, lesson by lesson: it yields steps and leaves a trained network.

A lesson is one picture to paint and the terms that judge the result. Where lessons come from is the
caller's: photos and styles (`training.py`), or frames and their painted keys (`keys.py`). The
result is the running average of the weights.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from artgen.core.events import Note, State, Step
from artgen.errors import UsageError
from artgen.fast.multi_style import Corner, Moments, Painter, measure
from artgen.losses.evaluate import evaluate
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor

__all__ = ["Lesson", "Lessons", "Trainer"]

LONG, REHEARSED = 1000, 32  # steps from which a training is checked first; steps of that check
WARM_UP, FALL = 100, 0.4  # steps until the full rate, and the last share of all in which it falls
TIMED = 10  # steps that are timed to choose `iterations`
BETAS, QUICKER = (0.9, 0.99), 3.0  # Adam's; factor of the learning rate for style parameters
AVERAGE = 0.998  # decay of the running average of the weights


@dataclass(frozen=True)
class Lesson:
    """One picture to paint, and what judges the result.

    Attributes:
        photo: (1, 3, H, W) in [0, 1], on the painter's device.
        shares: of the styles; see Painter.mix.
        terms: of the loss, for pictures (1, 3, H, W).
        strength: from the photo (0) to the styles (1).
        corner: where the photo begins in the whole picture, for the noise.
        moments: returns those of a norm's input; see Painter.forward.
        seen: what of the painted picture the terms see, a picture of the same size.
    """

    photo: Tensor
    shares: Mapping[str, float]
    terms: Sequence[Term]
    strength: float = 1.0
    corner: Corner = (0, 0)
    moments: Callable[[Tensor], Moments] = measure
    seen: Callable[[Tensor], Tensor] = field(default=lambda made: made)


class Lessons(Protocol):
    """Draws lessons at random, and can go on from a state."""

    @property
    def refused(self) -> Sequence[str]:
        """A sentence for each source that could not be read, so far."""

    def draw(self, painter: Painter) -> Lesson:
        """The next lesson of a painter."""

    def few(self) -> Lessons | None:
        """A few of the lessons, again and again, to check that they can be learnt; None for none.

        Nothing that is drawn from them changes what is drawn from these.
        """

    def state(self) -> State:
        """What is needed to go on to the same lessons."""

    def load(self, state: State) -> None:
        """Go on from a state."""


class Trainer:
    """Trains a painter with Adam.

    Args:
        painter: trained in place.
        extractor: the feature extractor of the losses.
        lessons: what it learns from.
        iterations: steps in all.
        minutes: if not 0, `iterations` is chosen to fit into this time, from the first TIMED steps.
        batch: lessons a step.
        rate: Adam's learning rate.
        only: names of the styles to train: only their own parameters change; all parameters if
            empty.
    """

    def __init__(
        self,
        painter: Painter,
        extractor: FeatureExtractor,
        lessons: Lessons,
        *,
        iterations: int,
        minutes: float = 0.0,
        batch: int = 2,
        rate: float = 1e-3,
        only: Sequence[str] = (),
    ) -> None:
        self.painter, self.extractor, self.lessons = painter, extractor, lessons
        self.iterations, self.batch, self.rate = iterations, batch, rate
        self.seconds, self.only = 60 * minutes, only
        self.learning = {
            name: value
            for name, value in painter.named_parameters()
            if not only or _belongs_to_styles(name)
        }
        self.rows = torch.tensor([name in only for name in painter.styles]) if only else None
        self.average = {name: value.detach().clone() for name, value in self.learning.items()}
        groups = [
            {"params": [value for value in self.learning.values() if value.ndim == 4]},
            {"params": [value for value in self.learning.values() if value.ndim != 4]},
        ]
        self.adam = torch.optim.Adam([group for group in groups if group["params"]], betas=BETAS)
        self.index = 0

    def run(self) -> Iterator[Step | Note]:
        """Yield a Step after each batch; its `picture()` is the last one painted."""
        told, began = 0, time.monotonic()
        if self.index == 0 and self.iterations >= LONG and (few := self.lessons.few()):
            yield Note(self.rehearsal(few))
        while self.index < self.iterations:
            losses, painted = self._step()
            if self.seconds and self.index == TIMED:
                each = (time.monotonic() - began) / TIMED
                self.iterations = max(round(self.seconds / each), TIMED)
                yield Note(f"{each:.2f} s a batch: {self.iterations} of them.")
            for sentence in self.lessons.refused[told:]:
                yield Note(f"Left out: {sentence}")
            told = len(self.lessons.refused)
            size = (painted.shape[-2], painted.shape[-1])
            yield Step(self.index, self.iterations, size, losses, painted.clone, self.state)

    def rehearsal(self, lessons: Lessons) -> str:
        """Check first, on a copy, whether the painter can overfit a few lessons.

        Raises:
            UsageError: if the losses do not fall.
        """
        copied = Trainer(
            copy.deepcopy(self.painter),
            self.extractor,
            lessons,
            iterations=REHEARSED,
            batch=self.batch,
            rate=self.rate,
            only=self.only,
        )
        totals = []
        for step in copied.run():
            if isinstance(step, Step):
                totals.append(sum(float(value) for value in step.losses.values()))
        part = REHEARSED // 4
        begun, ended = (sum(few) / part for few in (totals[:part], totals[-part:]))
        if not ended < begun:
            raise UsageError(
                f"It does not learn: on four photos the loss goes from {begun:.3g} to {ended:.3g}.",
                "Try a lower --rate.",
            )
        return f"A first check, on four photos: the loss falls from {begun:.3g} to {ended:.3g}."

    def _step(self) -> tuple[dict[str, Tensor], Tensor]:
        """One batch: the mean losses of its lessons, and the last picture painted."""
        for group in self.adam.param_groups:
            kernels = group["params"][0].ndim == 4
            group["lr"] = self.rate * self._share() * (1 if kernels else QUICKER)
        self.adam.zero_grad(set_to_none=True)
        means: dict[str, Tensor] = {}
        for _ in range(self.batch):
            lesson = self.lessons.draw(self.painter)
            mix = self.painter.mix(lesson.shares, lesson.strength)
            painted = self.painter(lesson.photo, mix, lesson.moments, lesson.corner)
            seen = lesson.seen(painted)
            losses, _, gradient = evaluate(seen, self.extractor, lesson.terms)
            torch.autograd.backward(seen, gradient / self.batch)
            for name, value in losses.items():
                means[name] = means.get(name, 0.0) + value / self.batch
        if self.rows is not None:
            for value in self.learning.values():
                value.grad[~self.rows] = 0.0  # type: ignore[index]
        torch.nn.utils.clip_grad_norm_(self.learning.values(), 1.0)
        self.adam.step()
        self.index += 1
        decay = min(AVERAGE, self.index / (self.index + 10))
        for name, value in self.learning.items():
            self.average[name].lerp_(value.detach(), 1 - decay)
        return means, painted.detach().clamp(0, 1)

    def _share(self) -> float:
        """The learning rate's factor: it rises, stays at 1, and falls to 0."""
        left = (self.iterations - self.index) / self.iterations
        return min((self.index + 1) / WARM_UP, 1.0, left / FALL)

    def state(self) -> State:
        """Everything needed to go on to the same result, bit for bit."""
        found = {
            "index": torch.tensor(self.index),
            "iterations": torch.tensor(self.iterations),
            **self.lessons.state(),
        }
        for name, value in self.learning.items():
            found[f"weight {name}"] = value.detach()
            found[f"average {name}"] = self.average[name]
            for key, tensor in self.adam.state[value].items():
                found[f"adam {key} {name}"] = tensor
        return found

    def load(self, state: State) -> None:
        """Go on from the state of a trainer with the same arguments."""
        self.index, self.iterations = int(state["index"]), int(state["iterations"])
        self.lessons.load(state)
        for name, value in self.learning.items():
            value.data.copy_(state[f"weight {name}"])
            self.average[name].copy_(state[f"average {name}"])
            device = value.device
            self.adam.state[value] = {
                key: state[f"adam {key} {name}"].clone().to("cpu" if key == "step" else device)
                for key in ("step", "exp_avg", "exp_avg_sq")
            }

    def averaged(self) -> Painter:
        """A copy of the painter with the running average of its weights."""
        copied = copy.deepcopy(self.painter)
        copied.load_state_dict(self.average, strict=False)
        return copied

    @torch.no_grad()
    def finish(self) -> Painter:
        """The painter, with the running average of its weights."""
        for name, value in self.learning.items():
            value.copy_(self.average[name])
        return self.painter


def _belongs_to_styles(name: str) -> bool:
    """Whether a painter's parameter has a row for each style."""
    return name.endswith((".gain", ".shift", ".loudness")) or name == "photo_gain"
