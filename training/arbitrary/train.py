"""Trains the decoder that paints a photo in the style of any picture, in one pass.

    PYTHONPATH=training/slim python training/arbitrary/train.py --pictures DIR --data DIR --out DIR

DIR of --pictures is train.tar unpacked; that of --data holds pictures that are never learned from.
A checkpoint is written every few minutes, and a run that is started again goes on from it, to the
very same end.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from begin import begin_as
from data import split
from safetensors.torch import load_file, save_file
from torch import Tensor

from artgen.fast import model_files
from artgen.fast.any_style import LEVELS, READ, Decoder, described, evenly
from artgen.fast.any_style_inference import EXTRACTOR
from artgen.fast.gaussian_transport import transport_map
from artgen.fast.multi_style import Painter
from artgen.fast.training import Photos, TrainingObjective
from artgen.losses import functional
from artgen.losses.evaluate import evaluate
from artgen.losses.style import Moments, style_moments
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network
from artgen.ops.numerics import square_root
from styles import Styles

FULL, MIXED = 0.88, 0.08  # shares: of full strength; of mixtures of two styles
WARM_UP, FALL = 100, 0.4  # steps until the full rate, and the last share in which it falls
BETAS, AVERAGE = (0.9, 0.99), 0.998
# Rates of Adam by the last beginning of a name that fits. The code's are small: a thousand numbers
# move together in it, and a tanh that is full says nothing any more.
RATES = {"": 2e-3, "say": 1e-3, "read": 3e-4, "see": 1e-3, "last": 1e-3, "into_half": 5e-4}
KERNEL = 7e-4  # of kernels that are weighed
WEIGHED = (
    "into_quarter",
    "into_eighth",
    "blocks",
    "to_quarter",
    "at_quarter",
    "to_half",
    "to_full",
)
KNEE = 0.5  # style losses above count by their logarithm: a flat painting is no lesson of its own
MEASURED = 64  # photos whose moments take the place of the painter's norm
Painting = Mapping[str, Moments]


class Course:
    """All that a training is made of, and what is known on the way."""

    def __init__(self, options: argparse.Namespace) -> None:
        files = split(options.pictures, options.data, "textures").train
        photos = [path for path in files if path.parent.name == "photos"]
        paintings = [path for path in files if path.parent.name == "paintings"]
        self.device = torch.device(options.device)
        self.extractor = FeatureExtractor(network(EXTRACTOR)).to(self.device)
        self.styles = Styles(paintings, photos, options.seed)
        self.photos = Photos(photos, options.crop, torch.Generator())
        self.steps, self.batch, self.seed = options.steps, options.batch, options.seed
        self.weights = (options.content, options.style, options.tv)
        self.bank = [self.painting(number) for number in range(options.styles)]
        torch.manual_seed(options.seed)
        self.decoder = Decoder().to(self.device)
        self.measure()
        named = dict(self.decoder.named_parameters())
        self.average = {name: value.detach().clone() for name, value in named.items()}
        groups = [{"params": [value], "rate": _rate(name)} for name, value in named.items()]
        self.adam = torch.optim.Adam(groups, betas=BETAS)
        self.index = 0

    def painting(self, number: int) -> Painting:
        """The moments of a style, but for the roots in float32."""
        picture = self.styles[number].to(self.device)
        found = style_moments(self.extractor, [picture], [1.0], ("image", *READ))
        return {
            name: Moments(one.mean.float(), one.gram.float(), one.root)
            for name, one in found.items()
        }

    @torch.no_grad()
    def measure(self) -> None:
        """The scales of what goes in, and the kernels of the shipped painter to begin with."""
        table = torch.cat([described(one) for one in self.bank])
        loud = [
            [one[level].gram.diagonal().mean().sqrt() for level in LEVELS[1:]] for one in self.bank
        ]
        self.decoder.centre.copy_(table.mean(0, keepdim=True))
        self.decoder.spread.copy_(table.std(0, keepdim=True) + 1e-3)
        self.decoder.loudness.copy_(torch.tensor(loud).mean(0))
        self.photos.generator.manual_seed(self.seed)
        crops = [self.photos.draw().to(self.device) for _ in range(MEASURED)]
        painter = model_files.load(model_files.SHIPPED).painter
        assert isinstance(painter, Painter)
        begin_as(self.decoder, painter, [evenly(crop, *_sums(crop)) for crop in crops])

    def draw(self, dice: torch.Generator) -> Painting:
        """A style of the bank, or now and then a mixture of two."""
        one, other = (self.bank[i] for i in torch.randint(len(self.bank), (2,), generator=dice))
        mixed, share = torch.rand(2, generator=dice).tolist()
        if mixed > MIXED:
            return one
        made = {}
        for name in one:
            mean = torch.lerp(one[name].mean, other[name].mean, share)
            gram = torch.lerp(one[name].gram, other[name].gram, share)
            root = square_root(gram - torch.outer(mean, mean))
            made[name] = Moments(mean, gram, root)
        return made

    def run(self) -> Iterator[tuple[dict[str, float], Tensor]]:
        """Trains; yields each batch's losses and its last picture."""
        while self.index < self.steps:
            yield self.step()

    def step(self) -> tuple[dict[str, float], Tensor]:
        """One batch."""
        left = (self.steps - self.index) / self.steps
        share = min((self.index + 1) / WARM_UP, 1.0, left / FALL)
        self.adam.zero_grad(set_to_none=True)
        for group in self.adam.param_groups:
            group["lr"] = group["rate"] * share
        dice = self.photos.generator.manual_seed(self.seed * 1_000_003 + self.index)
        means: dict[str, float] = {}
        for _ in range(self.batch):
            painting = self.draw(dice)
            full, strength = torch.rand(2, generator=dice).tolist()
            found, painted = self.objective(painting, 1.0 if full < FULL else strength)
            for name, value in found.items():
                means[name] = means.get(name, 0.0) + float(value) / self.batch
        torch.nn.utils.clip_grad_norm_(self.decoder.parameters(), 1.0)
        self.adam.step()
        self.index += 1
        decay = min(AVERAGE, self.index / (self.index + 10))
        for name, value in self.decoder.named_parameters():
            self.average[name].lerp_(value.detach(), 1 - decay)
        return means, painted.detach().clamp(0, 1)

    def objective(self, painting: Painting, strength: float) -> tuple[dict[str, Tensor], Tensor]:
        """Paints a photo, and adds the gradients of what it got wrong."""
        photo = self.photos.draw().to(self.device)
        content, style, tv = self.weights
        objective = TrainingObjective(self.extractor, {"": painting}, "moments", content, style, tv)
        painted = self.decoder(
            evenly(photo, *_sums(photo)),
            self.carried(photo, painting, strength),
            self.decoder.mix(described(painting).to(self.device), strength),
        )
        first, *others = objective.terms(photo, "", strength)
        found, _, gradient = evaluate(painted, self.extractor, [_bent(first), *others])
        painted.backward(gradient / self.batch)
        return found, painted

    @torch.no_grad()
    def carried(self, photo: Tensor, painting: Painting, strength: float) -> dict[str, Tensor]:
        """What the extractor sees of a photo, carried to a painting's moments."""
        seen = self.extractor(photo, LEVELS)
        made = {}
        for level, features in seen.items():
            target = painting[level]
            way = transport_map(*_sums(features), target.mean, target.root)
            made[level] = way.partly(strength)(features)
        return made

    def state(self) -> dict[str, Tensor]:
        """All it takes to go on to the very same end."""
        found = {"index": torch.tensor(self.index)}
        found |= {f"weight {k}": v for k, v in self.decoder.state_dict().items()}
        for name, value in self.decoder.named_parameters():
            found[f"average {name}"] = self.average[name]
            found |= {f"{k} {name}": v for k, v in self.adam.state[value].items()}
        return {name: value.detach().cpu().clone().contiguous() for name, value in found.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from a state of a course made alike."""
        self.index = int(state["index"])
        kept = self.decoder.state_dict()
        self.decoder.load_state_dict({k: state[f"weight {k}"] for k in kept})
        for name, value in self.decoder.named_parameters():
            self.average[name].copy_(state[f"average {name}"])
            self.adam.state[value] = {
                key: state[f"{key} {name}"].clone().to("cpu" if key == "step" else self.device)
                for key in ("step", "exp_avg", "exp_avg_sq")
            }


def _sums(features: Tensor) -> tuple[Tensor, Tensor]:
    """Means of a layer (1, C, H, W) and of its products."""
    total, products = functional.moments(features)
    positions = features.shape[-2] * features.shape[-1]
    return total / positions, products / positions


def _rate(name: str) -> float:
    if name.endswith(".weight") and name.split(".")[0] in WEIGHED:
        return KERNEL
    return [rate for start, rate in RATES.items() if name.startswith(start)][-1]


def _bent(term: Term) -> Term:
    """A term whose loss counts in full while it is small, and by its logarithm beyond KNEE."""
    return replace(term, loss=lambda sums: KNEE * (term.loss(sums) / KNEE).log1p())


def keep(course: Course, path: Path) -> None:
    """The state, whole or not at all."""
    draft = path.with_suffix(".new")
    save_file(course.state(), draft)
    draft.replace(path)


def main() -> None:
    """Trains; logs a line of JSON every 25 steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("pictures", "data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--styles", type=int, default=600)
    parser.add_argument("--batch", type=int, default=2, choices=(1, 2))
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--content", type=float, default=0.08)  # of the decoder that ships
    parser.add_argument("--style", type=float, default=TrainingObjective.style_weight)
    parser.add_argument("--tv", type=float, default=TrainingObjective.tv_weight)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--checkpoint", type=float, default=4.0, help="minutes")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    course, part = Course(options), options.out / "state.safetensors"
    if part.exists():
        course.load(load_file(part))
    began = kept = time.monotonic()
    smooth: dict[str, float] = {}
    for found, _ in course.run():
        for name, value in found.items():
            smooth[name] = 0.97 * smooth.get(name, value) + 0.03 * value
        if course.index % 25 == 0:
            seconds = round(time.monotonic() - began)
            said = {name: round(value, 4) for name, value in smooth.items()}
            print(json.dumps({"step": course.index, "seconds": seconds, **said}), flush=True)
        if time.monotonic() - kept > 60 * options.checkpoint or course.index == course.steps:
            kept = time.monotonic()
            keep(course, part)


if __name__ == "__main__":
    main()
