"""Trains the decoder that paints a photo in the style of any picture, in one pass.

    PYTHONPATH=training/slim python training/arbitrary/train.py --pictures DIR --data DIR \
        --drawn DIR --earlier FILE --out DIR

DIR of --pictures is train.tar unpacked; that of --data holds pictures that are never learned from;
that of --drawn the styles of examples/ drawn with other seeds. FILE is an earlier decoder, whose
weights this one begins as: its inputs are fitted where it saw with another extractor. A checkpoint
is written every few minutes, and a run that is started again goes on from it, to the very same end.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from begin import Earlier, begin_as
from course import keep
from data import split
from muon import Muon
from safetensors.torch import load_file
from strokes import MARKS, SHAPE, Samples, sampled, shape_term, stroke_term
from torch import Tensor

from artgen.fast.any_style import LEVELS, READ, Decoder, described, evenly
from artgen.fast.any_style_inference import EXTRACTOR
from artgen.fast.gaussian_transport import transport_map
from artgen.fast.training import Photos, TrainingObjective
from artgen.losses import functional
from artgen.losses.evaluate import evaluate
from artgen.losses.style import Moments
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network
from artgen.ops.numerics import square_root
from styles import Styles

EARLIER = "slim@1"  # the extractor of the first decoder
FULL, MIXED = 0.9, 0.08  # shares: of full strength; of mixtures of two styles
WARM_UP, FALL = 100, 0.4  # steps until the full rate, and the last share in which it falls
BETAS, AVERAGE = (0.9, 0.99), 0.998
# Rates of Adam by the last beginning of a name that fits. The code's are small: a thousand numbers
# move together in it, and a tanh that is full says nothing any more.
RATES = {"": 1e-3, "say": 5e-4, "read": 2e-4, "see": 5e-4, "last": 5e-4, "into_half": 3e-4}
KERNEL = 0.01  # Muon's, of kernels that are weighed: they have a norm of about 3
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
MEASURED = 64  # photos and styles by which the first decoder's inputs are fitted
SIDES = ((160, 2), (160, 2), (256, 1))  # px of a crop, and crops a step, in turn
STEADY, GRAIN = 4, 0.015  # every how many crops are painted twice; deviation of the noise between
Painting = Mapping[str, Moments]


@dataclass(frozen=True)
class Style:
    """What the losses know of a style."""

    moments: Painting
    samples: Samples


class Course:
    """All that a training is made of, and what is known on the way."""

    def __init__(self, options: argparse.Namespace) -> None:
        files = split(options.pictures, options.data, "textures").train
        photos = [path for path in files if path.parent.name == "photos"]
        paintings = [path for path in files if path.parent.name == "paintings"]
        self.device = torch.device(options.device)
        self.half = options.half
        self.extractor = FeatureExtractor(network(EXTRACTOR)).to(self.device)
        self.seed, self.steps, self.weights = options.seed, options.steps, options
        drawn = sorted(options.drawn.glob("*.jpg"))
        styles = Styles(paintings, photos, options.seed, drawn)
        self.photos = {side: Photos(files, side, torch.Generator()) for side, _ in SIDES}
        torch.manual_seed(options.seed)
        self.decoder = Decoder().to(self.device)
        pictures = [styles[number].to(self.device) for number in range(options.styles)]
        if self.half:
            self.extractor.half_precision(torch.bfloat16)
        dice = torch.Generator().manual_seed(options.seed)
        self.bank = [self.style(picture, dice) for picture in pictures]
        if not (options.out / "state.safetensors").exists():
            self.begin(pictures, Earlier(options.earlier))
        named = dict(self.decoder.named_parameters())
        self.average = {name: value.detach().clone() for name, value in named.items()}
        kernels = {name for name in named if _is_kernel(name)}
        groups = [
            {"params": [value], "rate": _rate(name)}
            for name, value in named.items()
            if name not in kernels
        ]
        self.adam = torch.optim.Adam(groups, betas=BETAS)
        self.muon = Muon([{"params": [named[k]], "rate": KERNEL} for k in sorted(kernels)], KERNEL)
        self.index = 0

    @torch.no_grad()
    def style(self, picture: Tensor, dice: torch.Generator) -> Style:
        """A style's moments, in float32, and some of its positions."""
        seen = self.extractor(picture, {*READ, *MARKS})
        return Style(_moments(seen), sampled(seen, dice))

    @torch.no_grad()
    def begin(self, pictures: list[Tensor], earlier: Earlier) -> None:
        """The scales of what goes in, and an earlier decoder's weights, fitted if need be."""
        if earlier.fits(self.decoder):
            self.decoder.load_state_dict(earlier.tensors)
            return
        table = torch.cat([described(one.moments) for one in self.bank])
        loud = [
            [one.moments[level].gram.diagonal().mean().sqrt() for level in LEVELS[1:]]
            for one in self.bank
        ]
        self.decoder.centre.copy_(table.mean(0, keepdim=True))
        self.decoder.spread.copy_(table.std(0, keepdim=True) + 1e-3)
        self.decoder.loudness.copy_(torch.tensor(loud).mean(0))
        first = FeatureExtractor(network(EARLIER)).to(self.device)
        theirs = [_moments(first(picture, READ)) for picture in pictures]
        hidden = earlier.hidden(torch.cat([described(one) for one in theirs]))
        photos = self.photos[SIDES[0][0]]
        photos.generator.manual_seed(self.seed)
        found: list[list[tuple[Tensor, Tensor]]] = [[], []]
        for number in range(min(MEASURED, len(self.bank))):
            photo = photos.draw().to(self.device)
            mine = _carried(self.extractor, photo, self.bank[number].moments, 1.0)
            before = _carried(first, photo, theirs[number], 1.0)
            for place, level in enumerate(LEVELS[1:]):
                rows, old = (functional.as_rows(x[level]).float() for x in (mine, before))
                pick = torch.randperm(len(rows), generator=photos.generator)[:300]
                found[place].append((rows[pick], earlier.seen(place, old[pick])))
        levels = [tuple(torch.cat(each) for each in zip(*pairs, strict=True)) for pairs in found]
        print(json.dumps(begin_as(self.decoder, earlier, levels, (table, hidden))), flush=True)

    def draw(self, dice: torch.Generator) -> Style:
        """A style of the bank, or now and then a mixture of two."""
        one, other = (self.bank[i] for i in torch.randint(len(self.bank), (2,), generator=dice))
        mixed, share = torch.rand(2, generator=dice).tolist()
        if mixed > MIXED:
            return one
        made = {}
        for name, moments in one.moments.items():
            mean = torch.lerp(moments.mean, other.moments[name].mean, share)
            gram = torch.lerp(moments.gram, other.moments[name].gram, share)
            root = square_root(gram - torch.outer(mean, mean))
            made[name] = Moments(mean, gram, root)
        both = {layer: torch.cat([one.samples[layer], other.samples[layer]]) for layer in MARKS}
        return Style(made, both)

    def run(self) -> Iterator[tuple[dict[str, float], Tensor]]:
        """Trains; yields each batch's losses and its last picture."""
        while self.index < self.steps:
            yield self.step()

    def step(self) -> tuple[dict[str, float], Tensor]:
        """One batch."""
        left = (self.steps - self.index) / self.steps
        share = min((self.index + 1) / WARM_UP, 1.0, left / FALL)
        side, batch = SIDES[self.index % len(SIDES)]
        for optimiser in (self.adam, self.muon):
            optimiser.zero_grad(set_to_none=True)
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * share
        photos = self.photos[side]
        photos.generator.manual_seed(self.seed * 1_000_003 + self.index)
        means: dict[str, float] = {}
        for number in range(batch):
            style = self.draw(photos.generator)
            full, strength = torch.rand(2, generator=photos.generator).tolist()
            twice = (2 * self.index + number) % STEADY == 0
            found, painted = self.objective(
                photos, style, 1.0 if full < FULL else strength, batch, twice
            )
            for name, value in found.items():
                means[name] = means.get(name, 0.0) + float(value) / batch
        torch.nn.utils.clip_grad_norm_(self.decoder.parameters(), 1.0)
        self.adam.step()
        self.muon.step()
        self.index += 1
        decay = min(AVERAGE, self.index / (self.index + 10))
        for name, value in self.decoder.named_parameters():
            self.average[name].lerp_(value.detach(), 1 - decay)
        return means, painted.detach().clamp(0, 1)

    def objective(
        self, photos: Photos, style: Style, strength: float, batch: int, twice: bool
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Paints a photo, and adds the gradients of what it got wrong."""
        photo, corner, options = photos.draw().to(self.device), photos.corner(), self.weights
        aims = TrainingObjective(
            self.extractor,
            {"": style.moments},
            "moments",
            options.content,
            options.style,
            options.tv,
        )
        first, *others = aims.terms(photo, "", strength)
        with torch.no_grad():
            shape = self.extractor(photo, [SHAPE])[SHAPE]
        others += [
            stroke_term(style.samples, options.strokes * strength),
            shape_term(shape, options.shape * (2 - strength)),
        ]
        mix = self.decoder.mix(described(style.moments).to(self.device), strength)
        painted = self.paint(photo, style.moments, mix, strength, corner)
        found, _, gradient = evaluate(painted, self.extractor, [_bent(first), *others])
        if twice:
            noisy = photo + GRAIN * torch.randn(photo.shape, generator=photos.generator).to(photo)
            again = self.paint(noisy.clamp(0, 1), style.moments, mix, strength, corner)
            apart = options.steady * (again - painted).square().mean()
            found["steady"] = apart.detach() * STEADY  # of those that are painted twice
            torch.autograd.backward(
                [painted, apart], [gradient / batch, apart.new_tensor(1 / batch)]
            )
        else:
            painted.backward(gradient / batch)
        return found, painted

    def paint(
        self,
        photo: Tensor,
        painting: Painting,
        mix: Tensor,
        strength: float,
        corner: tuple[int, int],
    ) -> Tensor:
        """The painted crop, before its colours are carried over once more."""
        seen = _carried(self.extractor, photo, painting, strength)
        mean, gram = (x.to(self.device) for x in _sums(photo))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            painted: Tensor = self.decoder(evenly(photo, mean, gram), seen, mix, corner)
        return painted.float()

    def state(self) -> dict[str, Tensor]:
        """All it takes to go on to the very same end."""
        found = {"index": torch.tensor(self.index)}
        found |= {f"weight {k}": v for k, v in self.decoder.state_dict().items()}
        for name, value in self.decoder.named_parameters():
            found[f"average {name}"] = self.average[name]
            kept = (self.muon if _is_kernel(name) else self.adam).state[value]
            found |= {f"{k} {name}": v for k, v in kept.items()}
        return {name: value.detach().cpu().clone().contiguous() for name, value in found.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from a state of a course made alike."""
        self.index = int(state["index"])
        kept = self.decoder.state_dict()
        self.decoder.load_state_dict({k: state[f"weight {k}"] for k in kept})
        for name, value in self.decoder.named_parameters():
            self.average[name].copy_(state[f"average {name}"])
            optimiser = self.muon if _is_kernel(name) else self.adam
            keys = ("mean",) if _is_kernel(name) else ("step", "exp_avg", "exp_avg_sq")
            optimiser.state[value] = {
                key: state[f"{key} {name}"].clone().to("cpu" if key == "step" else self.device)
                for key in keys
            }


@torch.no_grad()
def _carried(
    extractor: FeatureExtractor, photo: Tensor, painting: Painting, strength: float
) -> dict[str, Tensor]:
    """What the extractor sees of a photo, carried to a painting's moments."""
    seen = extractor(photo, LEVELS)
    made = {}
    for level, features in seen.items():
        target = painting[level]
        way = transport_map(*_sums(features), target.mean, target.root)
        made[level] = way.partly(strength)(features)
    return made


def _moments(seen: Mapping[str, Tensor]) -> Painting:
    """The moments of the layers READ and of the picture, but for the roots in float32."""
    found = {}
    for layer in ("image", *READ):
        mean, gram = (x.double() for x in _sums(seen[layer]))
        root = square_root(gram - torch.outer(mean, mean))
        found[layer] = Moments(mean.float(), gram.float(), root)
    return found


def _sums(features: Tensor) -> tuple[Tensor, Tensor]:
    """Means of a layer (1, C, H, W) and of its products."""
    total, products = functional.moments(features)
    positions = features.shape[-2] * features.shape[-1]
    return total / positions, products / positions


def _is_kernel(name: str) -> bool:
    return name.endswith(".weight") and name.split(".")[0] in WEIGHED


def _rate(name: str) -> float:
    return [rate for start, rate in RATES.items() if name.startswith(start)][-1]


def _bent(term: Term) -> Term:
    """A term whose loss counts in full while it is small, and by its logarithm beyond KNEE."""
    return replace(term, loss=lambda sums: KNEE * (term.loss(sums) / KNEE).log1p())


def main() -> None:
    """Trains; logs a line of JSON every 25 steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("pictures", "data", "drawn", "earlier", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--styles", type=int, default=1000)
    for name, weight in (("content", 0.04), ("strokes", 0.5), ("shape", 0.25), ("steady", 50.0)):
        parser.add_argument(f"--{name}", type=float, default=weight, help="weight of the term")
    parser.add_argument("--style", type=float, default=TrainingObjective.style_weight)
    parser.add_argument("--tv", type=float, default=TrainingObjective.tv_weight)
    parser.add_argument("--half", action="store_true", help="convolve in bfloat16")
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
            keep(course.state(), part)


if __name__ == "__main__":
    main()
