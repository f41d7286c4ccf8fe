"""What a painter of styles learns from: random crops of photos, each with a style and a strength.

Perceptual losses (Johnson, Alahi & Fei-Fei 2016), the same terms that `artgen style` minimises, so
that a painter learns to do in one pass what the optimiser does in hundreds of iterations. Different
from the paper: a few hundred photos are enough, since each is cropped, scaled, mirrored and
colour-shifted anew every time; the strength from photo to style is drawn at random and learnt with
the rest (Babaeizadeh & Ghiasi, Adjustable Real-time Style Transfer, 2018).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from artgen import images
from artgen.core.defaults import CONTENT_WEIGHT
from artgen.core.events import State
from artgen.errors import ArtgenError, UsageError
from artgen.fast.multi_style import Corner, Painter
from artgen.fast.shared import SIDE, STRIDE
from artgen.fast.trainer import Lesson
from artgen.losses.content import content_term
from artgen.losses.regularization import gamut_term, variation_term
from artgen.losses.style import Moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample

__all__ = ["PhotoLessons", "Photos", "TrainingObjective"]

FULL = 0.85  # share of the pictures that are trained at full strength
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


class PhotoLessons:
    """Lessons of a painter of styles.

    Args:
        objective: what judges a painted picture.
        photos: the training photos, and the generator of all random choices.
    """

    def __init__(self, objective: TrainingObjective, photos: Photos) -> None:
        self.objective, self.photos = objective, photos
        self.styles = list(objective.targets)
        self.queue: list[int] = []

    @property
    def refused(self) -> Sequence[str]:
        """A sentence for each photo that could not be read, so far."""
        return self.photos.refused

    def draw(self, painter: Painter) -> Lesson:
        """A crop of a photo, mostly at full strength.

        Raises:
            UsageError: if no photo is left that can be read.
        """
        photo = self.photos.draw().to(painter.photo_gain.device)
        style = self.styles[self._next_style()]
        strength = self._strength()
        terms = self.objective.terms(photo, style, strength)
        return Lesson(photo, {style: 1.0}, terms, strength, self.photos.corner())

    def few(self) -> PhotoLessons:
        """The same four crops again and again."""
        four = Photos(self.photos.paths, self.photos.side, torch.Generator().manual_seed(0))
        crops = [four.draw() for _ in range(4)]
        four.draw = itertools.cycle(crops).__next__  # type: ignore[method-assign]
        return PhotoLessons(self.objective, four)

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
        """The styles that are still to come, and the generator's state."""
        queue = torch.tensor(self.queue, dtype=torch.int64)
        return {"queue": queue, "random": self.photos.generator.get_state()}

    def load(self, state: State) -> None:
        """Go on from a state."""
        self.queue = state["queue"].tolist()
        self.photos.generator.set_state(state["random"])
