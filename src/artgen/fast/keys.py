"""What a painter learns from to follow painted frames: crops of frames, and of their paintings.

Texler et al., Interactive Video Stylization Using Few-Shot Patch-Based Training, SIGGRAPH 2020: a
small network is trained for one film, on random patches of one or a few frames that were painted,
the keys. Different from the paper: no adversary, but the moments of the painted patch's features
(as in STALP: Futschik et al., Eurographics 2021), without which strokes become blurs; frames near a
key are learnt with the key moved along the optical flow, so that strokes move with things; and the
network is no new one, but a painter of styles, which has learnt strokes before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.core.events import State
from artgen.fast.multi_style import Moments, Painter, measure, padded
from artgen.fast.trainer import Lesson
from artgen.fast.unet import STRIDE
from artgen.losses.content import content_term
from artgen.losses.regularization import gamut_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.optical_flow import Estimate, motion, search, warp

__all__ = ["KEY", "KeyLessons", "KeyObjective", "Pair", "moved"]

KEY = "key"  # the style that a painter of keys has
TRUSTED, ENOUGH = 0.5, 0.25  # reliability of a flow to count, and the share of a frame that has it
OWN = 0.5  # share of lessons that are of a key's own frame
MARKS = {"relu2_1": 1.0, "relu3_1": 1.0}  # layers of the feature loss
# Layers of the style loss: deeper ones see more than a crop has of a stroke.
STROKES = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}
GAMUT = 5.0  # weight: stay within [0, 1]


@dataclass(frozen=True)
class Pair:
    """A frame and its painting.

    Attributes:
        frame, painted: (1, 3, H, W), in bytes.
        counts: (1, 1, H, W), whether each pixel of the painting is known; None for all.
    """

    frame: Tensor
    painted: Tensor
    counts: Tensor | None = None

    @classmethod
    def of(cls, frame: Tensor, painted: Tensor, counts: Tensor | None = None) -> Pair:
        """A pair of pictures (1, 3, H, W) in [0, 1]."""
        return cls((255 * frame).round().byte(), (255 * painted).round().byte(), counts)


def moved(frame: Tensor, key_frame: Tensor, key: Tensor, by: Estimate = search) -> Pair | None:
    """A frame near a key with the key's painting, moved along the optical flow.

    Args:
        frame, key_frame, key: (1, 3, H, W) in [0, 1].
        by: estimates the flow.

    Returns:
        None if too little of the frame is in the key's frame.
    """
    found = motion(frame, key_frame, by)
    counts = found.trust > TRUSTED
    if float(counts.float().mean()) < ENOUGH:
        return None
    return Pair.of(frame, warp(key, found.flow).clamp(0, 1), counts)


@dataclass(frozen=True)
class KeyObjective:
    """What judges a painted crop.

    Attributes:
        extractor: the feature extractor of the losses.
        pixel_weight, feature_weight: of squared differences from the key, relative to its variance.
        style_weight: of the distance of the moments of features, as in `artgen style`.
    """

    extractor: FeatureExtractor
    pixel_weight: float = 1.0
    feature_weight: float = 0.3
    style_weight: float = 10.0

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers that are looked at."""
        return tuple({*MARKS, *STROKES})

    def terms(self, wanted: Tensor) -> list[Term]:
        """All terms for one crop of a key (1, 3, h, w)."""
        targets = style_moments(self.extractor, [wanted], [1.0], tuple(STROKES))
        return [
            content_term(self.extractor, wanted, {"image": 1.0}, self.pixel_weight, name="pixels"),
            content_term(self.extractor, wanted, MARKS, self.feature_weight, name="features"),
            style_term(targets, STROKES, "moments", self.style_weight),
            gamut_term(GAMUT),
        ]


class KeyLessons:
    """Lessons of a painter of keys.

    Args:
        objective: what judges a painted crop.
        keys: the keys, with their own frames.
        beside: frames near them.
        side: of the crops, in pixels, a multiple of STRIDE.
        generator: of all random choices.
    """

    refused: Sequence[str] = ()

    def __init__(
        self,
        objective: KeyObjective,
        keys: Sequence[Pair],
        beside: Sequence[Pair],
        side: int,
        generator: torch.Generator,
    ) -> None:
        self.objective, self.keys, self.beside = objective, keys, beside
        self.side, self.generator = side, generator

    def draw(self, painter: Painter) -> Lesson:
        """A crop of a frame whose painting is known, wholly or in part."""
        device = painter.photo_gain.device
        pair = self._pair()
        size = pair.frame.shape[-2:]
        top, left = (STRIDE * self._below((n - self.side) // STRIDE + 1) for n in size)
        place = (..., slice(top, top + self.side), slice(left, left + self.side))
        frame, wanted = (one[place].to(device).float() / 255 for one in (pair.frame, pair.painted))
        counts = None if pair.counts is None else pair.counts[place].to(device)
        moments = _moments(painter, pair.frame.to(device).float() / 255)
        return Lesson(
            frame,
            {KEY: 1.0},
            self.objective.terms(wanted),
            corner=(top + STRIDE, left + STRIDE),  # as `inference.paint` pads a picture
            moments=lambda _: moments,
            seen=lambda made: made if counts is None else torch.where(counts, made, wanted),
        )

    def few(self) -> None:
        """None: there are only a few."""

    def state(self) -> State:
        """The generator's state."""
        return {"random": self.generator.get_state()}

    def load(self, state: State) -> None:
        """Go on from a state."""
        self.generator.set_state(state["random"])

    def _pair(self) -> Pair:
        own = float(torch.rand((), generator=self.generator)) < OWN
        among = self.keys if own or not self.beside else self.beside
        return among[self._below(len(among))]

    def _below(self, count: int) -> int:
        """A random number from 0 to count - 1; 0 if that is none."""
        return int(torch.randint(max(count, 1), (), generator=self.generator))


@torch.no_grad()
def _moments(painter: Painter, frame: Tensor) -> Moments:
    """Moments of a painter's norm for a whole frame (1, 3, H, W): a crop of sky has others."""
    walk = painter.walk(padded(frame), painter.mix({KEY: 1.0}))
    found = measure(next(walk))
    walk.close()
    return found
