"""Training of a painter on photos and styles; it yields steps and leaves a trained network.

Perceptual losses (Johnson, Alahi & Fei-Fei 2016), the same terms that `artgen style` minimises, so
that a painter learns to do in one pass what the optimiser does in hundreds of iterations. Different
from the paper: a few hundred photos are enough, since each is cropped, scaled, mirrored and
colour-shifted anew every time; the strength from photo to style is drawn at random and learnt with
the rest (Babaeizadeh & Ghiasi, Adjustable Real-time Style Transfer, 2018); the result is the
running average of the weights.
"""

from __future__ import annotations

import copy
import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from artgen import images
from artgen.core.events import Note, State, Step
from artgen.errors import ArtgenError, UsageError
from artgen.fast.multi_style import Corner, Painter
from artgen.fast.shared import SIDE, STRIDE
from artgen.losses.content import CONTENT_WEIGHT, content_term
from artgen.losses.evaluate import evaluate
from artgen.losses.regularization import gamut_term, variation_term
from artgen.losses.style import Moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample

__all__ = ["Photos", "Trainer", "TrainingObjective"]

FULL = 0.85  # share of the pictures that are trained at full strength
LONG, REHEARSED = 1000, 32  # steps from which a training is checked first; steps of that check
WARM_UP, FALL = 100, 0.4  # steps until the full rate, and the last share of all in which it falls
TIMED = 10  # steps that are timed to choose `iterations`
BETAS, QUICKER = (0.9, 0.99), 3.0  # Adam's; factor of the learning rate for style parameters
AVERAGE = 0.998  # decay of the running average of the weights
SAME, GAMUT = 1.0, 5.0  # weights: at strength 0 the photo is the target; stay within [0, 1]


class Photos:
    """Random crops of photos, augmented differently every time.

    A photo that cannot be read is skipped, with one warning. Photos are kept in memory, at most
    three crops long, up to BYTES in all.

    Args:
        paths: the photos.
        side: of the crops, in pixels.
        generator: of all random choices.
    """

    BYTES = 2_000_000_000

    def __init__(self, paths: Sequence[Path], side: int, generator: torch.Generator) -> None:
        self.paths, self.side, self.generator = list(paths), side, generator
        self.kept: dict[Path, Tensor] = {}
        self.bytes = 0
        self.refused: list[str] = []

    def _read(self, path: Path) -> Tensor:
        """The photo (1, 3, H, W), uint8."""
        if path in self.kept:
            return self.kept[path]
        photo = (images.thumbnail(path, 3 * self.side) * 255).round().byte()
        if self.bytes + photo.numel() <= self.BYTES:
            self.kept[path] = photo
            self.bytes += photo.numel()
        return photo

    def _uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def draw(self) -> Tensor:
        """A crop (1, 3, side, side) in [0, 1].

        Raises:
            UsageError: if no photo is left that can be read.
        """
        while self.paths:
            pick = int(torch.randint(len(self.paths), (), generator=self.generator))
            try:
                return self._colour(self._crop(self._read(self.paths[pick])))
            except ArtgenError as error:
                self.refused.append(error.message)
                del self.paths[pick]
        raise UsageError("None of the photos can be read.", "Give a folder of photos.")

    def corner(self) -> Corner:
        """A random position of the crop in an imagined large picture, for the noise."""
        down, across = torch.randint(SIDE, (2,), generator=self.generator).tolist()
        return STRIDE * down, STRIDE * across

    def _crop(self, photo: Tensor) -> Tensor:
        """A random square crop, its side from all to half of the photo's short side."""
        short = min(photo.shape[-2:])
        cut = max(round(short / math.exp(self._uniform(0, math.log(2)))), 1)
        # Rounding may give the upper end itself, which is one position too far.
        top, left = (int(self._uniform(0, length - cut + 1 - 1e-6)) for length in photo.shape[-2:])
        piece = photo[..., top : top + cut, left : left + cut].float() / 255
        piece = resample(piece, (self.side, self.side)).clamp(0, 1)
        return piece.flip(-1) if self._uniform(0, 1) < 0.5 else piece

    def _colour(self, piece: Tensor) -> Tensor:
        """Random small changes of contrast, brightness and saturation."""
        grey = piece.mean(1, keepdim=True)
        piece = grey + (piece - grey) * self._uniform(0.7, 1.3)
        piece = (piece - 0.5) * self._uniform(0.8, 1.2) + 0.5 + self._uniform(-0.06, 0.06)
        return piece.clamp(0, 1)


@dataclass(frozen=True)
class TrainingObjective:
    """The training objective.

    Attributes:
        extractor: the feature extractor of the losses.
        targets: style -> layer -> moments, of each style to learn.
        style_loss: `gram` or `moments`.
        content_weight, style_weight, tv_weight: of the terms, as in `artgen style` at strength 50,
            but with twice the style weight, since a network reaches less of it, and a smaller
            weight of the total variation, since a network makes less noise than an optimiser.
    """

    extractor: FeatureExtractor
    targets: Mapping[str, Mapping[str, Moments]]
    style_loss: str = "moments"
    content_weight: float = CONTENT_WEIGHT
    style_weight: float = 2.0
    tv_weight: float = 1.0

    def terms(self, photo: Tensor, style: str, strength: float) -> list[Term]:
        """All terms for one photo (1, 3, H, W); at strength 0 the photo alone is the target."""
        painted, content = (self.extractor.role(role) for role in ("style", "content"))
        pull = self.content_weight * content.scale * (2 - strength)
        same = SAME * (1 - strength) ** 2
        return [
            style_term(
                self.targets[style],
                painted.layers,
                self.style_loss,
                strength * self.style_weight * painted.scale,
            ),
            content_term(self.extractor, photo, content.layers, pull),
            content_term(self.extractor, photo, {"image": 1.0}, same, name="photo"),
            variation_term(strength * self.tv_weight),
            gamut_term(GAMUT),
        ]


class Trainer:
    """Trains a painter with Adam.

    Args:
        painter: trained in place.
        objective: the training objective.
        photos: the training photos.
        iterations: steps in all.
        minutes: if not 0, `iterations` is chosen to fit into this time, from the first TIMED steps.
        batch: pictures a step.
        rate: Adam's learning rate.
        only: names of the styles to train: only their own parameters change; all parameters if
            empty.
    """

    def __init__(
        self,
        painter: Painter,
        objective: TrainingObjective,
        photos: Photos,
        *,
        iterations: int,
        minutes: float = 0.0,
        batch: int = 2,
        rate: float = 1e-3,
        only: Sequence[str] = (),
    ) -> None:
        self.painter, self.objective, self.photos = painter, objective, photos
        self.iterations, self.batch, self.rate = iterations, batch, rate
        self.seconds = 60 * minutes
        self.styles = list(objective.targets)
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
        self.queue: list[int] = []
        self.index = 0

    def run(self) -> Iterator[Step | Note]:
        """Yield a Step after each batch; its `picture()` is the last one painted."""
        told, began = 0, time.monotonic()
        if self.index == 0 and self.iterations >= LONG:
            yield Note(self.rehearsal())
        while self.index < self.iterations:
            losses, painted = self._step()
            if self.seconds and self.index == TIMED:
                each = (time.monotonic() - began) / TIMED
                self.iterations = max(round(self.seconds / each), TIMED)
                yield Note(f"{each:.2f} s a batch: {self.iterations} of them.")
            for sentence in self.photos.refused[told:]:
                yield Note(f"Left out: {sentence}")
            told = len(self.photos.refused)
            side = self.photos.side
            yield Step(self.index, self.iterations, (side, side), losses, painted.clone, self.state)

    def rehearsal(self) -> str:
        """Check first, on a copy, whether the painter can overfit four photos.

        Raises:
            UsageError: if the losses do not fall.
        """
        four = Photos(self.photos.paths, self.photos.side, torch.Generator().manual_seed(0))
        crops = [four.draw() for _ in range(4)]
        four.draw = itertools.cycle(crops).__next__  # type: ignore[method-assign]
        copied = Trainer(
            copy.deepcopy(self.painter),
            self.objective,
            four,
            iterations=REHEARSED,
            batch=self.batch,
            rate=self.rate,
            only=() if self.rows is None else self.styles,
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
        """One batch: the mean losses of pictures at full strength, and the last picture painted."""
        for group in self.adam.param_groups:
            kernels = group["params"][0].ndim == 4
            group["lr"] = self.rate * self._share() * (1 if kernels else QUICKER)
        self.adam.zero_grad(set_to_none=True)
        device = self.painter.photo_gain.device
        means: dict[str, Tensor] = {}
        for _ in range(self.batch):
            photo = self.photos.draw().to(device)
            style = self.styles[self._next_style()]
            strength = self._strength()
            mix = self.painter.mix({style: 1.0}, strength)
            painted = self.painter(photo, mix, corner=self.photos.corner())
            losses, _, gradient = evaluate(
                painted, self.objective.extractor, self.objective.terms(photo, style, strength)
            )
            painted.backward(gradient / self.batch)
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

    def _next_style(self) -> int:
        """A random style; every style comes once before any comes again."""
        if not self.queue:
            order = torch.randperm(len(self.styles), generator=self.photos.generator)
            self.queue = order.tolist()
        return self.queue.pop()

    def _strength(self) -> float:
        full, strength = torch.rand(2, generator=self.photos.generator).tolist()
        return 1.0 if full < FULL else strength

    def state(self) -> State:
        """Everything needed to go on to the same result, bit for bit."""
        found = {
            "index": torch.tensor(self.index),
            "iterations": torch.tensor(self.iterations),
            "queue": torch.tensor(self.queue, dtype=torch.int64),
            "random": self.photos.generator.get_state(),
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
        self.queue = state["queue"].tolist()
        self.photos.generator.set_state(state["random"])
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
